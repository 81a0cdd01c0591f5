package admission

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// directory is a trust directory of a CA, with a certificate that lasts from
// an hour ago for a year and what the directory logs.
type directory struct {
	*TrustDirectory
	ca   *testca.CA
	path string
	cert *pki.Certificate
	log  *bytes.Buffer
}

func open(t *testing.T) directory {
	t.Helper()
	now := time.Now()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyECDSAP256, From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, ca.Save(dir, now))
	d := directory{ca: ca, path: dir, log: &bytes.Buffer{}}
	d.cert = d.issue(t, now.Add(-time.Hour))
	d.TrustDirectory, err = OpenTrustDirectory(dir, path.Options{}, slog.New(slog.NewTextHandler(d.log, nil)))
	require.NoError(t, err)
	return d
}

func (d directory) issue(t *testing.T, from time.Time) *pki.Certificate {
	t.Helper()
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	cert, err := d.ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), from, from.AddDate(1, 0, 0))
	require.NoError(t, err)
	return cert
}

// age makes what is loaded old enough to be read again.
func (d directory) age() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.loadedAt = d.loadedAt.Add(-reloadAfter)
}

// revoke publishes a list with the certificate on it.
func (d directory) revoke(t *testing.T) {
	t.Helper()
	crl, err := d.ca.CRL(time.Now(), pki.Revoked{SerialNumber: d.cert.SerialNumber, At: time.Now(), Reason: pki.ReasonKeyCompromise})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(d.path, "issuing.crl"), crl.Raw, 0o600))
}

func (d directory) verdict() fault.Code {
	_, err := d.Validate(d.cert, time.Now())
	return fault.CodeOf(err)
}

func TestA1_ADirectoryWithoutARootIsNoTrust(t *testing.T) {
	_, err := OpenTrustDirectory(t.TempDir(), path.Options{}, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "trust")
	_, err = OpenTrustDirectory(filepath.Join(t.TempDir(), "none"), path.Options{}, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestA1_NewRevocationListsAreSeenOnceTheOldAreOld(t *testing.T) {
	d := open(t)
	require.Empty(t, d.verdict())
	d.revoke(t)
	require.Empty(t, d.verdict(), "the directory is not read for each question")
	d.age()
	require.Equal(t, fault.Revoked, d.verdict())
	require.Empty(t, d.log.String())
}

func TestA1_ABrokenDirectoryLeavesTheLastStateInUse(t *testing.T) {
	d := open(t)
	d.revoke(t)
	d.age()
	require.Equal(t, fault.Revoked, d.verdict())

	list := filepath.Join(d.path, "issuing.crl")
	require.NoError(t, os.WriteFile(list, []byte("half a file"), 0o600))
	d.age()
	require.Equal(t, fault.Revoked, d.verdict())
	require.Contains(t, d.log.String(), "issuing.crl")
	require.Len(t, d.Skipped(), 1)
	require.True(t, d.Skipped()[0].Kept)
	said := d.log.Len()
	require.Equal(t, fault.Revoked, d.verdict())
	d.age()
	require.Equal(t, fault.Revoked, d.verdict())
	require.Equal(t, said, d.log.Len(), "what is skipped is said once")

	fresh, err := d.ca.CRL(time.Now())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(list, fresh.Raw, 0o600))
	d.age()
	require.Empty(t, d.verdict(), "a mended directory is used again")
	require.Empty(t, d.Skipped())

	require.NoError(t, os.Remove(filepath.Join(d.path, "root.cer")))
	d.age()
	require.Empty(t, d.verdict(), "without any root the last state stays")
	require.Contains(t, d.log.String(), "not read again")
}

func TestM6_DocumentsAreVerifiedAgainstTheListsOfToday(t *testing.T) {
	d := open(t)
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	d.cert, err = d.ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0))
	require.NoError(t, err)
	signature, err := cms.SignData([]byte("list"), d.cert, key, cms.SignOptions{})
	require.NoError(t, err)
	document, err := d.VerifyDocument(signature, []byte("list"), time.Now())
	require.NoError(t, err)
	require.Equal(t, testca.SampleEmployee(), document.Subject())
	_, err = d.VerifyDocument(signature, []byte("another list"), time.Now())
	require.Equal(t, fault.DigestMismatch, fault.CodeOf(err))

	d.revoke(t)
	d.age()
	_, err = d.VerifyDocument(signature, []byte("list"), time.Now())
	require.Equal(t, fault.Revoked, fault.CodeOf(err))
}

func TestI4_IssuersComeNearestFirst(t *testing.T) {
	d := open(t)
	want := [][]byte{d.ca.Issuing.Certificate.Raw, d.ca.Root.Certificate.Raw}
	revoked := d.cert
	d.revoke(t)
	d.age()
	for name, cert := range map[string]*pki.Certificate{
		"in force": d.issue(t, time.Now().Add(-time.Hour)), "begins in ten days": d.issue(t, time.Now().AddDate(0, 0, 10)),
		"revoked since": revoked,
	} {
		got, err := d.Issuers(cert.Raw)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	_, err := d.Issuers([]byte("no certificate"))
	require.Error(t, err)
	other := open(t)
	_, err = other.Issuers(d.cert.Raw)
	require.Equal(t, fault.UnknownIssuer, fault.CodeOf(err))
}

func TestA1_ManyAskWhileTheDirectoryIsReadAgain(t *testing.T) {
	d := open(t)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 20 {
				d.age()
				if code := d.verdict(); code != "" {
					t.Errorf("a good certificate is refused: %s", code)
				}
			}
		})
	}
	callers.Wait()
	require.Empty(t, d.log.String())
}
