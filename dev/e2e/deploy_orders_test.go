package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// lanes are the people who call at the same time.
const lanes = 8

// open lets people open orders that wait for their payment.
func (d *deploy) open(n int) {
	d.t.Helper()
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(d.t.Context())
	group.SetLimit(lanes)
	for i := range n {
		group.Go(func() error {
			w, err := d.opened(ctx, d.apis[i%len(d.apis)])
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			d.waiting, d.ids = append(d.waiting, w), append(d.ids, w.order.ID.String())
			return nil
		})
	}
	require.NoError(d.t, group.Wait())
}

func (d *deploy) opened(ctx context.Context, api string) (*waiter, error) {
	h, token, err := d.stack.Enrol(d.person(order.KindIndividual))
	if err != nil {
		return nil, err
	}
	p := &party{Holder: h, Caller: &caller.Caller{Base: api, Token: token, HTTP: d.http}}
	o, err := p.Open(ctx, p.Service())
	if err != nil {
		return nil, err
	}
	if _, err = p.AcceptTerms(ctx, o.ID); err != nil {
		return nil, err
	}
	file, err := p.Request(time.Now(), 1)
	if err != nil {
		return nil, err
	}
	if _, _, err = p.Submit(ctx, o.ID, caller.Upload{File: file, Email: p.Subject.Email, Phone: p.Phone}); err != nil {
		return nil, err
	}
	o, err = p.Await(ctx, o.ID, order.StageAwaitingPayment)
	return &waiter{party: p, order: o}, err
}

// pay lets so many of those that wait pay, through every API there is, and waits for their certificates.
func (d *deploy) pay(n int) []*waiter {
	d.t.Helper()
	payers := d.waiting[:n]
	d.waiting = d.waiting[n:]
	group, ctx := errgroup.WithContext(d.t.Context())
	group.SetLimit(lanes)
	for i, w := range payers {
		group.Go(func() error { return d.settleOrder(ctx, w, d.apis[i%len(d.apis)]) })
	}
	require.NoError(d.t, group.Wait())
	return payers
}

func (d *deploy) settleOrder(ctx context.Context, w *waiter, api string) error {
	w.Base = api
	gateway := *d.gateway
	gateway.Base = api
	payment, err := w.ChooseMethod(ctx, caller.OfOrder(w.order.ID), "erip")
	if err != nil {
		return err
	}
	n := notification(payment)
	// A gateway says things twice.
	for range 2 {
		entry, err := gateway.Notify(ctx, n)
		if err == nil && entry.State != contract.Applied {
			err = fmt.Errorf("payment %s is %s", payment.Number, entry.State)
		}
		if err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	_, err = w.AwaitIssued(ctx, w.order.ID)
	return err
}

// builds are those that have taken steps of an order, in turn, and how many of its tasks have failed.
func (d *deploy) builds(o contract.Order) (builds []string, failed int) {
	d.t.Helper()
	for _, e := range d.history(d.temporal, d.workflowOf(d.temporal, o.Number)) {
		switch e.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			// A message that comes while a step is taken lets the server have it taken again.
			if e.GetWorkflowTaskFailedEventAttributes().GetCause() != enumspb.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND {
				failed++
			}
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			build := e.GetWorkflowTaskCompletedEventAttributes().GetDeploymentVersion().GetBuildId()
			if len(builds) == 0 || builds[len(builds)-1] != build {
				builds = append(builds, build)
			}
		default:
		}
	}
	return builds, failed
}

// workedOn counts the orders by the builds that have taken their steps; the code of none has failed at any.
func (d *deploy) workedOn(orders []*waiter) map[string]int {
	d.t.Helper()
	count := map[string]int{}
	for _, w := range orders {
		builds, failed := d.builds(w.order)
		require.Zero(d.t, failed, "order %s", w.order.Number)
		count[strings.Join(builds, " ")]++
	}
	return count
}
