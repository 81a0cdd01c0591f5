package testca_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestA1_PersonsOfEveryAlgorithmHaveAGoodPath(t *testing.T) {
	for _, kind := range []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyBign384, alg.KeyBign512, alg.KeyECDSAP256, alg.KeyECDSAP384, alg.KeyRSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			ca, err := testca.New(testca.Options{Algorithm: kind, From: now.AddDate(-1, 0, 0)})
			require.NoError(t, err)
			for profile, subject := range map[testca.Profile]order.Subject{
				testca.ProfileExtensions: testca.SampleEmployee(), testca.ProfileName: testca.SampleEmployee(),
				testca.ProfileIndividual: testca.SampleIndividual(),
			} {
				key, err := alg.GenerateKey(kind, rand.Reader)
				require.NoError(t, err)
				cert, err := ca.Issue(profile, subject, key.Public(), now.AddDate(0, 0, -1), now.AddDate(1, 0, 0))
				require.NoError(t, err)
				require.Equal(t, subject, cert.Subject())

				trust := ca.Trust()
				crl, err := ca.CRL(now)
				require.NoError(t, err)
				root, err := ca.RootCRL(now)
				require.NoError(t, err)
				trust.CRLs = []*pki.CRL{crl, root}
				_, err = path.NewValidator(trust, path.Options{}).Validate(cert, now)
				require.NoError(t, err)

				trust.CRLs[0], err = ca.CRL(now, pki.Revoked{SerialNumber: cert.SerialNumber, At: now, Reason: pki.ReasonKeyCompromise})
				require.NoError(t, err)
				_, err = path.NewValidator(trust, path.Options{}).Validate(cert, now)
				require.Equal(t, fault.Revoked, fault.CodeOf(err))
			}
		})
	}
}

func TestM6_AttributeCertificateOfTheAuthorityIsAccepted(t *testing.T) {
	ca, err := testca.New(testca.Options{From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	holder, err := ca.Issue(testca.ProfileIndividual, testca.SampleIndividual(), key.Public(), now, now.AddDate(1, 0, 0))
	require.NoError(t, err)
	a, err := ca.IssueAttribute(holder, testca.SampleEmployee(), now, now.AddDate(1, 0, 0))
	require.NoError(t, err)
	v := path.NewValidator(ca.Trust(), path.Options{Revocation: path.RevocationOff})
	require.NoError(t, v.ValidateAttribute(a, holder, now))
	require.Equal(t, "190000018", a.Subject().UNP)
	require.Equal(t, "Бухгалтер", a.Subject().Position)

	other, err := testca.New(testca.Options{From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	v = path.NewValidator(other.Trust(), path.Options{Revocation: path.RevocationOff})
	require.Equal(t, fault.BadSignature, fault.CodeOf(v.ValidateAttribute(a, holder, now)))
}

func TestSaveAndLoadKeepTheCA(t *testing.T) {
	dir := t.TempDir()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyECDSAP256, From: now})
	require.NoError(t, err)
	require.NoError(t, ca.Save(dir, now))
	again, err := testca.Load(dir, testca.Options{})
	require.NoError(t, err)
	require.Equal(t, ca.Issuing.Certificate.Raw, again.Issuing.Certificate.Raw)
	trust, err := path.LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, trust.Roots, 1)
	require.Len(t, trust.Intermediates, 1)
	require.Len(t, trust.CRLs, 2)

	_, err = testca.Load(t.TempDir(), testca.Options{})
	require.Error(t, err)
}
