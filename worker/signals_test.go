package worker

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/workflows"
)

var _ activities.Signals = Signals{}

func signals(t *testing.T) (Signals, *enginetest.Server) {
	t.Helper()
	server := enginetest.New(t)
	c, err := engine.Plain(config.Temporal{Address: config.Address(server.Address), Namespace: "test"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return Signals{Client: c}, server
}

// told is one telling with what the workflow has to hear.
type told struct {
	tell       func(context.Context, Signals) error
	workflowID string
	signal     string
	want, got  any
}

func tellings() map[string]told {
	o := order.Record{ID: order.NewID(), Number: 123}
	c := order.Confirmation{ID: order.NewID(), Number: 7}
	payment := order.NewID()
	approved := activities.Approved{ConfirmationID: c.ID, Number: c.Number, At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	return map[string]told{
		"an order that is approved": {
			func(ctx context.Context, s Signals) error { return s.Approved(ctx, o, approved) },
			order.WorkflowID(123, o.ID), workflows.SignalApproved, &approved, &activities.Approved{},
		},
		"a confirmation whose certificates are out": {
			func(ctx context.Context, s Signals) error { return s.Issued(ctx, c) },
			order.ConfirmationWorkflowID(7, c.ID), workflows.SignalIssued, &workflows.Look{}, &workflows.Look{},
		},
		"what a payment pays for": {
			func(ctx context.Context, s Signals) error {
				_, err := s.TellPayment(ctx, payments.Delivery{PaymentID: payment.String(), WorkflowID: "123-order"})
				return err
			},
			"123-order", workflows.SignalPaymentReceived, &workflows.PaymentReceived{PaymentID: payment}, &workflows.PaymentReceived{},
		},
	}
}

func TestP6_M10_WorkflowsAreTold(t *testing.T) {
	for name, c := range tellings() {
		t.Run(name, func(t *testing.T) {
			s, server := signals(t)
			require.NoError(t, c.tell(t.Context(), s))
			require.Len(t, server.Signals(), 1)
			got := server.Signals()[0]
			require.Equal(t, c.workflowID, got.WorkflowID)
			require.Equal(t, c.signal, got.Name)
			require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(got.Input, c.got))
			require.Equal(t, c.want, c.got)
		})
	}
}

func TestP4_AWorkflowThatIsGoneIsToldApart(t *testing.T) {
	for name, c := range tellings() {
		t.Run(name, func(t *testing.T) {
			s, server := signals(t)
			server.Refuse("SignalWorkflowExecution", serviceerror.NewNotFound("workflow execution already completed"))
			require.ErrorIs(t, c.tell(t.Context(), s), activities.ErrClosed)

			denied := serviceerror.NewPermissionDenied("no", "")
			server.Refuse("SignalWorkflowExecution", denied, denied)
			err := c.tell(t.Context(), s)
			require.Error(t, err)
			require.NotErrorIs(t, err, activities.ErrClosed)
			require.Empty(t, server.Signals())
		})
	}
}

func TestP6_APaymentWithoutAnIdentifierIsNotTold(t *testing.T) {
	s, server := signals(t)
	_, err := s.TellPayment(t.Context(), payments.Delivery{PaymentID: "nothing", WorkflowID: "123-order"})
	require.ErrorIs(t, err, order.ErrID)
	require.Empty(t, server.Signals())
}

func TestP6_M8_APaymentOfAConfirmationIsToldToItsOrdersToo(t *testing.T) {
	const confirmation, one, two = "7-confirmation", "1-order", "2-order"
	payment := order.NewID()
	for name, c := range map[string]struct {
		ended        []string
		open         bool
		told, closed []string
		fails        bool
	}{
		"everybody runs":                        {open: true, told: []string{one, two, confirmation}},
		"an order is missing":                   {open: true, ended: []string{one}, told: []string{two, confirmation}, closed: []string{one}},
		"all orders are missing":                {open: true, ended: []string{one, two}, told: []string{confirmation}, closed: []string{one, two}},
		"the confirmation is missing":           {open: true, ended: []string{confirmation}, told: []string{one, two}, fails: true},
		"the confirmation ended, an order runs": {ended: []string{confirmation, one}, told: []string{two}, closed: []string{one}},
		"everybody ended":                       {ended: []string{confirmation, one, two}, closed: []string{one, two}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, server := signals(t)
			for _, id := range c.ended {
				server.Workflow(id, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
			}
			closed, err := s.TellPayment(t.Context(), payments.Delivery{
				PaymentID: payment.String(), WorkflowID: confirmation, Open: c.open, Orders: []string{one, two},
			})
			require.Equal(t, c.fails, errors.Is(err, intake.ErrNobodyWaits), "%v", err)
			require.Equal(t, c.fails, err != nil)
			require.Equal(t, c.closed, closed)
			var told []string
			for _, signal := range server.Signals() {
				var got workflows.PaymentReceived
				require.Equal(t, workflows.SignalPaymentReceived, signal.Name)
				require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(signal.Input, &got))
				require.Equal(t, payment, got.PaymentID)
				told = append(told, signal.WorkflowID)
			}
			slices.Sort(told)
			require.Equal(t, c.told, told)
		})
	}
}

func TestP6_AServerThatFailsForOneOrderIsAskedAgain(t *testing.T) {
	s, server := signals(t)
	server.Refuse("SignalWorkflowExecution", serviceerror.NewPermissionDenied("no", ""))
	d := payments.Delivery{PaymentID: order.NewID().String(), WorkflowID: "7-confirmation", Open: true, Orders: []string{"1-order", "2-order"}}
	_, err := s.TellPayment(t.Context(), d)
	require.Error(t, err)
	require.NotErrorIs(t, err, intake.ErrNobodyWaits)
	require.Len(t, server.Signals(), 2, "the others are told all the same")
	_, err = s.TellPayment(t.Context(), d)
	require.NoError(t, err)
	require.Len(t, server.Signals(), 5)
}
