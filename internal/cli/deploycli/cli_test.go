package deploycli_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/deploycli"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine/deployment"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

const own = "1.1.0"

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return runWithin(t, 10*time.Minute, args...)
}

func runWithin(t *testing.T, within time.Duration, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var out bytes.Buffer
	cmd := deploycli.Command(own)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(ctx)
	return out.String(), err
}

// installation is a deployment with a current build, its successor and an older one that nobody polls for any more.
func installation(t *testing.T) (*enginetest.Deployment, *pgxpool.Pool) {
	t.Helper()
	server, pool := enginetest.New(t), pgtest.New(t)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	d := &enginetest.Deployment{
		Name: "orders", Builds: []string{"0.9.0", "1.0.0", own}, Alive: []string{"1.0.0", own}, Gone: []string{"0.9.0"}, Current: "1.0.0",
		LastCurrent: map[string]time.Time{"0.9.0": at, "1.0.0": at.Add(time.Hour)},
	}
	server.Deploy(d)
	t.Setenv("DATABASE_URL", pool.Config().ConnString())
	t.Setenv("TEMPORAL_ADDRESS", server.Address)
	t.Setenv("TEMPORAL_DEPLOYMENT", "orders")
	t.Setenv("USER", "")
	return d, pool
}

func actions(t *testing.T, pool *pgxpool.Pool) map[audit.Action]audit.Evidence {
	t.Helper()
	found := map[audit.Action]audit.Evidence{}
	for e, err := range postgres.NewAudit(pool).Entries(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, audit.Actor{Kind: audit.ActorOperator, ID: "maker"}, e.Actor)
		found[e.Action] = e.Evidence
	}
	return found
}

func TestABuildIsRolledOutAndBack(t *testing.T) {
	d, pool := installation(t)
	out, err := run(t, "ramp", "12.5", "--operator", "maker")
	require.NoError(t, err)
	require.Equal(t, "12.5 % of the workflows go to 1.1.0\n", out)
	require.Equal(t, own, d.Ramping)
	require.InDelta(t, 12.5, d.Percent, 0)
	require.Equal(t, "maker", d.By)

	out, err = run(t, "rollback", "--operator", "maker")
	require.NoError(t, err)
	require.Equal(t, "rolled back from 1.1.0: all workflows go to 1.0.0\n", out)
	require.Empty(t, d.Ramping)
	require.Equal(t, "1.0.0", d.Current)

	_, err = run(t, "ramp", "50", "--operator", "maker")
	require.NoError(t, err)
	out, err = run(t, "current", "--operator", "maker")
	require.NoError(t, err)
	require.Equal(t, "current is 1.1.0\n", out)
	require.Equal(t, own, d.Current)
	require.Empty(t, d.Ramping)

	_, err = run(t, "rollback", "--operator", "maker")
	require.NoError(t, err)
	require.Equal(t, "1.0.0", d.Current, "the one that was current before, not the oldest")

	require.Equal(t, map[audit.Action]audit.Evidence{
		audit.ActionBuildRamped:     {"deployment": "orders", "build": own, "percent": "50"},
		audit.ActionBuildCurrent:    {"deployment": "orders", "build": own},
		audit.ActionBuildRolledBack: {"deployment": "orders", "build": "1.0.0", "from": own},
	}, actions(t, pool))

	out, err = run(t, "current", "--unversioned", "--operator", "maker")
	require.NoError(t, err)
	require.Equal(t, "current is unversioned workers\n", out)
}

func TestErrorsSayWhatComesNext(t *testing.T) {
	d, pool := installation(t)
	for _, c := range []struct {
		args []string
		is   error
		says string
	}{
		{[]string{"current", "2.0.0", "--operator", "maker"}, deployment.ErrUnknown, "start a worker"},
		{[]string{"current", "0.9.0", "--operator", "maker"}, deployment.ErrNoWorkers, "start a worker of it first"},
		{[]string{"ramp", "10", "--build", "0.9.0", "--operator", "maker"}, deployment.ErrNoWorkers, "start a worker of it first"},
		{[]string{"rollback", "--operator", "maker"}, deployment.ErrNoWorkers, "start a worker of it first"},
		{[]string{"drain", "1.0.0"}, deployment.ErrInUse, "issuance deploy rollback"},
		{[]string{"drain", "2.0.0"}, deployment.ErrUnknown, "issuance deploy status"},
		{[]string{"ramp", "0", "--operator", "maker"}, nil, "more than 0"},
		{[]string{"ramp", "100", "--operator", "maker"}, nil, "less than 100"},
		{[]string{"ramp", "NaN", "--operator", "maker"}, nil, "more than 0"},
		{[]string{"ramp", "1e9", "--operator", "maker"}, nil, "less than 100"},
		{[]string{"current", "1.0.0", "--unversioned", "--operator", "maker"}, nil, "not both"},
		{[]string{"current", "a:b", "--operator", "maker"}, nil, "letters, digits"},
		{[]string{"current", "1' OR '1", "--operator", "maker"}, nil, "letters, digits"},
		{[]string{"current"}, nil, "--operator"},
	} {
		_, err := run(t, c.args...)
		require.ErrorContains(t, err, c.says, c.args)
		if c.is != nil {
			require.ErrorIs(t, err, c.is, c.args)
		}
		require.Equal(t, "1.0.0", d.Current, c.args)
		require.Empty(t, d.Ramping, c.args)
	}
	require.Empty(t, actions(t, pool), "what was refused was not done")

	d.LastCurrent = nil
	_, err := run(t, "rollback", "--operator", "maker")
	require.ErrorIs(t, err, deployment.ErrNothingToRollBack)
	t.Setenv("TEMPORAL_DEPLOYMENT", "others")
	_, err = run(t, "status")
	require.ErrorIs(t, err, deployment.ErrUnknown)
	t.Setenv("TEMPORAL_DEPLOYMENT", "")
	_, err = run(t, "status")
	var wrong *config.Error
	require.ErrorAs(t, err, &wrong)
}

