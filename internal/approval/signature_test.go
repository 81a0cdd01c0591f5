package approval_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// samples were made by an implementation of the STB algorithms independent of ours.
const samples = "../pki/testdata/samples"

// reference is the clock of the samples.
var reference = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(samples, filepath.FromSlash(name)))
	require.NoError(t, err)
	return data
}

func sampleValidator(t *testing.T) *path.Validator {
	t.Helper()
	trust, err := path.LoadTrust(filepath.Join(samples, "ca"))
	require.NoError(t, err)
	for _, name := range []string{"crl/root.crl", "crl/issuing.crl"} {
		crl, err := pki.ParseCRL(sample(t, name))
		require.NoError(t, err)
		trust.CRLs = append(trust.CRLs, crl)
	}
	return path.NewValidator(trust, path.Options{})
}

func TestM6_SignaturesOfAnotherImplementation(t *testing.T) {
	passed := order.Report{
		{Code: order.CheckSignature, Verdict: order.VerdictPassed}, {Code: order.CheckCertificate, Verdict: order.VerdictPassed},
	}
	bad := func(code fault.Code) order.Report {
		return order.Report{{Code: order.CheckSignature, Verdict: order.VerdictFailed, Cause: string(code)}}
	}
	for _, c := range []struct {
		name, content, signature string
		at                       time.Time
		report                   order.Report
		position                 string
	}{
		{"the manager", "cms/list.json", "cms/list.json.p7s", reference, passed, "Директор"},
		{"with an attribute certificate", "cms/list.json", "cms/list.withattrcert.p7s", reference, passed, "Директор"},
		{"an employee: good, who it is is decided elsewhere", "cms/list.json", "cms/list.by-employee.p7s", reference, passed, "Специалист"},
		{"a bit of the signature flipped", "cms/list.json", "cms/list.badsig.p7s", reference, bad(fault.BadSignature), ""},
		{"other content", "cms/list.tampered.json", "cms/list.json.p7s", reference, bad(fault.DigestMismatch), ""},
		{"no signature at all", "cms/list.json", "cms/list.json", reference, bad(fault.Malformed), ""},
		{"after the certificate has ended", "cms/list.json", "cms/list.json.p7s", reference.AddDate(10, 0, 0), order.Report{
			{Code: order.CheckSignature, Verdict: order.VerdictPassed},
			{Code: order.CheckCertificate, Verdict: order.VerdictFailed, Cause: string(fault.Expired)},
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, signer := approval.Verify(sampleValidator(t), sample(t, c.content), sample(t, c.signature), c.at)
			require.Equal(t, c.report, report)
			require.Equal(t, c.position, signer.Position)
			if !report.Passed() {
				require.Zero(t, signer)
			}
		})
	}
}

// signers are a CA and its persons' one key.
type signers struct {
	*testca.CA
	list []byte
}

func (s signers) validator(t *testing.T, revoked ...pki.Revoked) *path.Validator {
	t.Helper()
	trust := s.Trust()
	issuing, err := s.CRL(reference, revoked...)
	require.NoError(t, err)
	root, err := s.RootCRL(reference)
	require.NoError(t, err)
	trust.CRLs = []*pki.CRL{issuing, root}
	return path.NewValidator(trust, path.Options{})
}

func newSigners(t *testing.T) signers {
	t.Helper()
	ca, err := testca.New(testca.Options{From: reference.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	octets, err := os.ReadFile("list/testdata/list.xml")
	require.NoError(t, err)
	return signers{ca, octets}
}

func TestM6_AnIDCardSignsForTheOrganisationOfItsAttributeCertificate(t *testing.T) {
	s := newSigners(t)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	until := reference.AddDate(1, 0, 0)
	card, err := s.Issue(testca.ProfileIndividual, testca.SampleIndividual(), key.Public(), reference.AddDate(0, 0, -1), until)
	require.NoError(t, err)
	attribute, err := s.IssueAttribute(card, testca.SampleEmployee(), reference.AddDate(0, 0, -1), until)
	require.NoError(t, err)
	ended, err := s.IssueAttribute(card, testca.SampleEmployee(), reference.AddDate(0, -1, 0), reference.Add(-time.Second))
	require.NoError(t, err)
	another := testca.SampleEmployee()
	another.UNP, another.Organisation = "191700161", "Другая организация"
	other, err := s.IssueAttribute(card, another, reference.AddDate(0, 0, -1), until)
	require.NoError(t, err)
	for _, c := range []struct {
		name       string
		attributes []*pki.AttributeCertificate
		unp        string
	}{
		{"one beside that of another organisation", []*pki.AttributeCertificate{other, attribute}, "190000018"},
		{"one of another organisation", []*pki.AttributeCertificate{other}, "191700161"},
		{"a valid one", []*pki.AttributeCertificate{attribute}, "190000018"},
		{"one that has ended", []*pki.AttributeCertificate{ended}, ""},
		{"none", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			signature, err := cms.SignData(s.list, card, key, cms.SignOptions{AttributeCertificates: c.attributes})
			require.NoError(t, err)
			report, signer := approval.Verify(s.validator(t), s.list, signature, reference)
			require.True(t, report.Passed(), "%v", report)
			require.Equal(t, c.unp, signer.UNP)
			require.Equal(t, testca.SampleIndividual().PersonalNumber, signer.PersonalNumber)
		})
	}
}

func TestM6_TheSignerIsCheckedForRevocationAndMayBeACandidate(t *testing.T) {
	s := newSigners(t)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	manager, err := s.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), reference.AddDate(0, 0, -1), reference.AddDate(1, 0, 0))
	require.NoError(t, err)
	signature, err := cms.SignData(s.list, manager, key, cms.SignOptions{OmitCertificate: true})
	require.NoError(t, err)

	report, _ := approval.Verify(s.validator(t), s.list, signature, reference)
	require.False(t, report.Passed(), "nobody knows the signer's certificate")
	report, signer := approval.Verify(s.validator(t), s.list, signature, reference, manager)
	require.True(t, report.Passed())
	require.Equal(t, testca.SampleEmployee(), signer)

	revoked := pki.Revoked{SerialNumber: manager.SerialNumber, At: reference, Reason: pki.ReasonKeyCompromise}
	report, signer = approval.Verify(s.validator(t, revoked), s.list, signature, reference, manager)
	require.Equal(t, string(fault.Revoked), report.Failed()[0].Cause)
	require.Zero(t, signer)
}

func TestM6_ACertificationAuthoritySignsNoLists(t *testing.T) {
	s := newSigners(t)
	signature, err := cms.SignData(s.list, s.Issuing.Certificate, s.Issuing.Key, cms.SignOptions{})
	require.NoError(t, err)
	report, signer := approval.Verify(s.validator(t), s.list, signature, reference)
	require.Equal(t, order.Report{{Code: order.CheckCertificate, Verdict: order.VerdictFailed, Cause: string(fault.KeyUsage)}}, report.Failed())
	require.Zero(t, signer)
}
