package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// statementOf is how many transfers one statement has.
const statementOf = 200

// statements tells every transfer of the run once more, as a bank does at the end of a day.
func (d *driver) statements(ctx context.Context) error {
	sandbox := d.rig.stack.Gateways()
	for part := range slices.Chunk(sandbox.Credits(), statementOf) {
		if err := d.persist(ctx, "upload the day's statement", func() error {
			answers, err := sandbox.UploadCredits(ctx, part, gateways.StatementText, gateways.Faults{})
			if err == nil && answers[0].Status != http.StatusOK {
				err = fmt.Errorf("%w: %d %s", errNotTaken, answers[0].Status, answers[0].Body)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// eripRegister puts the register of everything that terminals took where the service looks for it.
func (d *driver) eripRegister() error {
	_, err := d.rig.stack.Gateways().DropRegister()
	return err
}

// payTooLate pays what nobody can pay any more.
func (d *driver) payTooLate(ctx context.Context) error {
	for _, w := range d.later {
		if w.unit.story != tooLate {
			continue
		}
		p := &payer{driver: d, unit: w.unit, caller: w.payer, of: w.of, payment: d.people.recall(w.of)}
		var err error
		if p.amount, err = order.ParseKopecks(p.payment.Amount); err == nil {
			err = p.notified(ctx, "too late", closedFates()...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// open counts the orders that something is still to be done to, without some.
func (r *rig) open(ctx context.Context, without []string) (n int, err error) {
	err = r.pool.QueryRow(ctx, "SELECT count(*) FROM orders WHERE stage <> 'ended' AND id <> ALL ($1::uuid[])", without).Scan(&n)
	return n, err
}

// undone counts what the service has to do, everything together.
func (r *rig) undone(ctx context.Context) (int, error) {
	left, err := r.left(ctx)
	n := 0
	for _, names := range left {
		n += len(names)
	}
	return n, err
}

// running lists the workflows of orders and confirmations that have not ended.
func (r *rig) runningWorkflows(ctx context.Context) ([]string, error) {
	var list []string
	query := fmt.Sprintf("WorkflowType IN ('%s', '%s') AND ExecutionStatus = 'Running'", workflows.OrderWorkflow, workflows.ConfirmationWorkflow)
	for page := []byte(nil); ; {
		got, err := r.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: stack.Namespace, Query: query,
			PageSize: 1000, NextPageToken: page})
		if err != nil {
			return nil, err
		}
		for _, w := range got.GetExecutions() {
			if w.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
				list = append(list, w.GetExecution().GetWorkflowId())
			}
		}
		if page = got.GetNextPageToken(); len(page) == 0 {
			return list, nil
		}
	}
}
