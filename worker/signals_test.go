package worker

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func signals(t *testing.T) (Signals, *enginetest.Server) {
	t.Helper()
	server := enginetest.New(t)
	c, err := engine.Plain(config.Temporal{Address: config.Address(server.Address), Namespace: "test"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return Signals{Client: c}, server
}

func TestP6_APaymentIsToldToItsWorkflow(t *testing.T) {
	s, server := signals(t)
	require.NoError(t, s.SignalPayment(t.Context(), "order/1", "payment-1"))
	require.Len(t, server.Signals(), 1)
	got := server.Signals()[0]
	require.Equal(t, "order/1", got.WorkflowID)
	require.Equal(t, workflows.SignalPaymentReceived, got.Name)
	var payment workflows.PaymentReceived
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(got.Input, &payment))
	require.Equal(t, workflows.PaymentReceived{PaymentID: "payment-1"}, payment)
}

func TestM10_AConfirmationIsToldOfItsCertificates(t *testing.T) {
	s, server := signals(t)
	require.NoError(t, s.SignalIssued(t.Context(), "confirmation-1", "order-1"))
	got := server.Signals()[0]
	require.Equal(t, workflows.ConfirmationWorkflowID("confirmation-1"), got.WorkflowID)
	require.Equal(t, workflows.SignalIssued, got.Name)
	var issued workflows.Issued
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(got.Input, &issued))
	require.Equal(t, "order-1", issued.OrderID)
}

func TestP4_AWorkflowThatIsGoneIsTellable(t *testing.T) {
	s, server := signals(t)
	gone := serviceerror.NewNotFound("workflow execution already completed")
	server.Refuse("SignalWorkflowExecution", gone)
	require.ErrorIs(t, s.SignalPayment(t.Context(), "order/1", "payment-1"), ErrClosed)
	server.Refuse("SignalWorkflowExecution", gone)
	require.NoError(t, s.SignalIssued(t.Context(), "confirmation-1", "order-1"), "a closed confirmation needs no telling")

	denied := serviceerror.NewPermissionDenied("no", "")
	server.Refuse("SignalWorkflowExecution", denied, denied)
	err := s.SignalPayment(t.Context(), "order/1", "payment-1")
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrClosed)
	require.Error(t, s.SignalIssued(t.Context(), "confirmation-1", "order-1"))
}
