package pki

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reference is the clock of the samples' manifest.
var reference = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "samples", filepath.FromSlash(name)))
	require.NoError(t, err)
	return data
}

func sampleCertificate(t testing.TB, name string) *Certificate {
	t.Helper()
	c, err := ParseCertificate(sample(t, name))
	require.NoError(t, err)
	return c
}

func sampleTrust(t testing.TB) Trust {
	t.Helper()
	trust, err := LoadTrust(filepath.Join("testdata", "samples", "ca"))
	require.NoError(t, err)
	require.Len(t, trust.Roots, 1)
	require.Len(t, trust.Intermediates, 1)
	for _, name := range []string{"crl/root.crl", "crl/issuing.crl"} {
		crl, err := ParseCRL(sample(t, name))
		require.NoError(t, err)
		trust.CRLs = append(trust.CRLs, crl)
	}
	return trust
}

func TestA1_SampleCertificatesGetTheirVerdict(t *testing.T) {
	v := NewValidator(sampleTrust(t), Options{Revocation: RevocationAll})
	verdicts := map[string]Code{
		"cert/emp1.cer": "", "cert/emp2.cer": "", "cert/mgr1.cer": "", "cert/ind1.cer": "",
		"cert/emp-expired.cer": CodeExpired, "cert/emp-revoked.cer": CodeRevoked,
	}
	for name, want := range verdicts {
		t.Run(name, func(t *testing.T) {
			chain, err := v.Validate(sampleCertificate(t, name), reference)
			require.Equal(t, want, CodeOf(err), "%v", err)
			if want == "" {
				require.Len(t, chain, 3)
			}
		})
	}
	_, err := v.Validate(sampleCertificate(t, "cert/emp-revoked.cer"), reference)
	require.ErrorContains(t, err, "superseded")
}

func TestM6_SampleAttributeCertificateIsTheManagers(t *testing.T) {
	v := NewValidator(sampleTrust(t), Options{Revocation: RevocationAll})
	a, err := ParseAttributeCertificate(sample(t, "cert/mgr1.acr"))
	require.NoError(t, err)
	require.NoError(t, v.ValidateAttribute(a, sampleCertificate(t, "cert/mgr1.cer"), reference))
	require.Equal(t, "190000018", a.Get(OIDUNP))
	require.Equal(t, "Директор", a.Get(OIDTitle))
	require.Equal(t, CodeHolder, CodeOf(v.ValidateAttribute(a, sampleCertificate(t, "cert/emp1.cer"), reference)))
	require.Equal(t, CodeExpired, CodeOf(v.ValidateAttribute(a, sampleCertificate(t, "cert/mgr1.cer"), reference.AddDate(2, 0, 0))))
}

func TestM6_SampleSignaturesGetTheirVerdict(t *testing.T) {
	list, tampered := sample(t, "cms/list.json"), sample(t, "cms/list.tampered.json")
	manager, employee := sampleCertificate(t, "cert/mgr1.cer"), sampleCertificate(t, "cert/emp1.cer")
	for _, c := range []struct {
		file    string
		content []byte
		want    Code
		signer  *Certificate
	}{
		{"cms/list.json.p7s", list, "", manager},
		{"cms/list.json.p7s", tampered, CodeDigestMismatch, nil},
		{"cms/list.json.p7s", nil, CodeNoContent, nil},
		{"cms/list.json.p7m", nil, "", manager},
		{"cms/list.json.p7m", list, "", manager},
		{"cms/list.json.p7m", tampered, CodeContentDiffers, nil},
		{"cms/list.by-employee.p7s", list, "", employee},
		{"cms/list.withattrcert.p7s", list, "", manager},
		{"cms/list.withattrcert.p7s", tampered, CodeDigestMismatch, nil},
		{"cms/list.badsig.p7s", list, CodeBadSignature, nil},
	} {
		t.Run(c.file+" "+string(c.want), func(t *testing.T) {
			sd, err := ParseSignedData(sample(t, c.file))
			require.NoError(t, err)
			got, err := sd.Verify(c.content)
			require.Equal(t, c.want, CodeOf(err), "%v", err)
			if c.want != "" {
				return
			}
			require.Equal(t, c.signer.Raw, got.Signer.Raw)
			require.Equal(t, list, got.Content)
			require.False(t, got.SigningTime.IsZero())
		})
	}
}

func TestS3_SampleRequestsProvePossession(t *testing.T) {
	verdicts := map[string]Code{
		"req/emp1-ok.req": "", "req/emp1-ok.pem": "", "req/emp1-ok-newhdr.pem": "", "req/emp1-ok-in-cms.p7": "",
		"req/emp1-position-changed.req": "", "req/emp1-mismatch-surname.req": "", "req/emp1-wrong-start.req": "",
		"req/emp1-badsig.req": CodeBadSignature, "req/emp1-pub-off-curve.req": CodeBadKey,
		"req/emp1-val-2.5.29.16.req": "", "req/emp1-curve384.req": "", "req/emp2-ok.req": "", "req/ind1-ok.req": "",
		"req/mgr1-ok.req": "",
	}
	files, err := filepath.Glob(filepath.Join("testdata", "samples", "req", "*"))
	require.NoError(t, err)
	require.Len(t, files, len(verdicts))
	for name, want := range verdicts {
		t.Run(name, func(t *testing.T) {
			r, err := ParseRequestFile(sample(t, name))
			require.NoError(t, err)
			err = r.CheckSignature()
			require.Equal(t, want, CodeOf(err), "%v", err)
		})
	}
}

func TestS5_SampleRequestsNameTheirPeriod(t *testing.T) {
	for name, source := range map[string]OID{
		"req/emp1-ok.req": OIDCertificateValidity, "req/emp1-val-2.5.29.16.req": OIDPrivateKeyUsagePeriod,
	} {
		r, err := ParseRequestFile(sample(t, name))
		require.NoError(t, err)
		v, err := r.RequestedValidity()
		require.NoError(t, err)
		require.Equal(t, source, v.Source)
		require.Equal(t, "2026-12-03T00:00:00Z", v.NotBefore.Format(time.RFC3339))
		require.Equal(t, "2027-12-02T20:59:59Z", v.NotAfter.Format(time.RFC3339))
	}
}

func TestRealIssuingCertificateVerifiesUnderRealRoot(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "gossuok-ca-certs.json"))
	require.NoError(t, err)
	var real struct {
		KUC, RUC struct {
			DER []byte `json:"der_base64"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &real))
	root, err := ParseCertificate(real.KUC.DER)
	require.NoError(t, err)
	issuing, err := ParseCertificate(real.RUC.DER)
	require.NoError(t, err)
	require.NoError(t, root.CheckSignatureFrom(root))
	require.NoError(t, issuing.CheckSignatureFrom(root))
	require.Equal(t, CodeBadSignature, CodeOf(root.CheckSignatureFrom(issuing)))
	id, err := SubjectKeyID(root.PublicKey)
	require.NoError(t, err)
	require.Equal(t, root.SubjectKeyID, id)

	v := NewValidator(Trust{Roots: []*Certificate{root}}, Options{Revocation: RevocationOff})
	_, err = v.Validate(issuing, issuing.NotBefore.Add(time.Hour))
	require.NoError(t, err)
	_, err = v.Validate(issuing, issuing.NotAfter.Add(time.Second))
	require.Equal(t, CodeExpired, CodeOf(err))
}
