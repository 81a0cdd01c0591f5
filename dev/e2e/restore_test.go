package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/postgres"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/restore"
)

// drill is an installation whose databases are lost and brought back.
type drill struct {
	*world
	dir, archive string
	fleet        *fleet
}

// point is the instant that the drill goes back to.
const point = "before_the_loss"

func newDrill(t *testing.T) *drill {
	t.Helper()
	archive, err := os.MkdirTemp("/var/tmp", "issuance-archive-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(archive) })
	// The server has an account of its own.
	require.NoError(t, os.Chmod(archive, 0o777))
	d := &drill{dir: filepath.Join(all.dir, "restore"), archive: archive}
	d.start(t, nil)
	return d
}

// start starts everything; before is done when the databases are there and nothing of the product runs.
func (d *drill) start(t *testing.T, before func(ctx context.Context) error) *stack.Stack {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	d.fleet = newFleet(d.dir, executable)
	d.fleet.prefix, d.fleet.current, d.fleet.before = []string{stack.Argument}, false, before
	s, err := stack.Start(t.Context(), stack.Options{
		DataDir: d.dir, WithoutUI: true, Product: d.fleet.Product,
		PostgresSettings: []string{"archive_mode=on", "archive_command=cp %p " + d.archive + "/%f"},
	})
	require.NoError(t, err)
	if d.world == nil {
		d.world = newWorld(t, s)
	}
	d.stack = s
	return s
}

// run runs an operator's command.
func (d *drill) run(args ...string) (string, int) {
	d.t.Helper()
	return d.fleet.command(d.t.Context(), d.fleet.first, args...)
}

func (d *drill) query(sql string, args ...any) (n int) {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), d.stack.URLs.Database)
	require.NoError(d.t, err)
	defer func() { _ = conn.Close(d.t.Context()) }()
	require.NoError(d.t, conn.QueryRow(d.t.Context(), sql, args...).Scan(&n), sql)
	return n
}

// settled waits until nothing runs but so many workflows that wait, and search shows it.
func (d *drill) settled(waiting int64) {
	d.t.Helper()
	c := d.temporal()
	require.Eventually(d.t, func() bool {
		n, err := c.CountWorkflow(d.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: stack.Namespace, Query: "ExecutionStatus = 'Running' AND WorkflowType IN ('Order', 'Confirmation')",
		})
		return err == nil && n.GetCount() == waiting
	}, time.Minute, 100*time.Millisecond)
}

// mark names the present instant, and brings the write-ahead log up to it into the archive.
func (d *drill) mark() {
	d.t.Helper()
	d.sql("SELECT pg_create_restore_point($1)", point)
	d.sql("SELECT pg_switch_wal()")
}

// sold is an order of a private person that was paid and issued.
func (d *drill) sold(p *party, o contract.Order) (contract.Order, contract.PaymentNotification) {
	d.t.Helper()
	n := d.paid(p, caller.OfOrder(o.ID))
	return d.issued(p, o.ID), n
}

func (d *drill) ordered(kind order.Kind) (*party, contract.Order) {
	d.t.Helper()
	p := d.private(kind)
	return p, d.waiting(p, d.upload(p, 1))
}

