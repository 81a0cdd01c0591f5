// Package pkitest gives the tests of the rooms of package pki their samples:
// documents made by an independent implementation, all persons invented.
package pkitest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Reference is the clock of the samples' manifest.
func Reference() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// Dir is the directory of the samples, looked for upwards from where the test
// runs: a program built with -trimpath does not know its sources' place. Empty
// when the test runs outside of the repository.
func Dir() string {
	at, err := os.Getwd()
	for err == nil {
		dir := filepath.Join(at, "internal", "pki", "testdata")
		if _, missing := os.Stat(dir); missing == nil {
			return dir
		}
		parent := filepath.Dir(at)
		if parent == at {
			break
		}
		at = parent
	}
	return ""
}

// Sample reads a sample, such as "cert/emp1.cer".
func Sample(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, "samples", name)
}

// OpenSSL reads one of the files of testdata/openssl, which were made once
// with OpenSSL 3.0 and req.cnf beside them.
func OpenSSL(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, "openssl", name)
}

func read(t testing.TB, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(Dir(), folder, filepath.FromSlash(name)))
	require.NoError(t, err)
	return data
}

// Certificate reads a sample certificate.
func Certificate(t testing.TB, name string) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(Sample(t, name))
	require.NoError(t, err)
	return c
}
