package requestcli_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
)

const at = "2026-11-23T09:00:00Z"

// run executes the commands as the program does.
func run(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true}
	root.AddCommand(requestcli.Commands()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err = root.Execute()
	return out.String(), err
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run(t, args...)
	require.NoError(t, err, "%v: %s", args, out)
	return out
}

func check(file string, more ...string) []string {
	return append([]string{
		"request", "check", file, "--certificate", "testdata/emp1.cer", "--trust", "testdata/trust",
		"--crl", "testdata/issuing.crl", "--service", "6.0.01", "--at", at,
	}, more...)
}

func TestRequestCheckAcceptsAndRefuses(t *testing.T) {
	out := must(t, check("testdata/emp1-ok.req")...)
	require.Contains(t, out, "passed   current-certificate\n")
	require.Contains(t, out, "passed   subject surname\n")
	require.Contains(t, out, "verdict: accepted")

	out, err := run(t, check("testdata/emp1-mismatch-surname.req")...)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Equal(t, 1, requestcli.ExitCode(err))
	require.Contains(t, out, "failed   subject surname: ")
	require.Contains(t, out, "verdict: refused")
}

func TestRequestCheckPrintsJSON(t *testing.T) {
	var out struct {
		Passed         bool
		Years          int
		RequestedStart string
		KeyID          string
		Report         []struct{ Code, Verdict, Field, Found, Expected string }
	}
	require.NoError(t, json.Unmarshal([]byte(must(t, check("testdata/emp1-ok.req", "--json")...)), &out))
	require.True(t, out.Passed)
	require.Equal(t, 1, out.Years)
	require.Equal(t, "2026-12-03", out.RequestedStart)
	require.Len(t, out.KeyID, 64)
	require.Greater(t, len(out.Report), 20)
}

func TestRequestCheckNamesWhatCannotBeRead(t *testing.T) {
	for name, args := range map[string][]string{
		"no such file": check("testdata/none.req"),
		"service":      check("testdata/emp1-ok.req", "--service", "6.0.02"),
		"time":         check("testdata/emp1-ok.req", "--at", "today"),
		"revocation":   check("testdata/emp1-ok.req", "--revocation", "some"),
		"trust":        check("testdata/emp1-ok.req", "--trust", t.TempDir()),
		"crl":          check("testdata/emp1-ok.req", "--crl", "testdata/emp1.cer"),
		"certificate":  check("testdata/emp1-ok.req", "--certificate", "testdata/list.json"),
	} {
		_, err := run(t, args...)
		require.Error(t, err, name)
		require.Equal(t, 2, requestcli.ExitCode(err), name)
	}
	out, err := run(t, check("testdata/list.json")...)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "request-file (not-a-request)")
}

func verify(file string, more ...string) []string {
	return append([]string{
		"signature", "verify", file, "--trust", "testdata/trust", "--crl", "testdata/issuing.crl", "--at", at,
	}, more...)
}

func TestM6_SignatureVerify(t *testing.T) {
	out := must(t, verify("testdata/list.json.p7s", "--content", "testdata/list.json", "--unp", "190000018", "--json")...)
	require.Contains(t, out, `"surname"`)
	require.Contains(t, out, `"passed": true`)
	require.Contains(t, must(t, verify("testdata/list.withattrcert.p7s", "--content", "testdata/list.json")...), ", UNP 190000018\n")

	for cause, args := range map[string][]string{
		"digest-mismatch": verify("testdata/list.json.p7s", "--content", "testdata/list.tampered.json"),
		"no-content":      verify("testdata/list.json.p7s"),
		"crl-stale":       verify("testdata/list.json.p7s", "--content", "testdata/list.json", "--at", "2027-06-01"),
		"differs":         verify("testdata/list.json.p7s", "--content", "testdata/list.json", "--unp", "100000001"),
		"malformed":       verify("testdata/list.json", "--content", "testdata/list.json"),
	} {
		out, err := run(t, args...)
		require.ErrorIs(t, err, requestcli.ErrVerdict, cause)
		require.Contains(t, out, "("+cause+")")
	}
}

