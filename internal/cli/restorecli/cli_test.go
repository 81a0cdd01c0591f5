package restorecli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/restorecli"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

func run(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := restorecli.Command()
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func installation(t *testing.T) (*catest.Bench, *enginetest.Server) {
	t.Helper()
	server := enginetest.New(t)
	b := catest.New(t, pgtest.New(t), "../../../deploy/ca/profile.json")
	t.Setenv("DATABASE_URL", b.Pool.Config().ConnString())
	t.Setenv("TEMPORAL_ADDRESS", server.Address)
	t.Setenv("USER", "")
	return b, server
}

func TestWhatFitsNoMoreIsNamedAndMended(t *testing.T) {
	b, server := installation(t)
	ahead, _ := b.Saved(t, "ahead")
	fits, _ := b.Saved(t, "fits")
	gone, _ := b.Saved(t, "gone")
	_, err := b.Pool.Exec(t.Context(), "UPDATE orders SET workflow_started_at = now() - interval '1 hour'")
	require.NoError(t, err)
	lost := order.WorkflowID(99, order.NewID())
	stage := func(s string) map[string]string { return map[string]string{"OrderStage": s} }
	server.Runs(order.WorkflowID(ahead.Number, ahead.ID), stage("issued"))
	server.Runs(order.WorkflowID(fits.Number, fits.ID), stage(string(fits.Stage)))
	server.Workflow(order.WorkflowID(gone.Number, gone.ID), enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
	server.Runs(lost, nil)

	out, err := run(t, "", "check")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, order.WorkflowID(ahead.Number, ahead.ID)+`: ahead: the workflow has shown "issued"`)
	require.Contains(t, out, order.WorkflowID(gone.Number, gone.ID)+": open in the database, and nothing runs for it")
	require.Contains(t, out, lost+": runs, and the database does not know it")
	require.Contains(t, out, "3 differences; --repair mends them")
	require.NotContains(t, out, fits.ID.String())
	require.Len(t, waiting(t, b), 3, "looking changes nothing")

	_, err = run(t, "", "check", "--repair")
	require.ErrorContains(t, err, "--operator")
	out, err = run(t, "", "check", "--repair", "--operator", "op-1")
	require.NoError(t, err)
	require.Contains(t, out, "3 differences mended")
	require.Equal(t, []int64{fits.Number}, waiting(t, b), "the others are started anew by a worker")
	repaired := map[string]string{}
	for e, err := range postgres.NewAudit(b.Pool).Entries(t.Context()) {
		require.NoError(t, err)
		if e.Action == audit.ActionWorkflowRepaired {
			require.Equal(t, audit.Actor{Kind: audit.ActorOperator, ID: "op-1"}, e.Actor)
			repaired[e.Evidence["workflow"]] = e.Evidence["difference"]
		}
	}
	require.Equal(t, map[string]string{
		order.WorkflowID(ahead.Number, ahead.ID): "ahead", order.WorkflowID(gone.Number, gone.ID): "not-running", lost: "unknown",
	}, repaired)
	out, err = run(t, "", "check")
	require.NoError(t, err)
	require.Contains(t, out, "every workflow fits its row")
}

// waiting are the numbers of the orders whose workflow counts as started.
func waiting(t *testing.T, b *catest.Bench) []int64 {
	t.Helper()
	var numbers []int64
	rows, err := b.Pool.Query(t.Context(), "SELECT number FROM orders WHERE workflow_started_at IS NOT NULL ORDER BY number")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int64
		require.NoError(t, rows.Scan(&n))
		numbers = append(numbers, n)
	}
	require.NoError(t, rows.Err())
	return numbers
}

func TestCertificatesThatOnlyTheLogKnowsAreNamed(t *testing.T) {
	b, _ := installation(t)
	id := b.Paid(t, "kept")
	issuers, err := b.Issuers(nil)
	require.NoError(t, err)
	authority, err := b.Authority(issuers, b.Certificates)
	require.NoError(t, err)
	issued, err := authority.Issue(t.Context(), id)
	require.NoError(t, err)
	line := func(issuer, serial string) string {
		return `{"msg":"certificate signed","issuer":"` + issuer + `","serial":"` + serial + `","order":"` + id.String() + `"}` + "\n"
	}
	name := issuers.All()[0].Name()
	kept := line(name, issued.SerialNumber)
	out, err := run(t, kept, "lost", "-")
	require.NoError(t, err)
	require.Equal(t, "0 of 1 certificates in the logs are lost\n", out)

	file := filepath.Join(t.TempDir(), "worker.log")
	require.NoError(t, os.WriteFile(file, []byte(kept+line(name, "0badc0de")+line("another", issued.SerialNumber)), 0o600))
	out, err = run(t, "", "lost", file)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, name+" 0badc0de order "+id.String())
	require.Contains(t, out, "another "+issued.SerialNumber, "a serial number is one of its issuer's")
	require.Contains(t, out, "2 of 3")

	_, err = run(t, "nothing", "lost", "-")
	require.ErrorContains(t, err, "no log names a certificate")
	_, err = run(t, "", "lost", "no such file")
	require.Error(t, err)
}
