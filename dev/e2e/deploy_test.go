package e2e_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	sdkclient "go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/stack"
)

// waitingOrders is how many orders wait across the deploy: go test ./dev/e2e -run TestDeploy -args -orders 2000
var waitingOrders = flag.Int("orders", 40, "orders that wait in the test of deploys")

// deploymentName is that of the fleet's workers.
const deploymentName = "orders"

// deploy is a stack whose product is rolled out and back under waiting orders.
type deploy struct {
	*world
	fleet     *fleet
	now, next string
	temporal  sdkclient.Client
	// apis are the addresses that people's calls go to, in turn.
	apis []string
	// waiting are orders that are not paid, ids all that were opened.
	waiting []*waiter
	ids     []string
}

// waiter is somebody whose order waits for its payment.
type waiter struct {
	*party
	order contract.Order
}

// drainsAtOnce lets the server say within seconds what takes it minutes.
var drainsAtOnce = map[string]any{
	"matching.wv.VersionDrainageStatusVisibilityGracePeriod": time.Second, "matching.wv.VersionDrainageStatusRefreshInterval": time.Second,
}

func newDeploy(t *testing.T) *deploy {
	t.Helper()
	dir := filepath.Join(all.dir, "deploy")
	programs := t.TempDir()
	d := &deploy{now: buildRelease(t, programs, releaseNow, nil), next: buildNext(t, programs)}
	d.fleet = newFleet(dir, d.now)
	s, err := stack.Start(t.Context(), stack.Options{
		DataDir: dir, WithoutUI: true, Product: d.fleet.Product, TemporalSettings: drainsAtOnce,
		Environment: stack.Environment{"TEMPORAL_DEPLOYMENT": deploymentName},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	d.world = newWorld(t, s)
	d.temporal, d.apis = d.world.temporal(), []string{s.URLs.API}
	return d
}

// run runs a command of a program that has to succeed.
func (d *deploy) run(program string, args ...string) string {
	d.t.Helper()
	out, code := d.fleet.command(d.t.Context(), program, append([]string{"deploy"}, args...)...)
	require.Zero(d.t, code, "deploy %s: %s", strings.Join(args, " "), out)
	return out
}

// requireAllIssuedOnce looks into the database: each order that was paid has one certificate and is ended, no money waits.
func (d *deploy) requireAllIssuedOnce() {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), d.stack.URLs.Database)
	require.NoError(d.t, err)
	defer func() { _ = conn.Close(d.t.Context()) }()
	for query, want := range map[string]int{
		"SELECT count(*) FROM certificates WHERE order_id::text = ANY($1::text[]) AND der IS NOT NULL":          len(d.ids),
		"SELECT count(*) FROM orders WHERE id::text = ANY($1::text[]) AND ending = 'issued'":                    len(d.ids),
		"SELECT count(*) FROM audit_entries WHERE action = 'certificate-issued' AND order_id = ANY($1::text[])": len(d.ids),
		"SELECT count(*) FROM orders WHERE stage <> 'ended' AND $1::text[] IS NOT NULL":                         0,
		"SELECT count(*) FROM payments WHERE state <> 'applied' AND $1::text[] IS NOT NULL":                     0,
		"SELECT count(*) FROM audit_entries WHERE action = 'issue-refused' AND $1::text[] IS NOT NULL":          0,
	} {
		var got int
		require.NoError(d.t, conn.QueryRow(d.t.Context(), query, d.ids).Scan(&got), query)
		require.Equal(d.t, want, got, query)
	}
}

// blocked waits until a task of the order has failed for another reason than a worker that is gone.
func (d *deploy) blocked(o contract.Order) {
	d.t.Helper()
	id := d.workflowOf(d.temporal, o.Number)
	require.Eventually(d.t, func() bool {
		described, err := d.temporal.DescribeWorkflowExecution(d.t.Context(), id, "")
		return err == nil && described.GetPendingWorkflowTask().GetAttempt() > 1
	}, 30*time.Second, 100*time.Millisecond)
}

