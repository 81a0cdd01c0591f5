package auditcli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/auditcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// run executes the commands as the program does.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(auditcli.Commands()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"audit"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// log is an audit log of twelve entries over two orders, sealed after the eighth.
type log struct {
	t    *testing.T
	pool *pgxpool.Pool
}

const (
	orderA = "0190b5f0-0000-7000-8000-00000000000a"
	orderB = "0190b5f0-0000-7000-8000-00000000000b"
)

// newLog sets the environment of the process: these tests run one by one.
func newLog(t *testing.T) log {
	t.Helper()
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	key := filepath.Join(t.TempDir(), "audit.pem")
	out, err := run(t, "new-key", key)
	require.NoError(t, err)
	require.Regexp(t, `^key [0-9a-f]{16}\n$`, out)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("AUDIT_KEY_FILE", key)
	l := log{t: t, pool: pool}
	l.append(8)
	l.seal()
	l.append(4)
	return l
}

func (l log) append(n int) {
	l.t.Helper()
	store := postgres.NewAudit(l.pool)
	for i := range n {
		_, err := store.Append(l.t.Context(), audit.Event{
			At: time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC), Actor: audit.Actor{Kind: audit.ActorApplicant, ID: "5f1c"},
			Action: audit.ActionTermsAccepted, OrderID: []string{orderA, orderB}[i%2], Evidence: audit.Evidence{"agreement": "1", "contract": "2"},
		})
		require.NoError(l.t, err)
	}
}

func (l log) seal() string {
	l.t.Helper()
	out, err := run(l.t, "checkpoint")
	require.NoError(l.t, err)
	return out
}

func (l log) exec(sql string) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), sql)
	require.NoError(l.t, err)
}

// report is what `audit verify --json` prints, and whether its exit code is 1.
func (l log) report(args ...string) audit.Report {
	l.t.Helper()
	out, err := run(l.t, append([]string{"verify", "--json"}, args...)...)
	var r audit.Report
	require.NoError(l.t, json.Unmarshal([]byte(out), &r), "%v: %s", err, out)
	if r.Clean() {
		require.NoError(l.t, err)
	} else {
		require.ErrorIs(l.t, err, requestcli.ErrVerdict)
		require.Equal(l.t, 1, requestcli.ExitCode(err))
	}
	return r
}

func TestAWholeLogIsFoundWhole(t *testing.T) {
	l := newLog(t)
	r := l.report()
	require.EqualValues(t, 12, r.Entries)
	require.EqualValues(t, 8, r.Sealed)
	out, err := run(t, "verify")
	require.NoError(t, err)
	require.Contains(t, out, "the audit log is whole: 12 entries, sealed up to 8")
}

func TestEveryAlterationOfRealRowsIsFound(t *testing.T) {
	swap := func(a, b string) string {
		return "UPDATE audit_entries SET sequence = -1 WHERE sequence = " + a + "; UPDATE audit_entries SET sequence = " + a +
			" WHERE sequence = " + b + "; UPDATE audit_entries SET sequence = " + b + " WHERE sequence = -1"
	}
	changed := func(column string) string { return "UPDATE audit_entries SET " + column + " WHERE sequence = 5" }
	for name, c := range map[string]struct {
		sql   string
		first int64
		kind  audit.FindingKind
	}{
		"one byte of a hash":       {changed(`hash = set_byte(hash, 0, get_byte(hash, 0) # 1)`), 5, audit.FindingChanged},
		"one byte of the link":     {changed(`previous_hash = set_byte(previous_hash, 31, get_byte(previous_hash, 31) # 1)`), 5, audit.FindingChanged},
		"the time":                 {changed(`at = at + interval '1 microsecond'`), 5, audit.FindingChanged},
		"who":                      {changed(`actor_id = '5f1d'`), 5, audit.FindingChanged},
		"in which role":            {changed(`actor_kind = 'manager'`), 5, audit.FindingChanged},
		"what":                     {changed(`action = 'withdrawn'`), 5, audit.FindingChanged},
		"whose order":              {changed(`order_id = '` + orderB + `'`), 5, audit.FindingChanged},
		"the evidence":             {changed(`evidence = '{"agreement": "2", "contract": "2"}'`), 5, audit.FindingChanged},
		"less evidence":            {changed(`evidence = '{"agreement": "1"}'`), 5, audit.FindingChanged},
		"evidence of another kind": {changed(`evidence = '[1]'`), 5, audit.FindingChanged},
		"one removed":              {`DELETE FROM audit_entries WHERE sequence = 5`, 5, audit.FindingRemoved},
		"the first removed":        {`DELETE FROM audit_entries WHERE sequence = 1`, 1, audit.FindingRemoved},
		"two swapped":              {swap("5", "6"), 5, audit.FindingChanged},
		"moved out of sight":       {`UPDATE audit_entries SET sequence = -5 WHERE sequence = 5`, 5, audit.FindingRemoved},
		"cut off":                  {`DELETE FROM audit_entries WHERE sequence > 6`, 8, audit.FindingCutOff},
		"all gone":                 {`DELETE FROM audit_entries`, 8, audit.FindingCutOff},
		"the checkpoint moved":     {`UPDATE audit_checkpoints SET sequence = 7`, 7, audit.FindingForgedCheckpoint},
		"the checkpoint forged":    {`UPDATE audit_checkpoints SET signature = set_byte(signature, 3, get_byte(signature, 3) # 1)`, 8, audit.FindingForgedCheckpoint},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			l.exec(c.sql)
			r := l.report()
			require.NotEmpty(t, r.Findings)
			require.Equal(t, c.first, r.Findings[0].Sequence, r.Findings)
			require.Equal(t, c.kind, r.Findings[0].Kind, r.Findings)
			out, err := run(t, "verify")
			require.ErrorIs(t, err, requestcli.ErrVerdict)
			require.Contains(t, out, "the audit log is not whole")
			require.Contains(t, out, r.Findings[0].String())
		})
	}
}

