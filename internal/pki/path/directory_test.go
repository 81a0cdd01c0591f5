package path_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// folder is a trust directory that tests change.
type folder struct {
	dir  string
	last *path.Directory
}

func (f *folder) put(t *testing.T, name string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, name), data, 0o600))
}

// read reads again and gives the verdict about a certificate.
func (f *folder) read(t *testing.T, c *pki.Certificate, at time.Time) fault.Code {
	t.Helper()
	d, err := path.ReadDirectory(f.dir, f.last, at)
	require.NoError(t, err)
	f.last = d
	_, err = path.NewValidator(d.Trust(), path.Options{}).Validate(c, at)
	return fault.CodeOf(err)
}

func (f *folder) skipped() map[string]bool {
	out := map[string]bool{}
	for _, s := range f.last.Trust().Skipped {
		out[s.File] = s.Kept
	}
	return out
}

// A directory that becomes worse keeps the last good state of what it lost.
func TestA1_ADirectoryThatBecomesWorseKeepsWhatItLost(t *testing.T) {
	root := issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	leaf := issue(t, "leaf", sub, step{notCA: true})
	hour := time.Hour
	good := func(number int64, since time.Duration, revoked ...pki.Revoked) []byte {
		return sub.forge(t, list{number: number, this: reference.Add(-since), next: reference.Add(hour), entries: revoked}).Raw
	}
	is := pki.Revoked{SerialNumber: leaf.cert.SerialNumber, At: reference.Add(-hour), Reason: pki.ReasonKeyCompromise}
	fromRoot := root.list(t, reference.Add(-hour), reference.Add(hour)).Raw
	start := func(t *testing.T) *folder {
		f := &folder{dir: t.TempDir()}
		f.put(t, "root.cer", root.cert.Raw)
		f.put(t, "sub.cer", sub.cert.Raw)
		f.put(t, "root.crl", fromRoot)
		f.put(t, "sub.crl", good(1, hour))
		require.Empty(t, f.read(t, leaf.cert, reference))
		require.Empty(t, f.skipped())
		return f
	}
	for name, c := range map[string]struct {
		change  func(t *testing.T, f *folder)
		want    fault.Code
		skipped map[string]bool
	}{
		"list cut off": {func(t *testing.T, f *folder) { f.put(t, "sub.crl", good(2, 0)[:60]) }, "", map[string]bool{"sub.crl": true}},
		"list empty":   {func(t *testing.T, f *folder) { f.put(t, "sub.crl", nil) }, "", map[string]bool{"sub.crl": true}},
		"list is a delta": {func(t *testing.T, f *folder) {
			f.put(t, "sub.crl", sub.forge(t, list{number: 2, this: reference, next: reference.Add(hour), extensions: []pki.Extension{{OID: pki.OID{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}}).Raw)
		}, "", map[string]bool{"sub.crl": true}},
		"list gone":          {func(t *testing.T, f *folder) { require.NoError(t, os.Remove(filepath.Join(f.dir, "sub.crl"))) }, "", map[string]bool{"sub.crl": true}},
		"certificate broken": {func(t *testing.T, f *folder) { f.put(t, "sub.cer", sub.cert.Raw[:40]) }, "", map[string]bool{"sub.cer": true}},
		"certificate gone":   {func(t *testing.T, f *folder) { require.NoError(t, os.Remove(filepath.Join(f.dir, "sub.cer"))) }, fault.UnknownIssuer, map[string]bool{}},
		"new broken file":    {func(t *testing.T, f *folder) { f.put(t, "other.cer", []byte("x")) }, "", map[string]bool{"other.cer": false}},
		"list revokes":       {func(t *testing.T, f *folder) { f.put(t, "sub.crl", good(2, 0, is)) }, fault.Revoked, map[string]bool{}},
		"delta beside a list that revokes": {func(t *testing.T, f *folder) {
			f.put(t, "sub.crl", good(2, 0, is))
			f.put(t, "delta.crl", sub.forge(t, list{number: 3, this: reference, next: reference.Add(hour), extensions: []pki.Extension{{OID: pki.OID{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}}).Raw)
		}, fault.Revoked, map[string]bool{"delta.crl": false}},
		"list goes back": {func(t *testing.T, f *folder) {
			f.put(t, "sub.crl", good(3, 0, is))
			require.Equal(t, fault.Revoked, f.read(t, leaf.cert, reference))
			f.put(t, "sub.crl", good(1, hour))
		}, fault.Revoked, map[string]bool{"sub.crl": true}},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			c.change(t, f)
			for range 2 {
				require.Equal(t, c.want, f.read(t, leaf.cert, reference))
				require.Equal(t, c.skipped, f.skipped())
			}
			f.put(t, "sub.cer", sub.cert.Raw)
			f.put(t, "sub.crl", good(9, 0))
			require.Empty(t, f.read(t, leaf.cert, reference), "a mended directory is used again")
		})
	}
	f := start(t)
	require.NoError(t, os.Remove(filepath.Join(f.dir, "sub.crl")))
	require.Equal(t, fault.CRLMissing, f.read(t, leaf.cert, reference.Add(2*hour)), "a stale list is not kept")
	require.NoError(t, os.Remove(filepath.Join(f.dir, "root.cer")))
	_, err := path.ReadDirectory(f.dir, f.last, reference)
	require.Error(t, err, "without a root the reading fails as a whole")
}

// What has not changed is not parsed and verified again.
func TestA1_AnUnchangedDirectoryIsReadOnce(t *testing.T) {
	root := issue(t, "root", nil, step{})
	f := &folder{dir: t.TempDir()}
	f.put(t, "root.cer", root.cert.Raw)
	f.put(t, "root.crl", root.list(t, reference, reference.Add(time.Hour)).Raw)
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{"root.cer", "root.crl"} {
		require.NoError(t, os.Chtimes(filepath.Join(f.dir, name), old, old))
	}
	first, err := path.ReadDirectory(f.dir, nil, time.Now())
	require.NoError(t, err)
	again, err := path.ReadDirectory(f.dir, first, time.Now())
	require.NoError(t, err)
	require.True(t, again.Same(first))
	require.Same(t, first.Trust().CRLs[0], again.Trust().CRLs[0])
	f.put(t, "root.crl", root.list(t, reference, reference.Add(2*time.Hour)).Raw)
	changed, err := path.ReadDirectory(f.dir, again, time.Now())
	require.NoError(t, err)
	require.False(t, changed.Same(again))
}
