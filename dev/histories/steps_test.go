package histories_test

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// steps stand in for the activities: they say what the workflow wants to hear.
type steps struct {
	client client.Client
	// recorded tells the stage of each transition, by order or confirmation.
	recorded chan string
	// orders are paid for together by the confirmation.
	orders []activities.PayableOrder
	due    time.Time
}

func (s *steps) tell(id, stage string) {
	select {
	case s.recorded <- id + " " + stage:
	default:
	}
}

func (s *steps) RecordOrder(_ context.Context, in activities.RecordOrderInput) error {
	s.tell(in.State.OrderID, string(in.State.Stage))
	return nil
}

func (s *steps) RecordConfirmation(_ context.Context, in activities.RecordConfirmationInput) error {
	s.tell(in.State.ConfirmationID, string(in.State.Stage))
	return nil
}

func (s *steps) VerifyRequest(_ context.Context, _ activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
	return activities.VerifyRequestResult{Admitted: true, Years: 1}, nil
}

func (s *steps) CheckRegisters(_ context.Context, _ activities.CheckRegistersInput) (activities.CheckRegistersResult, error) {
	return activities.CheckRegistersResult{}, nil
}

func (s *steps) OpenPayable(_ context.Context, in activities.OpenPayableInput) (activities.OpenPayableResult, error) {
	return activities.OpenPayableResult{Number: 92239, Total: 4320 * order.Kopecks(len(in.OrderIDs)), Orders: s.orders, Due: s.due}, nil
}

func (s *steps) CloseOrder(context.Context, activities.CloseOrderInput) (activities.CloseOrderResult, error) {
	return activities.CloseOrderResult{Closed: true}, nil
}

func (s *steps) ClosePayable(context.Context, activities.ClosePayableInput) (activities.ClosePayableResult, error) {
	return activities.ClosePayableResult{Closed: true}, nil
}

func (s *steps) ComposeList(_ context.Context, in activities.ComposeListInput) (activities.ComposeListResult, error) {
	return activities.ComposeListResult{ListID: "list", OrderIDs: in.OrderIDs, NeedSignature: true, SignBy: in.At.Add(96 * time.Hour)}, nil
}

func (s *steps) VerifyList(context.Context, activities.VerifyListInput) (activities.VerifyListResult, error) {
	return activities.VerifyListResult{}, nil
}

func (s *steps) IssueCertificate(ctx context.Context, in activities.IssueCertificateInput) (activities.IssueCertificateResult, error) {
	if in.ConfirmationID != "" {
		id := workflows.ConfirmationWorkflowID(in.ConfirmationID)
		if err := s.client.SignalWorkflow(ctx, id, "", workflows.SignalIssued, workflows.Issued{OrderID: in.OrderID}); err != nil {
			return activities.IssueCertificateResult{}, err
		}
	}
	return activities.IssueCertificateResult{SerialNumber: "4f00000000000001"}, nil
}