// Whoever can write to the database can drop the end of the log with its
// checkpoints, or make all hashes anew: copies kept elsewhere still tell.
func TestCheckpointsKeptElsewhereFindWhatTheDatabaseCannotTell(t *testing.T) {
	l := newLog(t)
	kept := filepath.Join(t.TempDir(), "kept.log")
	line, err := json.Marshal(map[string]json.RawMessage{"msg": []byte(`"audit log sealed"`), "checkpoint": json.RawMessage(l.seal())})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(kept, append([]byte("not json\n{\"msg\":\"other\"}\n"), line...), 0o600))
	require.True(t, l.report("--checkpoints", kept).Clean())

	l.exec("DELETE FROM audit_entries WHERE sequence > 6; DELETE FROM audit_checkpoints")
	require.True(t, l.report().Clean(), "the database alone looks whole")
	r := l.report("--checkpoints", kept)
	require.Equal(t, audit.FindingCutOff, r.Findings[0].Kind)

	// All that was there is rewritten as something else.
	l.exec("DELETE FROM audit_entries")
	l.append(12)
	l.append(1)
	r = l.report("--checkpoints", kept)
	require.Equal(t, audit.FindingRewritten, r.Findings[0].Kind)
	require.EqualValues(t, 12, r.Findings[0].Sequence)

	_, err = run(t, "verify", "--checkpoints", filepath.Join(t.TempDir(), "nothing"))
	require.Equal(t, 2, requestcli.ExitCode(err))
}

func TestKeysOfEarlierCheckpointsStayGood(t *testing.T) {
	l := newLog(t)
	old := os.Getenv("AUDIT_KEY_FILE")
	next := filepath.Join(t.TempDir(), "next.pem")
	_, err := run(t, "new-key", next)
	require.NoError(t, err)
	_, err = run(t, "new-key", next)
	require.Error(t, err, "a key is never written over")
	t.Setenv("AUDIT_KEY_FILE", next)
	require.Equal(t, audit.FindingForgedCheckpoint, l.report().Findings[0].Kind, "the old key is not known")
	keys := t.TempDir()
	public, err := os.ReadFile(old + ".pub.pem")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(keys, "old.pem"), public, 0o600))
	t.Setenv("AUDIT_PUBLIC_KEYS_DIR", keys)
	l.seal()
	require.EqualValues(t, 12, l.report().Sealed)

	t.Setenv("AUDIT_KEY_FILE", "")
	require.False(t, l.report().Clean())
	t.Setenv("AUDIT_PUBLIC_KEYS_DIR", "")
	_, err = run(t, "verify")
	require.ErrorContains(t, err, "no key")
	require.Equal(t, 2, requestcli.ExitCode(err))
	_, err = run(t, "checkpoint")
	require.ErrorContains(t, err, "AUDIT_KEY_FILE")
}

func TestShowTellsOneOrdersStory(t *testing.T) {
	newLog(t)
	out, err := run(t, "show", orderA)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 6)
	require.Equal(t, "2026-03-02 12:00:00  #1  applicant 5f1c: accepted the terms (agreement 1, contract 2)", lines[0])
	out, err = run(t, "show", orderB, "--json")
	require.NoError(t, err)
	var entries []audit.Entry
	require.NoError(t, json.Unmarshal([]byte(out), &entries))
	require.Len(t, entries, 6)
	_, err = run(t, "show", "nobody")
	require.Error(t, err)
}