// Orders wait, 6.0.01 among them, while a release is tried, ramped, made current and taken back: none is lost, issued twice or blocked,
// whichever of two APIs is asked and whichever of two workers steps.
func TestDeploy_OrdersWaitAcrossReleaseRampAndRollback(t *testing.T) {
	d := newDeploy(t)
	n := max(*waitingOrders, 20)
	began := time.Now()
	employee := d.employee()
	approval := d.waiting6001(employee)
	d.open(n)
	d.told("%d orders wait after %s", n+1, time.Since(began))

	// Expand: the next release's migrations run while this one serves.
	require.NoError(t, d.fleet.migrate(t.Context(), d.next))
	d.open(2)
	require.Equal(t, map[string]int{releaseNow: 2}, d.workedOn(d.pay(2)), "N against N+1's schema")

	// The next release beside this one gets nothing but its canary.
	_, err := d.fleet.begin(t.Context(), "next-worker", d.next, "worker", stack.Environment{"WORKFLOW_PATCHES": "hold"})
	require.NoError(t, err)
	api, err := d.fleet.begin(t.Context(), "next-api", d.next, "api", nil)
	require.NoError(t, err)
	d.apis = append(d.apis, api)
	require.NoError(t, d.fleet.known(t.Context(), releaseNext))
	out := d.run(d.next, "canary", "--operator", "next")
	require.Contains(t, out, "build 1.1.0 has worked")
	require.NotContains(t, out, "WORKFLOW_PATCHES", "it holds its patches: there is a way back")
	require.Equal(t, map[string]int{releaseNow: 2}, d.workedOn(d.pay(2)), "not current: no order")
	require.Regexp(t, `1\.1\.0 +(inactive|draining|drained)`, d.run(d.next, "status"), "what was pinned to it ends; nothing is routed to it")

	d.run(d.next, "ramp", "50", "--operator", "next")
	ramped := d.workedOn(d.pay(n / 5))
	d.told("while half ramps: %v", ramped)

	d.run(d.next, "current", "--operator", "next")
	d.open(3)
	current := d.workedOn(d.pay(n / 5))
	d.told("while it is current: %v", current)
	require.Zero(t, current[releaseNow], "those that waited go on under the next release")
	require.Positive(t, current[releaseNow+" "+releaseNext])

	out = d.run(d.next, "rollback", "--operator", "next")
	require.Contains(t, out, "rolled back from 1.1.0: all workflows go to 1.0.0")
	last := d.waiting[len(d.waiting)-3:]
	d.waiting = d.waiting[:len(d.waiting)-3]
	d.waiting = append(last, d.waiting...)
	require.Equal(t, map[string]int{releaseNext + " " + releaseNow: 3}, d.workedOn(d.pay(3)), "begun under the next release, ended under this one")
	d.run(d.next, "drain", releaseNext, "--wait", "1m")
	require.NoError(t, d.fleet.end("next-worker"))
	require.NoError(t, d.fleet.end("next-api"))
	d.apis = d.apis[:1]
	d.told("after the rollback: %v", d.workedOn(d.pay(len(d.waiting))))
	d.end6001(employee, approval)
	d.requireAllIssuedOnce()
	d.told("%d orders issued, all in all %s", len(d.ids), time.Since(began))
	d.adopted()
}

// adopted shows what holding is for: an order that has gone the next release's new way stands still after a rollback, loses nothing,
// and goes on when the release is current again. The canary says so before.
func (d *deploy) adopted() {
	d.t.Helper()
	_, err := d.fleet.begin(d.t.Context(), "adopting", d.next, "worker", nil)
	require.NoError(d.t, err)
	require.Contains(d.t, d.run(d.next, "canary", "--operator", "next"), "cannot go back to an older build")
	d.run(d.next, "current", "--operator", "next")
	d.open(1)
	w := d.waiting[0]
	d.run(d.next, "rollback", "--operator", "next")
	paid := make(chan error, 1)
	go func() { paid <- d.settleOrder(d.t.Context(), w, d.apis[0]) }()
	d.blocked(w.order)
	d.run(d.next, "current", "--operator", "next")
	require.NoError(d.t, <-paid)
	d.waiting = nil
	d.requireAllIssuedOnce()
}

// waiting6001 is an order that waits for the manager.
func (d *deploy) waiting6001(p *party) contract.Order {
	d.t.Helper()
	o := d.world.waiting(p, d.upload(p, 1))
	d.ids = append(d.ids, o.ID.String())
	return o
}

func (d *deploy) end6001(p *party, o contract.Order) {
	d.t.Helper()
	c := d.confirmed(o.ID)
	d.paid(d.director, caller.OfConfirmation(c.ID))
	d.issued(p, o.ID)
}

// told prints a figure of the run.
func (d *deploy) told(format string, args ...any) {
	d.t.Helper()
	d.t.Logf(format, args...)
}
