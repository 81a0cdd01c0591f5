package process

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// KeyManager makes the key under which a workflow's history is encrypted.
type KeyManager interface {
	// Begin gives the key of a workflow of an order or confirmation.
	Begin(ctx context.Context, workflowID string, subject order.ID) (keyring.Key, error)
}

// Starter starts the workflows of orders and confirmations. Starting one that
// was started before is no error and changes nothing.
type Starter struct {
	Client    client.Client
	TaskQueue string
	Keys      KeyManager
	// Anew lets a run that has completed be followed by another. It is for those
	// who have just read that the row is open: the run ended in what a restore of the database lost.
	Anew bool
}

// Starter starts workflows with the process's keys.
func (b *Base) Starter() Starter {
	return Starter{Client: b.Temporal, TaskQueue: b.Config.Temporal.TaskQueue, Keys: begunKeys{keys: b.Keys, cache: b.Cache}}
}

// begunKeys lets the next payload of a workflow use its new key.
type begunKeys struct {
	keys  *postgres.Keys
	cache *payload.Cache
}

// Begin makes the key, which is the one to encrypt with from now on.
func (k begunKeys) Begin(ctx context.Context, workflowID string, subject order.ID) (keyring.Key, error) {
	key, err := k.keys.Begin(ctx, workflowID, subject)
	if err != nil {
		return key, err
	}
	return key, k.cache.Begin(key)
}

// StartOrder starts the workflow of an order whose request has passed the
// first check.
func (s Starter) StartOrder(ctx context.Context, o order.Record) error {
	attributes := []temporal.SearchAttributeUpdate{
		workflows.AttributeNumber.ValueSet(strconv.FormatInt(o.Number, 10)),
		workflows.AttributeStage.ValueSet(string(order.StageChecking)),
	}
	if o.Service.NeedsApproval() {
		attributes = append(attributes, workflows.AttributeOrganisation.ValueSet(o.UNP))
	}
	return s.start(ctx, start{
		id: order.WorkflowID(o.Number, o.ID), subject: o.ID, workflow: workflows.OrderWorkflow,
		summary: fmt.Sprintf("Order %d of %s", o.Number, o.Service), attributes: attributes,
		input: workflows.OrderInput{OrderID: o.ID, Service: o.Service, Policy: o.Policy, CheckBy: o.Policy.FinishBy(o.UploadedAt)},
	})
}

// StartConfirmation starts the workflow of a confirmation whose list is signed.
func (s Starter) StartConfirmation(ctx context.Context, c order.Confirmation) error {
	orders := len(c.OrderIDs) - len(c.LeftIDs)
	return s.start(ctx, start{
		id: order.ConfirmationWorkflowID(c.Number, c.ID), subject: c.ID, workflow: workflows.ConfirmationWorkflow,
		summary: fmt.Sprintf("Confirmation of %d orders under %s", orders, c.Number.ERIP()),
		attributes: []temporal.SearchAttributeUpdate{
			workflows.AttributeStage.ValueSet(string(order.ConfirmationPayment)),
			workflows.AttributeOrganisation.ValueSet(c.UNP),
			workflows.AttributePaymentNumber.ValueSet(c.Number.ERIP()),
			workflows.AttributePayBy.ValueSet(c.Until),
		},
		input: workflows.ConfirmationInput{ConfirmationID: c.ID, Number: c.Number, Orders: orders, Due: c.Until, Policy: c.Policy},
	})
}

// start is a workflow to be started.
type start struct {
	id       string
	subject  order.ID
	workflow string
	// summary is read by operators and carries nothing of persons.
	summary    string
	attributes []temporal.SearchAttributeUpdate
	input      any
}

func (s Starter) start(ctx context.Context, w start) error {
	if _, err := s.Keys.Begin(ctx, w.id, w.subject); err != nil {
		return fmt.Errorf("start %s: %w", w.id, err)
	}
	// Only a run that failed makes room for another: ours never fail, but a
	// forged one that took the id first does.
	reuse := enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	if s.Anew {
		reuse = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	_, err := s.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: w.id, TaskQueue: s.TaskQueue, StaticSummary: w.summary, TypedSearchAttributes: temporal.NewSearchAttributes(w.attributes...),
		WorkflowIDReusePolicy:    reuse,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, w.workflow, w.input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return fmt.Errorf("start %s: %w", w.id, err)
	}
	return nil
}
