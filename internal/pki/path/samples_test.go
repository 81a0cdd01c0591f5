package path_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

var reference = pkitest.Reference()

func sampleTrust(t testing.TB) path.Trust {
	t.Helper()
	trust, err := path.LoadTrust(filepath.Join(pkitest.Dir(), "samples", "ca"))
	require.NoError(t, err)
	require.Len(t, trust.Roots, 1)
	require.Len(t, trust.Intermediates, 1)
	for _, name := range []string{"crl/root.crl", "crl/issuing.crl"} {
		crl, err := pki.ParseCRL(pkitest.Sample(t, name))
		require.NoError(t, err)
		trust.CRLs = append(trust.CRLs, crl)
	}
	return trust
}

func TestA1_SampleCertificatesGetTheirVerdict(t *testing.T) {
	v := path.NewValidator(sampleTrust(t), path.Options{Revocation: path.RevocationAll})
	verdicts := map[string]fault.Code{
		"cert/emp1.cer": "", "cert/emp2.cer": "", "cert/mgr1.cer": "", "cert/ind1.cer": "",
		"cert/emp-expired.cer": fault.Expired, "cert/emp-revoked.cer": fault.Revoked,
	}
	for name, want := range verdicts {
		t.Run(name, func(t *testing.T) {
			chain, err := v.Validate(pkitest.Certificate(t, name), reference)
			require.Equal(t, want, fault.CodeOf(err), "%v", err)
			if want == "" {
				require.Len(t, chain, 3)
			}
		})
	}
	_, err := v.Validate(pkitest.Certificate(t, "cert/emp-revoked.cer"), reference)
	require.ErrorContains(t, err, "superseded")
}

func TestM6_SampleAttributeCertificateIsTheManagers(t *testing.T) {
	v := path.NewValidator(sampleTrust(t), path.Options{Revocation: path.RevocationAll})
	a, err := pki.ParseAttributeCertificate(pkitest.Sample(t, "cert/mgr1.acr"))
	require.NoError(t, err)
	require.NoError(t, v.ValidateAttribute(a, pkitest.Certificate(t, "cert/mgr1.cer"), reference))
	require.Equal(t, "190000018", a.Get(pki.OIDUNP))
	require.Equal(t, "Директор", a.Get(pki.OIDTitle))
	require.Equal(t, fault.Holder, fault.CodeOf(v.ValidateAttribute(a, pkitest.Certificate(t, "cert/emp1.cer"), reference)))
	require.Equal(t, fault.Expired, fault.CodeOf(v.ValidateAttribute(a, pkitest.Certificate(t, "cert/mgr1.cer"), reference.AddDate(2, 0, 0))))
}

func TestM6_SampleSignaturesGetTheirVerdict(t *testing.T) {
	list, tampered := pkitest.Sample(t, "cms/list.json"), pkitest.Sample(t, "cms/list.tampered.json")
	manager, employee := pkitest.Certificate(t, "cert/mgr1.cer"), pkitest.Certificate(t, "cert/emp1.cer")
	for _, c := range []struct {
		file    string
		content []byte
		want    fault.Code
		signer  *pki.Certificate
	}{
		{"cms/list.json.p7s", list, "", manager},
		{"cms/list.json.p7s", tampered, fault.DigestMismatch, nil},
		{"cms/list.json.p7s", nil, fault.NoContent, nil},
		{"cms/list.json.p7m", nil, "", manager},
		{"cms/list.json.p7m", list, "", manager},
		{"cms/list.json.p7m", tampered, fault.ContentDiffers, nil},
		{"cms/list.by-employee.p7s", list, "", employee},
		{"cms/list.withattrcert.p7s", list, "", manager},
		{"cms/list.withattrcert.p7s", tampered, fault.DigestMismatch, nil},
		{"cms/list.badsig.p7s", list, fault.BadSignature, nil},
	} {
		t.Run(c.file+" "+string(c.want), func(t *testing.T) {
			sd, err := cms.ParseSignedData(pkitest.Sample(t, c.file))
			require.NoError(t, err)
			got, err := sd.Verify(c.content)
			require.Equal(t, c.want, fault.CodeOf(err), "%v", err)
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
	verdicts := map[string]fault.Code{
		"req/emp1-ok.req": "", "req/emp1-ok.pem": "", "req/emp1-ok-newhdr.pem": "", "req/emp1-ok-in-cms.p7": "",
		"req/emp1-position-changed.req": "", "req/emp1-mismatch-surname.req": "", "req/emp1-wrong-start.req": "",
		"req/emp1-badsig.req": fault.BadSignature, "req/emp1-pub-off-curve.req": fault.BadKey,
		"req/emp1-val-2.5.29.16.req": "", "req/emp1-curve384.req": "", "req/emp2-ok.req": "", "req/ind1-ok.req": "",
		"req/mgr1-ok.req": "",
	}
	files, err := filepath.Glob(filepath.Join(pkitest.Dir(), "samples", "req", "*"))
	require.NoError(t, err)
	require.Len(t, files, len(verdicts))
	for name, want := range verdicts {
		t.Run(name, func(t *testing.T) {
			r, err := cms.ParseRequestFile(pkitest.Sample(t, name))
			require.NoError(t, err)
			err = r.CheckSignature()
			require.Equal(t, want, fault.CodeOf(err), "%v", err)
		})
	}
}

func TestS5_SampleRequestsNameTheirPeriod(t *testing.T) {
	for name, source := range map[string]der.OID{
		"req/emp1-ok.req": pki.OIDCertificateValidity, "req/emp1-val-2.5.29.16.req": pki.OIDPrivateKeyUsagePeriod,
	} {
		r, err := cms.ParseRequestFile(pkitest.Sample(t, name))
		require.NoError(t, err)
		v, err := r.RequestedValidity()
		require.NoError(t, err)
		require.Equal(t, source, v.Source)
		require.Equal(t, "2026-12-03T00:00:00Z", v.NotBefore.Format(time.RFC3339))
		require.Equal(t, "2027-12-02T20:59:59Z", v.NotAfter.Format(time.RFC3339))
	}
}

func TestRealIssuingCertificateVerifiesUnderRealRoot(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(pkitest.Dir(), "gossuok-ca-certs.json"))
	require.NoError(t, err)
	var real struct {
		KUC, RUC struct {
			DER []byte `json:"der_base64"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &real))
	root, err := pki.ParseCertificate(real.KUC.DER)
	require.NoError(t, err)
	issuing, err := pki.ParseCertificate(real.RUC.DER)
	require.NoError(t, err)
	require.NoError(t, root.CheckSignatureFrom(root))
	require.NoError(t, issuing.CheckSignatureFrom(root))
	require.Equal(t, fault.BadSignature, fault.CodeOf(root.CheckSignatureFrom(issuing)))
	id, err := alg.SubjectKeyID(root.PublicKey)
	require.NoError(t, err)
	require.Equal(t, root.SubjectKeyID, id)

	v := path.NewValidator(path.Trust{Roots: []*pki.Certificate{root}}, path.Options{Revocation: path.RevocationOff})
	_, err = v.Validate(issuing, issuing.NotBefore.Add(time.Hour))
	require.NoError(t, err)
	_, err = v.Validate(issuing, issuing.NotAfter.Add(time.Second))
	require.Equal(t, fault.Expired, fault.CodeOf(err))
}
