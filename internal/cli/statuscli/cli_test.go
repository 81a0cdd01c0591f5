package statuscli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/statuscli"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// run executes the command as the program does and gives its exit code.
func run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(statuscli.Command())
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"status"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), requestcli.ExitCode(err)
}

func TestStatusAnswersInOneWordAndOneExitCode(t *testing.T) {
	address := pgtest.URL(t)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("TRUST_DIR", "")
	out, code := run(t)
	require.Zero(t, code, out)
	require.Regexp(t, `^all clear at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n`, out)
	require.Contains(t, out, "not looked at: workflows")
	require.Contains(t, out, "not looked at: revocation lists")

	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	p, err := postgres.NewLedger(pool).Record(t.Context(), payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: "1", Number: "NOAIS000000999", Amount: 1, Currency: payments.BYN,
		ReceivedAt: time.Now().Add(-3 * time.Hour), Raw: []byte("raw"),
	})
	require.NoError(t, err)
	out, code = run(t)
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "1 concern at")
	require.Contains(t, out, "unapplied-money: 1 payments wait for an operator")
	require.Contains(t, out, "(3h0m ago): assist:1 (0.01 BYN NOAIS000000999 unknown-number)")
	require.NotContains(t, out, p.PaymentID)
	require.Contains(t, out, "issuance payments list")

	out, code = run(t, "--json")
	require.Equal(t, 1, code)
	var report status.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report), out)
	require.Equal(t, status.UnappliedMoney, report.Concerns[0].Code)
	require.Equal(t, []string{"assist:1"}, report.Concerns[0].Names())
}

func TestStatusReadsTheListsOfTheTrustDirectory(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.URL(t))
	ca, err := testca.New(testca.Options{From: time.Now().AddDate(-1, 0, 0)})
	require.NoError(t, err)
	dir := t.TempDir()
	put := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	fresh, err := ca.CRL(time.Now())
	require.NoError(t, err)
	put("issuing.crl", fresh.Raw)
	out, code := run(t, "--trust-dir", dir)
	require.Zero(t, code, out)
	old, err := ca.RootCRL(time.Now().AddDate(0, -9, 0))
	require.NoError(t, err)
	put("root.crl", old.Raw)
	put("broken.crl", []byte("no list"))
	t.Setenv("TRUST_DIR", dir)
	out, code = run(t)
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "ending-crl: 1 revocation lists")
	require.Contains(t, out, "root.crl")
	require.Contains(t, out, "broken.crl")
	require.NotContains(t, out, "issuing.crl")
}

func TestStatusThatCouldNotLookIsNotAllClear(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.URL(t))
	_, code := run(t, "--trust-dir", filepath.Join(t.TempDir(), "none"))
	require.Equal(t, 2, code)
	t.Setenv("TEMPORAL_ADDRESS", "")
	_, code = run(t, "--temporal")
	require.Equal(t, 2, code)
	t.Setenv("DATABASE_URL", "postgres://127.0.0.1:1/none")
	_, code = run(t)
	require.Equal(t, 2, code)
}

// A workflow that failed, was terminated or is not known any more leaves its
// order behind; one that runs does not. The field cases temporal-terminated
// and temporal-closed-deleted: nothing else would notice an open order without
// its workflow, and one that has ended needs nobody.
func TestStatusAsksTemporalForWorkflowsThatAreClosed(t *testing.T) {
	address, temporal := pgtest.URL(t), enginetest.New(t)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("TEMPORAL_ADDRESS", temporal.Address)
	t.Setenv("TRUST_DIR", "")
	t.Setenv("TEMPORAL_UI_ORIGIN", "https://temporal.example.by")
	t.Setenv("RUNBOOK_URL", "https://example.by/operations.md")
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	for number, status := range map[int64]enumspb.WorkflowExecutionStatus{
		11: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, 12: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED,
		13: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, 14: enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED,
	} {
		id := order.NewID()
		_, err := pool.Exec(t.Context(), `INSERT INTO orders (id, number, service, kind, applicant_key, certificate_id, language, started_at, policy,
				version, stage, workflow_started_at)
			VALUES ($1, $2, '6.0.00', 'individual', 'a', $1, 'ru', now(), '{}', 1, 'checking', now() - interval '1 hour')`, id.String(), number)
		require.NoError(t, err)
		if status != enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED {
			temporal.Workflow(order.WorkflowID(number, id), status)
		}
	}
	_, err = pool.Exec(t.Context(), `INSERT INTO orders (id, number, service, kind, applicant_key, certificate_id, language, started_at, policy,
			version, stage, ending, workflow_started_at)
		VALUES (gen_random_uuid(), 15, '6.0.00', 'individual', 'b', gen_random_uuid(), 'ru', now(), '{}', 1, 'ended', 'withdrawn', now() - interval '60 days')`)
	require.NoError(t, err)
	out, code := run(t)
	require.Zero(t, code, out)
	out, code = run(t, "--temporal", "--json")
	require.Equal(t, 1, code, out)
	var report status.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report), out)
	require.Len(t, report.Concerns, 1)
	require.Equal(t, status.ClosedWorkflow, report.Concerns[0].Code)
	require.ElementsMatch(t, []string{"12", "13", "14"}, report.Concerns[0].Names())

	for _, i := range report.Concerns[0].Items {
		require.Equal(t, "https://temporal.example.by/namespaces/remote-issuance/workflows/"+i.Workflow, i.URL)
		require.True(t, strings.HasPrefix(i.Workflow, i.Name+"-order-"))
	}
	require.Equal(t, "https://example.by/operations.md#closed-workflow", report.Concerns[0].Runbook)

	temporal.Refuse("DescribeWorkflowExecution", serviceerror.NewPermissionDenied("no", ""))
	_, code = run(t, "--temporal")
	require.Equal(t, 2, code)
}
