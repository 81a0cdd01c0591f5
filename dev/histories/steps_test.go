package histories_test

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// payment is what everything is paid by.
var payment = order.DerivedID("payment", nil)

// steps stand in for the activities: they say what the workflow wants to hear.
type steps struct {
	client client.Client

	mu sync.Mutex
	// confirmed are the orders of each confirmation, with its number.
	confirmed map[order.ID]confirmed
	issued    map[order.ID]bool
	// refused is an order that the registers refuse, unreachable one whose e-mail
	// address does not exist, busy one whose mailbox takes the second attempt.
	refused, unreachable, busy order.ID
}

type confirmed struct {
	number order.PaymentNumber
	orders []order.ID
}

// of finds the confirmation that an order is in.
func (s *steps) of(id order.ID) (order.ID, order.PaymentNumber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for confirmation, c := range s.confirmed {
		for _, o := range c.orders {
			if o == id {
				return confirmation, c.number
			}
		}
	}
	return order.ID{}, 0
}

func (s *steps) CheckRegisters(_ context.Context, in activities.CheckRegistersInput) (activities.CheckRegistersResult, error) {
	now := time.Now()
	policy := order.DefaultPolicy()
	switch {
	case in.OrderID == s.refused:
		return activities.CheckRegistersResult{Stage: order.StageEnded, End: order.EndRefused, Reason: order.ReasonRegistersDiffer}, nil
	case employees[in.OrderID]:
		return activities.CheckRegistersResult{Stage: order.StageAwaitingApproval, Until: policy.ApproveBy(now), PayBy: policy.PayBy(now)}, nil
	default:
		return activities.CheckRegistersResult{
			Stage: order.StageAwaitingPayment, Until: policy.PayBy(now), PayBy: policy.PayBy(now), Number: 92239,
		}, nil
	}
}

func (s *steps) EndOrder(_ context.Context, in activities.EndOrderInput) (activities.EndOrderResult, error) {
	ended := order.Ended{Done: true, End: in.Ending.End, Reason: in.Ending.Reason}
	ended.ConfirmationID, ended.ConfirmationNumber = s.of(in.Ending.OrderID)
	return activities.EndOrderResult{Ended: ended}, nil
}

func (s *steps) RemindOrder(context.Context, activities.RemindOrderInput) error { return nil }

func (s *steps) IssueCertificate(ctx context.Context, in activities.IssueCertificateInput) (activities.IssueCertificateResult, error) {
	if id, number := s.of(in.OrderID); !id.IsZero() && s.last(id, in.OrderID) {
		workflowID := order.ConfirmationWorkflowID(number, id)
		if err := s.client.SignalWorkflow(ctx, workflowID, "", workflows.SignalIssued, workflows.Look{}); err != nil {
			return activities.IssueCertificateResult{}, err
		}
	}
	return activities.IssueCertificateResult{
		SerialNumber: "4f00000000000001", PaymentID: payment, Channels: []activities.Channel{activities.ChannelEmail, activities.ChannelSMS},
	}, nil
}

// last notes that an order is issued and tells whether it was the last of its confirmation.
func (s *steps) last(confirmation, id order.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued[id] = true
	for _, o := range s.confirmed[confirmation].orders {
		if !s.issued[o] {
			return false
		}
	}
	return true
}

func (s *steps) SendCredentials(_ context.Context, in activities.FirstAttemptInput) (activities.FirstAttemptResult, error) {
	res := activities.FirstAttemptResult{Outcomes: map[activities.Channel]activities.SendCredentialsResult{activities.ChannelSMS: {Sent: true}}}
	switch in.OrderID {
	case s.unreachable:
		res.Outcomes[activities.ChannelEmail] = activities.SendCredentialsResult{Cause: "no such mailbox"}
	case s.busy:
		res.Again = []activities.FailedAttempt{{Channel: activities.ChannelEmail, Cause: "450 try again later"}}
	default:
		res.Outcomes[activities.ChannelEmail] = activities.SendCredentialsResult{Sent: true}
	}
	return res, nil
}

func (s *steps) SendCredentialsByEmail(context.Context, activities.SendCredentialsInput) (activities.SendCredentialsResult, error) {
	return activities.SendCredentialsResult{Sent: true}, nil
}

func (s *steps) TellApproved(ctx context.Context, in activities.ConfirmationStep) (activities.ConfirmationStepResult, error) {
	s.mu.Lock()
	c := s.confirmed[in.ConfirmationID]
	s.mu.Unlock()
	approved := activities.Approved{ConfirmationID: in.ConfirmationID, Number: c.number, At: in.At}
	for _, o := range c.orders {
		if err := s.client.SignalWorkflow(ctx, order.WorkflowID(7, o), "", workflows.SignalApproved, approved); err != nil {
			return activities.ConfirmationStepResult{}, err
		}
	}
	return activities.ConfirmationStepResult{Told: len(c.orders)}, nil
}

func (s *steps) TakePayment(context.Context, activities.ConfirmationStep) (activities.ConfirmationStepResult, error) {
	return activities.ConfirmationStepResult{ConfirmationEnded: order.ConfirmationEnded{Paid: true}, PaymentID: payment}, nil
}

func (s *steps) CloseConfirmation(_ context.Context, in activities.ConfirmationStep) (activities.ConfirmationStepResult, error) {
	stage := order.ConfirmationLapsed
	if voided[in.ConfirmationID] {
		stage = order.ConfirmationVoid
	}
	return activities.ConfirmationStepResult{ConfirmationEnded: order.ConfirmationEnded{Done: true, Stage: stage}}, nil
}

func (s *steps) FinishConfirmation(context.Context, activities.ConfirmationStep) (activities.ConfirmationStepResult, error) {
	return activities.ConfirmationStepResult{ConfirmationEnded: order.ConfirmationEnded{Done: true, Stage: order.ConfirmationFinished}}, nil
}

func (s *steps) RemindConfirmation(context.Context, activities.ConfirmationStep) error { return nil }

func (s *steps) SendReminders(context.Context, activities.SendRemindersInput) (activities.SendRemindersResult, error) {
	return activities.SendRemindersResult{Asked: 3}, nil
}

func (s *steps) CompareLedger(context.Context, activities.CompareInput) (activities.CompareResult, error) {
	return activities.CompareResult{}, nil
}

func (s *steps) CompareCards(context.Context, activities.CompareInput) (activities.CompareResult, error) {
	return activities.CompareResult{Asked: 2}, nil
}

func (s *steps) RecordReconciliation(context.Context, activities.RecordReconciliationInput) error {
	return nil
}