// A cluster is lost and brought back as it was at an earlier instant, by the steps of docs/operations.md: what was done after it is lost,
// and nothing else; what is said to be lost is just that.
func TestRestore_TheWholeClusterToAnEarlierInstant(t *testing.T) {
	d := newDrill(t)
	ctx := t.Context()
	kept, keptOrder := d.ordered(order.KindIndividual)
	keptOrder, _ = d.sold(kept, keptOrder)
	require.NoError(t, d.stack.Cluster().BaseBackup(ctx))
	// Between the backup and the instant: in the archive only.
	late, lateOrder := d.ordered(order.KindIndividual)
	employee := d.employee()
	chosen := d.waiting(employee, d.upload(employee, 1))
	d.settled(2)
	entries := d.query("SELECT max(sequence) FROM audit_entries")
	certificates := d.query("SELECT count(*) FROM certificates")
	d.mark()

	// After it: this is lost. The workers look for what to list every few seconds.
	out, code := d.run("certificates", "revoke", keptOrder.Certificate.SerialNumber, "--issuer", "bign", "--reason", "key-compromise", "--operator", "op-1")
	require.Zero(t, code, out)
	lateOrder, payment := d.sold(late, lateOrder)
	lost := lateOrder.Certificate.SerialNumber
	require.NoError(t, employee.Post(ctx, caller.OfOrder(chosen.ID)+"/withdrawal", nil, nil))
	_, freshOrder := d.ordered(order.KindIndividual)
	checkpoint, code := d.run("audit", "checkpoint")
	require.Zero(t, code, checkpoint)
	checkpoints := filepath.Join(t.TempDir(), "checkpoints.json")
	require.NoError(t, os.WriteFile(checkpoints, []byte(checkpoint), 0o600))
	gone := d.query("SELECT max(sequence) FROM audit_entries") - entries
	require.Positive(t, gone)
	require.Eventually(t, func() bool { return d.isListed(keptOrder.Certificate.SerialNumber) }, time.Minute, 100*time.Millisecond)
	published := filepath.Join(d.stack.Authorities().TrustDir(), "bign.crl")
	list, err := os.ReadFile(published)
	require.NoError(t, err)
	require.NoError(t, d.stack.Close())
	require.NoError(t, postgres.Recover(ctx, postgres.Options{DataDir: d.dir}, d.archive, point))

	// The runbook, before anybody writes.
	s := d.start(t, func(context.Context) error {
		// TRUST_DIR is left as it was; the local stack begins with lists of its own.
		require.NoError(t, os.WriteFile(published, list, 0o644))
		d.sql("UPDATE event_positions SET last = last + 1000000")
		require.Equal(t, entries, d.query("SELECT max(sequence) FROM audit_entries"))
		require.Equal(t, certificates, d.query("SELECT count(*) FROM certificates"))
		out, code := d.run("restore", "check")
		require.Zero(t, code, out)
		require.Contains(t, out, "every workflow fits its row", "both databases are of one instant")
		out, code = d.run("audit", "verify", "--checkpoints", checkpoints)
		require.Equal(t, 1, code, out)
		require.Contains(t, out, "cut-off")
		out, code = d.run("restore", "lost", d.fleet.logFile("worker"), "--json")
		require.Equal(t, 1, code, out)
		var certificates []restore.Signed
		require.NoError(t, json.Unmarshal([]byte(out), &certificates), out)
		require.Equal(t, []restore.Signed{{Issuer: "bign", Serial: lost, Order: lateOrder.ID.String()}}, certificates, "exactly what is lost")
		return nil
	})
	defer func() { require.NoError(t, s.Close()) }()

	// The sandbox of the registers keeps only the sample persons over a restart.
	entered := persons.Entries([]persons.Person{d.director.Person})
	for _, o := range entered.Organisations {
		require.NoError(t, s.Registers().PutOrganisation(o))
	}
	for _, p := range entered.Persons {
		require.NoError(t, s.Registers().PutPerson(p))
	}

	require.Equal(t, order.StageAwaitingPayment, d.read(late, lateOrder.ID).Stage)
	require.Equal(t, order.StageAwaitingApproval, d.read(employee, chosen.ID).Stage, "the withdrawal is lost")
	require.Zero(t, d.query("SELECT count(*) FROM orders WHERE id = $1", freshOrder.ID.String()))
	d.fetched(kept, keptOrder.ID)

	// The gateway says again what it knows; the money comes from what the payer did once.
	entry, err := d.gateway.Notify(ctx, payment)
	require.NoError(t, err)
	require.Equal(t, contract.Applied, entry.State)
	again := d.issued(late, lateOrder.ID)
	require.NotEqual(t, lost, again.Certificate.SerialNumber)
	require.Equal(t, 1, d.certificates(lateOrder.ID))
	require.Eventually(t, func() bool {
		return d.query("SELECT count(*) FROM certificates WHERE serial_number = $1 AND revoked_at IS NOT NULL", keptOrder.Certificate.SerialNumber) == 1
	}, time.Minute, 100*time.Millisecond, "the last published list brings the revocation back")
	c := d.confirmed(chosen.ID)
	d.paid(d.director, caller.OfConfirmation(c.ID))
	d.issued(employee, chosen.ID)
	d.separately()
}

// isListed tells whether the published list has the serial number.
func (d *drill) isListed(serial string) bool {
	content, err := os.ReadFile(filepath.Join(d.stack.Authorities().TrustDir(), "bign.crl"))
	if err != nil {
		return false
	}
	list, err := pki.ParseCRLFile(content)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(list.Entries, func(r pki.Revoked) bool {
		return strings.EqualFold(r.SerialNumber.Text(16), strings.TrimLeft(serial, "0"))
	})
}

// separately brings back our database alone, older than Temporal's: the comparison names each workflow that fits no more, and mends it.
func (d *drill) separately() {
	d.t.Helper()
	ctx := d.t.Context()
	behind, behindOrder := d.ordered(order.KindIndividual)
	d.settled(1)
	dump := filepath.Join(d.stack.Cluster().Home(), "issuance.dump")
	require.NoError(d.t, d.stack.Cluster().Run(ctx, "pg_dump", "--format=custom", "--file", dump, "--dbname", d.stack.URLs.Database))
	_, payment := d.sold(behind, behindOrder)
	_, unknownOrder := d.ordered(order.KindIndividual)
	d.settled(1)
	require.NoError(d.t, d.fleet.Stop())
	require.NoError(d.t, d.stack.Cluster().Run(ctx, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--dbname", d.stack.URLs.Database, dump))

	out, code := d.run("restore", "check", "--json")
	require.Equal(d.t, 1, code, out)
	var found []restore.Difference
	require.NoError(d.t, json.Unmarshal([]byte(out), &found), out)
	kinds := map[order.ID]restore.Kind{}
	for _, f := range found {
		kinds[f.ID] = f.Kind
	}
	require.Equal(d.t, map[order.ID]restore.Kind{behindOrder.ID: restore.KindNotRunning, unknownOrder.ID: restore.KindUnknown}, kinds)
	out, code = d.run("restore", "check", "--repair", "--operator", "op-1")
	require.Zero(d.t, code, out)

	d.fleet.before = nil
	require.NoError(d.t, d.fleet.Start(ctx))
	d.settled(1)
	_, err := d.gateway.Notify(ctx, payment)
	require.NoError(d.t, err)
	d.issued(behind, behindOrder.ID)
	require.Equal(d.t, 1, d.certificates(behindOrder.ID))
	number, err := strconv.ParseInt(unknownOrder.Number, 10, 64)
	require.NoError(d.t, err)
	id := order.WorkflowID(number, unknownOrder.ID)
	described, err := d.temporal().DescribeWorkflowExecution(ctx, id, "")
	require.NoError(d.t, err)
	require.Equal(d.t, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, described.GetWorkflowExecutionInfo().GetStatus())
	d.settled(0)
	out, code = d.run("restore", "check")
	require.Zero(d.t, code, out)
}
