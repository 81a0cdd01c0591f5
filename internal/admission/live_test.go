package admission

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// cases are the field cases of certificates and revocation lists.
const cases = "../cli/requestcli/testdata/cases"

// live is a trust directory of the field cases, with the instant at which they are looked at.
type live struct {
	t    *testing.T
	dir  string
	cert *pki.Certificate
	at   time.Time
}

func newLive(t *testing.T, files ...string) live {
	t.Helper()
	l := live{t: t, dir: t.TempDir(), at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	for _, file := range append(files, "base/trust-e/root.cer", "base/trust-e/issuing.cer") {
		l.add(file)
	}
	raw, err := os.ReadFile(filepath.Join(cases, "base", "vera-e.cer"))
	require.NoError(t, err)
	l.cert, err = pki.ParseCertificate(raw)
	require.NoError(t, err)
	return l
}

// add puts a file of the cases into the directory, as whoever fetches lists does.
func (l live) add(file string) {
	l.t.Helper()
	raw, err := os.ReadFile(filepath.Join(cases, file))
	require.NoError(l.t, err)
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, filepath.Base(file)), raw, 0o600))
}

func (l live) open(log *bytes.Buffer) *TrustDirectory {
	l.t.Helper()
	// As the cases' commands: their authority has no list of its root for that day.
	d, err := OpenTrustDirectory(l.dir, path.Options{Revocation: path.RevocationLeaf}, slog.New(slog.NewTextHandler(log, nil)))
	require.NoError(l.t, err, "it starts")
	return d
}

func (l live) verdict(d *TrustDirectory) fault.Code {
	_, err := d.Validate(l.cert, l.at)
	return fault.CodeOf(err)
}

// unusable are files that a trust directory may get, each with what is wrong with it.
var unusable = map[string]fault.Code{
	"crl-05-delta.crl": fault.CriticalExtension, "crl-06-indirect.crl": fault.CriticalExtension, "crl-21-some-reasons.crl": fault.CriticalExtension,
	"crl-16-unknown-critical-entry.crl": fault.CriticalExtension, "crl-09-newline.crl": fault.Trailing, "crl-18-reason-integer.crl": fault.Malformed,
	"trustdirs/empty/aux.crl": fault.Malformed, "trustdirs/halfcer/other.cer": fault.Truncated, "trustdirs/t61ca/old-foreign.cer": fault.Malformed,
}

// The field case trustdir-live: a file that cannot be used comes into the
// directory of a running service, or is there when it starts. It takes nothing
// away: who is revoked stays revoked, who is not stays good, it is skipped,
// said once and counted; a list that comes later beside it counts (A1).
func TestA1_AnUnusableFileInALiveDirectoryTakesNothingAway(t *testing.T) {
	for file, want := range unusable {
		for list, verdict := range map[string]fault.Code{"crl-00-plain.crl": "", "crl-00-revoked.crl": fault.Revoked} {
			t.Run(file+" beside "+list, func(t *testing.T) {
				l, log := newLive(t, list), &bytes.Buffer{}
				d := directory{TrustDirectory: l.open(log)}
				require.Equal(t, verdict, l.verdict(d.TrustDirectory))

				l.add(file)
				for range 3 {
					d.age()
					require.Equal(t, verdict, l.verdict(d.TrustDirectory))
				}
				require.Len(t, d.Skipped(), 1)
				require.Equal(t, filepath.Base(file), filepath.Base(d.Skipped()[0].File))
				require.Equal(t, want, fault.CodeOf(d.Skipped()[0].Err))
				require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("not used")), log.String())

				started := l.open(&bytes.Buffer{})
				require.Equal(t, verdict, l.verdict(started), "a service that starts over it")
				require.Len(t, started.Skipped(), 1)

				l.add("crl-00-revoked.crl")
				d.age()
				require.Equal(t, fault.Revoked, l.verdict(d.TrustDirectory), "a list that comes later counts")
				require.NoError(t, os.Remove(filepath.Join(l.dir, filepath.Base(file))))
				d.age()
				require.Equal(t, fault.Revoked, l.verdict(d.TrustDirectory))
			})
		}
	}
}

// A file that nobody can use is never the reason to believe: with no other list
// nobody is in force.
func TestA1_AnUnusableFileAloneIsNoList(t *testing.T) {
	for file := range unusable {
		l := newLive(t, file)
		require.Equal(t, fault.CRLMissing, l.verdict(l.open(&bytes.Buffer{})), file)
	}
}
