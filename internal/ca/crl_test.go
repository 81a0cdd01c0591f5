package ca

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// fakeRevocations keep what was revoked as the database would.
type fakeRevocations struct {
	list   []Revocation
	number int64
	fail   error
}

func (f *fakeRevocations) Revoke(_ context.Context, r Revocation) error {
	f.list = append(f.list, r)
	return f.fail
}

func (f *fakeRevocations) Revoked(context.Context, string, time.Time) ([]Revocation, error) {
	return f.list, f.fail
}

func (f *fakeRevocations) NextCRLNumber(context.Context, string) (int64, error) {
	f.number++
	return f.number, nil
}

func revoke(t *testing.T, issuer string, serial Serial, reason pki.Reason) Revocation {
	t.Helper()
	r, err := NewRevocation(issuer, serial, reason, issueTime)
	require.NoError(t, err)
	return r
}

func TestListNamesWhatWasRevoked(t *testing.T) {
	t.Parallel()
	for _, kind := range []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyECDSAP256} {
		a := newAuthority(t, "x", kind, kind)
		f := &fakeRevocations{}
		require.NoError(t, f.Revoke(t.Context(), revoke(t, "x", "0b", pki.ReasonSuperseded)))
		require.NoError(t, f.Revoke(t.Context(), revoke(t, "x", "0a", pki.ReasonUnspecified)))
		dir := t.TempDir()
		for want := int64(1); want < 3; want++ {
			number, err := PublishCRL(t.Context(), a, f, dir, issueTime)
			require.NoError(t, err)
			require.Equal(t, want, number)
		}
		der, err := os.ReadFile(filepath.Join(dir, "x.crl"))
		require.NoError(t, err)
		list, err := pki.ParseCRL(der)
		require.NoError(t, err)
		require.NoError(t, list.CheckSignatureFrom(a.certificate))
		require.EqualValues(t, 2, list.Number.Int64())
		require.Equal(t, 24*time.Hour, list.NextUpdate.Sub(list.ThisUpdate))
		require.Len(t, list.Entries, 2)
		entry, found := list.Find(Serial("0b").Int())
		require.True(t, found)
		require.Equal(t, pki.ReasonSuperseded, entry.Reason)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 1, "no temporary file is left")
	}
}

func TestLaterListStays(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t, "x", alg.KeyECDSAP256, alg.KeyECDSAP256), t.TempDir()
	file := filepath.Join(dir, "x.crl")
	require.NoError(t, os.WriteFile(file, []byte("damaged"), 0o600))
	_, err := PublishCRL(t.Context(), a, &fakeRevocations{number: 8}, dir, issueTime)
	require.NoError(t, err)
	later, err := os.ReadFile(file)
	require.NoError(t, err)
	number, err := PublishCRL(t.Context(), a, &fakeRevocations{number: 6}, dir, issueTime)
	require.NoError(t, err)
	require.EqualValues(t, 7, number)
	still, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, later, still)
}

func TestOpenSSLReadsTheList(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	c := issue(t, a, individual(t, alg.KeyECDSAP256))
	serial, err := SerialOf(c.SerialNumber)
	require.NoError(t, err)
	dir := t.TempDir()
	verify := func(list []Revocation) string {
		der, err := a.SignCRL(t.Context(), CRL{Number: 1, ThisUpdate: issueTime, Entries: list})
		require.NoError(t, err)
		for name, content := range map[string][]byte{
			"crl.der": der, "root.pem": pki.EncodeCertificates(a.certificate), "end.pem": pki.EncodeCertificates(c),
		} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
		}
		crl := filepath.Join(dir, "crl.pem")
		out, err := exec.Command("openssl", "crl", "-inform", "DER", "-in", filepath.Join(dir, "crl.der"), "-out", crl).CombinedOutput()
		require.NoError(t, err, string(out))
		// The verdict is in the text: openssl fails for a revoked certificate.
		out, _ = exec.Command("openssl", "verify", "-crl_check", "-attime", "1772450000", "-CAfile", filepath.Join(dir, "root.pem"),
			"-CRLfile", crl, filepath.Join(dir, "end.pem")).CombinedOutput()
		return string(out)
	}
	require.Contains(t, verify(nil), ": OK")
	require.Contains(t, verify([]Revocation{revoke(t, "ecdsa", serial, pki.ReasonKeyCompromise)}), "certificate revoked")
}

func TestRevocationsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, reason := range []pki.Reason{
		pki.ReasonCACompromise, pki.ReasonCertificateHold, pki.ReasonRemoveFromCRL, pki.ReasonAACompromise, 7, -1, 99,
	} {
		_, err := NewRevocation("x", "0a", reason, issueTime)
		require.ErrorIs(t, err, ErrReason)
	}
	for _, serial := range []Serial{"", "0", "x"} {
		_, err := NewRevocation("x", serial, pki.ReasonSuperseded, issueTime)
		require.ErrorIs(t, err, ErrSerial)
	}
	_, err := NewRevocation("", "0a", pki.ReasonSuperseded, issueTime)
	require.Error(t, err)
}

func TestListsThatAreNotMade(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "x", alg.KeyECDSAP256, alg.KeyECDSAP256)
	_, err := a.SignCRL(t.Context(), CRL{Number: 1, ThisUpdate: issueTime, Entries: []Revocation{revoke(t, "y", "0a", pki.ReasonSuperseded)}})
	require.Error(t, err)
	_, err = a.SignCRL(t.Context(), CRL{Number: -1, ThisUpdate: issueTime})
	require.Error(t, err)
	_, err = PublishCRL(t.Context(), a, &fakeRevocations{fail: errCrash}, t.TempDir(), issueTime)
	require.ErrorIs(t, err, errCrash)
	_, err = PublishCRL(t.Context(), a, &fakeRevocations{}, filepath.Join(t.TempDir(), "missing"), issueTime)
	require.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = a.SignCRL(ctx, CRL{Number: 1, ThisUpdate: issueTime})
	require.ErrorIs(t, err, context.Canceled)
}