// The server has made the change and its queues hear of it late: it is recorded, and what is not over is said.
func TestAChangeThatNotEveryQueueHasHeardOfIsRecorded(t *testing.T) {
	d, pool := installation(t)
	d.Changing = true
	for _, c := range []struct {
		args   []string
		action audit.Action
	}{
		{[]string{"ramp", "50"}, audit.ActionBuildRamped}, {[]string{"rollback"}, audit.ActionBuildRolledBack}, {[]string{"current"}, audit.ActionBuildCurrent},
	} {
		_, err := runWithin(t, time.Second, append(c.args, "--operator", "maker")...)
		require.ErrorIs(t, err, deployment.ErrUnsettled, c.args)
		require.ErrorContains(t, err, "issuance deploy status", c.args)
		require.Contains(t, actions(t, pool), c.action)
	}
	require.Equal(t, own, d.Current)
}

func TestStatusNamesBuildsAndWhatWaitsOnThem(t *testing.T) {
	d, _ := installation(t)
	d.Ramping, d.Percent = own, 20
	d.Counts = []enginetest.Count{
		{Query: "'orders:1.1.0' AND TemporalWorkflowVersioningBehavior = 'Pinned'", Found: 1}, {Query: "Pinned", Found: 0},
		{Query: "'orders:1.0.0'", Found: 1200}, {Query: "'orders:1.1.0'", Found: 300}, {Query: "IS NULL", Found: 7},
	}
	out, err := run(t, "status")
	require.NoError(t, err)
	for _, want := range []string{"current is 1.0.0", "20 % of the workflows go to 1.1.0", "1200", "300", "(unversioned)", "drained"} {
		require.Contains(t, out, want)
	}
	out, err = run(t, "status", "--json")
	require.NoError(t, err)
	var s deployment.Status
	require.NoError(t, json.Unmarshal([]byte(out), &s))
	require.EqualValues(t, 7, s.Unversioned)
	ramping, ok := s.Version(own)
	require.True(t, ok)
	require.EqualValues(t, 1, ramping.Pinned)
	require.EqualValues(t, 300, ramping.Waiting)
}

func TestWorkersAreStoppedAfterTheLastPinnedWorkflow(t *testing.T) {
	d, _ := installation(t)
	d.Draining = []string{"0.9.0"}
	out, err := run(t, "drain", "0.9.0", "--wait", "0s")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "0.9.0 is draining")
	d.Draining, d.Counts = nil, []enginetest.Count{{Query: "'orders:0.9.0' AND TemporalWorkflowVersioningBehavior = 'Pinned'", Found: 2}}
	out, err = run(t, "drain", "0.9.0", "--wait", "0s")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "2 workflows pinned")
	d.Counts = []enginetest.Count{{Query: "Pinned", Found: 0}, {Query: "'orders:0.9.0'", Found: 40}}
	out, err = run(t, "drain", "0.9.0")
	require.NoError(t, err)
	require.Contains(t, out, "may be stopped; 40 workflows")
}

func TestACanaryOfABuildThatNobodyPollsForIsNotStarted(t *testing.T) {
	_, pool := installation(t)
	t.Setenv("MASTER_KEYS", "m1:"+base64.StdEncoding.EncodeToString([]byte("another key with thirty-two bytes")[:32]))
	t.Setenv("ID_HASH_KEY", base64.StdEncoding.EncodeToString([]byte("thirty-two bytes of a master key")))
	_, err := run(t, "canary", "2.0.0", "--operator", "maker")
	require.ErrorIs(t, err, deployment.ErrUnknown)
	require.Empty(t, actions(t, pool))
}
