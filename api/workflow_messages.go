package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// answerWithin is how long a person waits for a workflow's answer.
const answerWithin = 28 * time.Second

// workflowMessages bring wishes of people to the workflows of orders.
type workflowMessages struct {
	temporal client.Client
	starter  draft.Starter
}

// Withdraw asks the order's workflow to end at its applicant's wish and waits
// for the answer (S10). An order whose workflow was not started yet, because
// Temporal was away, is started first.
func (w workflowMessages) Withdraw(ctx context.Context, rec order.Record) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := w.withdraw(ctx, rec)
	if errors.Is(err, errNoWorkflow) {
		if err = w.starter.StartOrder(ctx, rec); err == nil {
			err = w.withdraw(ctx, rec)
		}
	}
	if errors.Is(err, errNoWorkflow) {
		// It has just ended: what the caller knew is out of date.
		return order.ErrStage
	}
	return err
}

// withdraw sends the wish again while the server cannot take it: a workflow that
// was about to end as the wish came fails its task and looks anew. Taken twice
// it is told the second time that the order has ended.
func (w workflowMessages) withdraw(ctx context.Context, rec order.Record) error {
	for {
		handle, err := w.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: order.WorkflowID(rec.Number, rec.ID), UpdateName: workflows.UpdateWithdraw,
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(ctx, nil)
		}
		var notReady *serviceerror.WorkflowNotReady
		if !errors.As(err, &notReady) {
			return refused(err)
		}
		select {
		case <-ctx.Done():
			return refused(err)
		case <-time.After(notReadyPause):
		}
	}
}

// notReadyPause is between two tries to reach a workflow.
const notReadyPause = 50 * time.Millisecond

// errNoWorkflow: there is no open workflow under the id.
var errNoWorkflow = errors.New("no open workflow")

// refused finds the reason behind the error of a message.
func refused(err error) error {
	var gone *serviceerror.NotFound
	var precondition *serviceerror.FailedPrecondition
	var application *temporal.ApplicationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &gone), errors.As(err, &precondition):
		return errNoWorkflow
	case !errors.As(err, &application):
		return fmt.Errorf("message to a workflow: %w", err)
	}
	switch application.Type() {
	case workflows.ErrTypeAlreadyPaid:
		return order.ErrPaid
	case workflows.ErrTypeWrongStage:
		return order.ErrStage
	case workflows.ErrTypeBusy:
		return web.Refuse(web.ProblemBusy, nil)
	case "AcceptedUpdateCompletedWorkflow":
		return errNoWorkflow
	default:
		return fmt.Errorf("message to a workflow: %w", err)
	}
}

// Reject tells the order's workflow that its manager said no (M4).
func (w workflowMessages) Reject(ctx context.Context, rec order.Record, managerKey, note string) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := w.temporal.SignalWorkflow(ctx, order.WorkflowID(rec.Number, rec.ID), "", workflows.SignalRejected,
		workflows.Rejected{By: managerKey, Note: note})
	if err = refused(err); errors.Is(err, errNoWorkflow) {
		return order.ErrStage
	}
	return err
}

// Healthy asks whether Temporal answers.
func (w workflowMessages) Healthy(ctx context.Context) error {
	_, err := w.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}
