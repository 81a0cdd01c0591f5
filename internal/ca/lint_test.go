package ca

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// Each fault of the to-be-signed bytes is found before anything is signed.
func TestLintFindsEveryFault(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "bign", alg.KeyBign256, alg.KeyBign256)
	other := newAuthority(t, "other", alg.KeyBign256, alg.KeyBign256)
	kind := a.profile.Kinds[order.KindIndividual]
	app := individual(t, alg.KeyBign256)
	set := func(e pki.Extension) func(*pki.Template) {
		return func(tm *pki.Template) {
			for i := range tm.Extensions {
				if tm.Extensions[i].OID.Equal(e.OID) {
					tm.Extensions[i] = e
					return
				}
			}
			tm.Extensions = append(tm.Extensions, e)
		}
	}
	for name, spoil := range map[string]func(*pki.Template){
		"short serial":       func(tm *pki.Template) { tm.SerialNumber = big.NewInt(7) },
		"ends at noon":       func(tm *pki.Template) { tm.NotAfter = tm.NotAfter.Add(-12 * time.Hour) },
		"outlasts issuer":    func(tm *pki.Template) { tm.NotAfter = a.certificate.NotAfter.AddDate(1, 0, 0) },
		"before the issuer":  func(tm *pki.Template) { tm.NotBefore = a.certificate.NotBefore.Add(-time.Second) },
		"issuer's own key":   func(tm *pki.Template) { tm.PublicKey = a.certificate.PublicKey },
		"another kind":       func(tm *pki.Template) { tm.PublicKey = newKey(t, alg.KeyECDSAP256).Public() },
		"no subject":         func(tm *pki.Template) { tm.Subject, _ = pki.NewName(der.UTF8String) },
		"CA":                 set(pki.BasicConstraintsExtension(true, 0)),
		"key usage":          set(pki.KeyUsageExtension(x509.KeyUsageCertSign)),
		"purposes":           set(pki.ExtKeyUsageExtension(pki.OIDClientAuth)),
		"policies":           set(pki.PoliciesExtension(pki.OIDPolicyRoot)),
		"list address":       set(pki.CRLDistributionExtension("http://other.example/")),
		"issuer address":     set(pki.AuthorityInfoExtension("", a.profile.OCSPAddress)),
		"subject key id":     set(pki.SubjectKeyIDExtension([]byte{1})),
		"authority key id":   set(pki.AuthorityKeyIDExtension(other.certificate.SubjectKeyID)),
		"extension repeated": func(tm *pki.Template) { tm.Extensions = append(tm.Extensions, tm.Extensions[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, err := a.template(kind, app, Serial("40e46b8d7f2ae2fb00000003"))
			require.NoError(t, err)
			good, err := pki.BuildTBS(template, pki.IssuerOf(a.certificate))
			require.NoError(t, err)
			require.NoError(t, a.lint(good, kind, app))
			spoil(&template)
			bad, err := pki.BuildTBS(template, pki.IssuerOf(a.certificate))
			require.NoError(t, err)
			require.ErrorIs(t, a.lint(bad, kind, app), ErrLint)
		})
	}
	require.ErrorIs(t, a.lint([]byte{1}, kind, app), ErrLint)
}

func TestLintAsksZlintWhereItApplies(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	kind := a.profile.Kinds[order.KindIndividual]
	app := individual(t, alg.KeyECDSAP256)
	template, err := a.template(kind, app, Serial("40e46b8d7f2ae2fb00000003"))
	require.NoError(t, err)
	for i := range template.Extensions {
		if template.Extensions[i].OID.Equal(pki.OIDAuthorityKeyID) {
			template.Extensions[i].Critical = true
		}
	}
	tbs, err := pki.BuildTBS(template, pki.IssuerOf(a.certificate))
	require.NoError(t, err)
	err = a.lint(tbs, kind, app)
	require.ErrorIs(t, err, ErrLint)
	require.ErrorContains(t, err, "e_ext_authority_key_identifier_critical")
}

func TestKeyUsageIsWhatTheKeyCanDo(t *testing.T) {
	t.Parallel()
	kind := gosProfile(alg.KeyRSA2048).Kinds[order.KindEmployee]
	for key, want := range map[alg.KeyAlgorithm]x509.KeyUsage{
		alg.KeyBign256: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment |
			x509.KeyUsageKeyAgreement,
		alg.KeyECDSAP256: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement,
		alg.KeyRSA2048:   x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
	} {
		usage, err := kind.usageOf(newKey(t, key).Public())
		require.NoError(t, err)
		require.Equal(t, want, usage)
	}
}

func TestSignRefusesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "a", alg.KeyECDSAP256, alg.KeyECDSAP256)
	b := newAuthority(t, "b", alg.KeyECDSAP256, alg.KeyECDSAP256)
	p, err := b.Prepare(individual(t, alg.KeyECDSAP256))
	require.NoError(t, err)
	_, err = a.Sign(t.Context(), MarkStored(p))
	require.ErrorIs(t, err, ErrSignature)

	p.Issuer, p.TBS = "a", []byte("\x30\x00")
	_, err = a.Sign(t.Context(), MarkStored(p))
	require.ErrorIs(t, err, ErrSignature)
}

// A key that signs with something else than the certificate says (a token
// restored from the wrong backup) is noticed before the certificate leaves.
func TestSignVerifiesTheFreshSignature(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "a", alg.KeyECDSAP256, alg.KeyECDSAP256)
	p, err := a.Prepare(individual(t, alg.KeyECDSAP256))
	require.NoError(t, err)
	a.signer = newKey(t, alg.KeyECDSAP256)
	_, err = a.Sign(t.Context(), MarkStored(p))
	require.ErrorIs(t, err, ErrSignature)
	_, err = a.SignCRL(t.Context(), CRL{Number: 1, ThisUpdate: issueTime})
	require.ErrorIs(t, err, ErrSignature)
}
