package requestcli_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
)

var (
	checkLine = regexp.MustCompile(`^(failed|changed) +([^:(]*?)(?::.*?)?(?: \(([a-z-]+)\))?$`)
	usedLine  = regexp.MustCompile(`^not used: (.*?): ([a-z-]+)`)
)

// findings are the lines of a report that did not pass, without the values.
func findings(out string) string {
	var list []string
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if m := checkLine.FindStringSubmatch(line); m != nil {
			f := m[1] + " " + strings.TrimSpace(m[2])
			if m[3] != "" {
				f += " (" + m[3] + ")"
			}
			list = append(list, f)
		}
		if m := usedLine.FindStringSubmatch(line); m != nil {
			list = append(list, "not used "+m[1]+" ("+m[2]+")")
		}
	}
	return strings.Join(list, "; ")
}

// Every field case has the verdict of its row, for the reason of its row.
func TestFieldCases(t *testing.T) {
	t.Chdir("testdata/cases")
	table, err := os.ReadFile("cases.tsv")
	require.NoError(t, err)
	rows := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		require.Len(t, c, 4)
		rows++
		t.Run(c[0], func(t *testing.T) {
			out, err := run(t, strings.Fields(c[3])...)
			require.Equal(t, c[1], strconv.Itoa(requestcli.ExitCode(err)), "%s%v", out, err)
			got := strings.Split(findings(out), "; ")
			require.ElementsMatch(t, strings.Split(c[2], "; "), got)
		})
	}
	require.Equal(t, 125, rows)
}

func TestTrustCheckNamesEveryFileThatCannotBeUsed(t *testing.T) {
	t.Chdir("testdata/cases/trustdirs")
	for dir, want := range map[string]string{
		"delta": "delta.crl: critical-extension", "indirect": "aux.crl: critical-extension", "empty": "aux.crl: malformed",
		"halfcer": "other.cer: truncated", "t61ca": "old-foreign.cer: malformed",
	} {
		out, err := run(t, "trust", "check", dir, "--at", at)
		require.ErrorIs(t, err, requestcli.ErrVerdict, dir)
		require.Contains(t, out, "failed   "+want, dir)
		require.Contains(t, out, "roots: 1, intermediates: 1", dir)
	}
	out := must(t, "trust", "check", "../base/trust-e", "--at", at, "--json")
	require.Contains(t, out, `"findings": []`)
	_, err := run(t, "trust", "check", t.TempDir())
	require.Equal(t, 2, requestcli.ExitCode(err), "no root: nothing can be said")
	out, err = run(t, "trust", "check", "../base/trust-e", "--at", "2099-01-01", "--json")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, `"code": "expired"`)
}

// The field case tz-none: half an hour after midnight in Minsk is the day
// before in New York, where this machine believes to be. The program carries
// its own time zones; order has a test without any.
func TestS5_TheDayIsThatOfMinskWhateverTheMachineBelieves(t *testing.T) {
	here := time.Local
	t.Cleanup(func() { time.Local = here })
	time.Local = time.FixedZone("America/New_York", -5*60*60)
	t.Chdir("testdata/cases")
	check := []string{
		"request", "check", "req-00-plain.req", "--certificate", "base/vera-b.cer", "--trust", "base/trust-b", "--crl", "base/issuing-b.crl",
		"--service", "6.0.01", "--at",
	}
	out, err := run(t, append(check, "2026-11-23T00:30:00+03:00")...)
	require.NoError(t, err, out)
	at, err := run(t, append(check, "2026-11-22T16:30:00-05:00")...)
	require.NoError(t, err, at)
	require.Equal(t, out, at, "the same instant")
}