func TestKeysRequestAndCAWorkTogether(t *testing.T) {
	for _, algorithm := range []string{"bign-curve256v1", "ecdsa-p256"} {
		t.Run(algorithm, func(t *testing.T) {
			dir := t.TempDir()
			p := func(name string) string { return filepath.Join(dir, name) }
			must(t, "keys", "ca", p("ca"), "--algorithm", algorithm, "--from", "2026-01-01")
			must(t, "keys", "person", "--ca", p("ca"), "--algorithm", algorithm, "--from", "2026-02-01", "--out", p("vera"))
			must(t, "keys", "new", "--algorithm", algorithm, "--out", p("new.key.pem"))
			require.Contains(t, must(t, "keys", "show", p("new.key.pem")), algorithm)
			must(t, "keys", "crl", p("ca"), "--at", "2026-11-20", "--out", p("fresh.crl"))
			must(t, "request", "new", "--key", p("new.key.pem"), "--like", p("vera.cer"), "--start", "2026-12-03", "--years", "2", "--out", p("vera.req"))
			args := []string{"request", "check", p("vera.req"), "--certificate", p("vera.cer"), "--trust", p("ca"), "--crl", p("fresh.crl"), "--at", at}
			require.Contains(t, must(t, args...), "verdict: accepted")

			must(t, "request", "new", "--key", p("new.key.pem"), "--like", p("vera.cer"), "--start", "2026-12-03", "--position", "Директор",
				"--pem", "--validity", "usage-period", "--out", p("director.req"))
			args[2] = p("director.req")
			require.Contains(t, must(t, args...), "changed  subject position: \"Директор\"")

			must(t, "request", "new", "--key", p("vera.key.pem"), "--like", p("vera.cer"), "--start", "2026-12-03", "--out", p("same.req"))
			args[2] = p("same.req")
			out, err := run(t, args...)
			require.ErrorIs(t, err, requestcli.ErrVerdict)
			require.Contains(t, out, "failed   key-new (current-key)")

			must(t, "keys", "crl", p("ca"), "--at", "2026-11-21", "--revoke", p("vera.cer"), "--out", p("revoked.crl"))
			args[2], args[8] = p("vera.req"), p("revoked.crl")
			out, err = run(t, args...)
			require.ErrorIs(t, err, requestcli.ErrVerdict)
			require.Contains(t, out, "current-certificate (revoked)")

			must(t, "signature", "new", "testdata/list.json", "--key", p("vera.key.pem"), "--certificate", p("vera.cer"), "--out", p("list.p7s"))
			must(t, "signature", "verify", p("list.p7s"), "--content", "testdata/list.json", "--trust", p("ca"), "--crl", p("fresh.crl"), "--at", at, "--unp", "190000018")
			_, err = run(t, "keys", "ca", p("ca"))
			require.ErrorContains(t, err, "already")
		})
	}
}

func TestRequestNewFromASubject(t *testing.T) {
	dir := t.TempDir()
	key, out := filepath.Join(dir, "key.pem"), filepath.Join(dir, "a.req")
	must(t, "keys", "new", "--out", key)
	must(t, "request", "new", "--key", key, "--subject", "testdata/subject.json", "--profile", "individual", "--service", "6.0.00", "--out", out)
	_, err := run(t, "request", "new", "--key", key, "--subject", "testdata/subject.json", "--out", out)
	require.Error(t, err, "nothing is written over")
	_, err = run(t, "request", "new", "--key", key, "--out", out)
	require.Error(t, err, "a subject is needed")
	for _, bad := range [][]string{{"--profile", "x"}, {"--validity", "x"}, {"--service", "x"}, {"--start", "x"}} {
		_, err = run(t, append([]string{"request", "new", "--key", key, "--subject", "testdata/subject.json", "--out", filepath.Join(dir, "b.req")}, bad...)...)
		require.ErrorContains(t, err, "x")
	}
}
