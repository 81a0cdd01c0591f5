package paymentscli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/paymentscli"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
)

// The worked code of a one-time payment of 43.20 for NOAIS000092239.
const link = "https://pay.raschet.by/#00020101021232490010by.raschet010712345671014NOAIS0000922391202125303933540543.205802BY5913UNP_1917001616007Belarus6304611F"

// run executes the commands as the program does.
func run(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(paymentscli.Command())
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"payments"}, args...))
	err = root.ExecuteContext(t.Context())
	return out.String(), err
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run(t, args...)
	require.NoError(t, err, "%v: %s", args, out)
	return out
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

func TestP2_QRLinkIsTakenApart(t *testing.T) {
	out := must(t, "qr", link)
	require.Contains(t, out, "NOAIS000092239")
	require.Contains(t, out, "check value 611F: right (sha-256)")

	for name, broken := range map[string]string{
		"another amount": "https://pay.raschet.by/#00020101021232490010by.raschet010712345671014NOAIS0000922391202125303933540543.215802BY5913UNP_1917001616007Belarus6304611F",
		"cut off":        link[:len(link)-4],
		"another text":   "https://example.by/",
	} {
		out, err := run(t, "qr", broken, "--json")
		require.ErrorIs(t, err, requestcli.ErrVerdict, name)
		require.Equal(t, 1, requestcli.ExitCode(err))
		require.False(t, decode[struct{ Valid bool }](t, out).Valid)
		require.NotEmpty(t, decode[struct{ Problem string }](t, out).Problem)
		out, err = run(t, "qr", broken)
		require.ErrorIs(t, err, requestcli.ErrVerdict, name)
		require.Contains(t, out, "problem: ")
	}
	require.True(t, decode[struct{ Valid bool }](t, must(t, "qr", "--json", link)).Valid)
}

func TestP3_MatchIsADryRunWithoutDatabase(t *testing.T) {
	statement := filepath.Join("testdata", "statement.txt")
	t.Setenv("DATABASE_URL", "")
	out := must(t, "match", statement)
	require.Contains(t, out, "ROAIS000092239")
	reports := decode[[]struct{ Number, Amount, Reason string }](t, must(t, "match", statement, "--json"))
	require.NotEmpty(t, reports)
	require.Equal(t, "ROAIS000092239", reports[0].Number)
	require.Equal(t, "86.40", reports[0].Amount)

	out = must(t, "match", statement, "--account", "BY00", "--json")
	require.Equal(t, "other-account", decode[[]struct{ Reason string }](t, out)[0].Reason)
	spent := filepath.Join(t.TempDir(), "spent.txt")
	require.NoError(t, os.WriteFile(spent, []byte("***** ^Type=4^ ^Acc=BY00^\n[OUT_PARAM]\n^DocDate=01.06.2025^\n^Db=1.00^\n^Credit=0.00^\n"), 0o600))
	require.Contains(t, must(t, "match", spent), "passed over: 1 debit")

	for _, path := range []string{"testdata/none", "paymentscli_test.go"} {
		_, err := run(t, "match", path)
		require.ErrorContains(t, err, path)
		require.Equal(t, 2, requestcli.ExitCode(err))
	}
}
