package worker

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
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
	paid := activities.Paid{ConfirmationID: c.ID, PaymentID: payment}
	return map[string]told{
		"an order that is approved": {
			func(ctx context.Context, s Signals) error { return s.Approved(ctx, o, approved) },
			order.WorkflowID(123, o.ID), workflows.SignalApproved, &approved, &activities.Approved{},
		},
		"an order that is paid": {
			func(ctx context.Context, s Signals) error { return s.Paid(ctx, o, paid) },
			order.WorkflowID(123, o.ID), workflows.SignalPaid, &paid, &activities.Paid{},
		},
		"a confirmation whose certificates are out": {
			func(ctx context.Context, s Signals) error { return s.Issued(ctx, c) },
			order.ConfirmationWorkflowID(7, c.ID), workflows.SignalIssued, &workflows.Look{}, &workflows.Look{},
		},
		"what a payment pays for": {
			func(ctx context.Context, s Signals) error {
				return s.TellPayment(ctx, payments.Delivery{PaymentID: payment.String(), WorkflowID: "123-order"})
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
	require.ErrorIs(t, s.TellPayment(t.Context(), payments.Delivery{PaymentID: "nothing", WorkflowID: "123-order"}), order.ErrID)
	require.Empty(t, server.Signals())
}
