package workflows_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

var (
	employee   = order.ServiceEmployee
	individual = order.ServiceIndividual
	issued     = workflows.OrderResult{End: order.EndIssued}
	bothSent   = []activities.Channel{activities.ChannelEmail, activities.ChannelSMS}
)

func TestS7ToI4_EmployeeOrderIsIssuedAndDelivered(t *testing.T) {
	tl := newTimeline(t)
	tl.at(2*day, func() { require.True(t, tl.confirm(confirmationID)) })
	tl.at(3*day, func() { tl.payConfirmation(confirmationID) })
	require.Equal(t, issued, tl.run(employee))
	require.Equal(t, []order.Stage{
		order.StageChecking, order.StageAwaitingApproval, order.StageAwaitingPayment, order.StageEnded,
	}, tl.db.stages[orderID])
	require.Equal(t, 1, tl.db.issued[orderID])
	require.ElementsMatch(t, bothSent, tl.outside.sent)
	require.Equal(t, []string{"issued " + order.ConfirmationWorkflowID(1, confirmationID)}, tl.told, "the last one tells the confirmation")
	require.Empty(t, tl.db.reports)
}

func TestS7ToI4_IndividualOrderIsIssuedAndDelivered(t *testing.T) {
	tl := newTimeline(t)
	tl.at(2*day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, []order.Stage{order.StageChecking, order.StageAwaitingPayment, order.StageEnded}, tl.db.stages[orderID])
	require.Contains(t, tl.db.notices, "payment-due "+orderID.String())
	require.ElementsMatch(t, bothSent, tl.outside.sent)
	require.Empty(t, tl.told)
}

func TestS7_DifferingRegisterRefuses(t *testing.T) {
	for _, service := range []order.Service{employee, individual} {
		tl := newTimeline(t)
		tl.outside.check = func() (order.Report, error) {
			return order.Report{{Code: order.CheckPerson, Verdict: order.VerdictFailed, Field: order.FieldSurname}}, nil
		}
		require.Equal(t, workflows.OrderResult{End: order.EndRefused, Reason: order.ReasonRegistersDiffer}, tl.run(service))
		require.Equal(t, order.FieldSurname, tl.db.records[orderID].Report[0].Field)
		require.Equal(t, []string{"refused " + orderID.String()}, tl.db.notices)
		require.Zero(t, tl.db.issued[orderID])
	}
}

// silent lets an activity end only after some time; the test environment gives
// up after ten tries where the server goes on.
func (tl *timeline) silent(activity string, d time.Duration, answer any, err error) {
	tl.OnActivity(activity, mock.Anything, mock.Anything).After(d).Return(answer, err)
}

func TestS7_SilentRegisterIsAskedAgain(t *testing.T) {
	tl := newTimeline(t)
	tries := 0
	tl.outside.check = func() (order.Report, error) {
		if tries++; tries < 8 {
			return nil, errors.New("no answer")
		}
		return nil, nil
	}
	tl.at(3*day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, 8, tries)
}

func TestS7_S10_WithdrawnWhileTheRegisterIsSilent(t *testing.T) {
	tl := newTimeline(t)
	tl.silent("CheckRegisters", 5*day, activities.CheckRegistersResult{}, errors.New("no answer"))
	var a *answer
	tl.at(day, func() { a = tl.withdraw() })
	require.Equal(t, workflows.OrderResult{End: order.EndWithdrawn, Reason: order.ReasonByApplicant}, tl.run(employee))
	require.NoError(t, a.err)
	require.True(t, a.done)
	require.Less(t, tl.after(), day+time.Minute)
}

// TestS8_WhatCannotBeSavedForGoodIsSaidSo: not that the applicant did not finish.
// A server reports the end of the time as a timeout with the last failure, or
// as the failure itself.
func TestS8_WhatCannotBeSavedForGoodIsSaidSo(t *testing.T) {
	failed := temporal.NewApplicationError("the disk is full", activities.ErrTypeNotSaved)
	tl := newTimeline(t)
	tl.silent("CheckRegisters", 10*day, activities.CheckRegistersResult{}, temporal.NewTimeoutError(enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, failed))
	require.Equal(t, workflows.OrderResult{End: order.EndRefused, Reason: order.ReasonNotSaved}, tl.run(employee))
	require.Equal(t, 10*day, tl.after())
}

func TestS7_S11_SilentRegisterHoldsNothingForEver(t *testing.T) {
	tl := newTimeline(t)
	tl.silent("CheckRegisters", 10*day, activities.CheckRegistersResult{},
		temporal.NewTimeoutError(enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, errors.New("no answer")))
	require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotFinished}, tl.run(employee))
	require.Equal(t, 10*day, tl.after())
}

func TestI1_IssuingIsTriedUntilItSucceeds(t *testing.T) {
	tl := newTimeline(t)
	tries := 0
	tl.outside.issue = func() error {
		if tries++; tries < 8 {
			return errors.New("the token is unplugged")
		}
		return nil
	}
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, 1, tl.db.issued[orderID])
}

func TestM6_P4_AMessageWithoutProofIssuesNothing(t *testing.T) {
	forged := order.DerivedID("test", []byte("forged"))
	for name, service := range map[string]order.Service{"employee": employee, "individual": individual} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			tl.at(time.Hour, func() {
				tl.SignalWorkflow(workflows.SignalApproved, activities.Approved{ConfirmationID: forged, At: tl.Now()})
				tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: forged})
			})
			res := tl.run(service)
			require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotPaid}, res)
			require.Zero(t, tl.db.issued[orderID])
		})
	}
}

func TestM6_P4_AMessageWithoutProofHoldsUpNothing(t *testing.T) {
	tl := newTimeline(t)
	forged := order.DerivedID("test", []byte("forged"))
	tl.at(time.Hour, func() {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: forged})
	})
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Less(t, tl.after(), day+time.Hour)
}

func TestA1c_RevokedBeforeTheIssueIsRefused(t *testing.T) {
	tl := newTimeline(t)
	tl.outside.issue = func() error {
		r := tl.db.records[orderID]
		r.Stage, r.End, r.Reason = order.StageEnded, order.EndRefused, order.ReasonRevoked
		return activities.ErrRevoked
	}
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, workflows.OrderResult{End: order.EndRefused, Reason: order.ReasonRevoked}, tl.run(individual))
	require.Empty(t, tl.outside.sent)
}

func TestI6_AFailingChannelIsGivenUpAfterThreeDaysAndHoldsUpNothing(t *testing.T) {
	tl := newTimeline(t)
	tl.outside.send = func(c activities.Channel) error {
		if c == activities.ChannelEmail {
			return errors.New("the mailbox is busy")
		}
		return nil
	}
	tl.silent("SendCredentialsByEmail", 3*day, activities.SendCredentialsResult{},
		temporal.NewTimeoutError(enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, errors.New("the mailbox does not answer")))
	var stage order.Stage
	tl.at(day, func() { tl.payOrder() })
	tl.at(day+time.Hour, func() { stage = tl.db.records[orderID].Stage })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, order.StageEnded, stage, "the order has ended while the mailbox is tried")
	require.Equal(t, []activities.Channel{activities.ChannelSMS}, tl.outside.sent)
	require.Equal(t, []activities.Channel{activities.ChannelEmail}, tl.outside.givenUp)
	require.Equal(t, 4*day, tl.after())
}

func TestI6_AChannelThatFailsOnceIsTriedByItself(t *testing.T) {
	tl := newTimeline(t)
	tries := map[activities.Channel]int{}
	var mu sync.Mutex
	tl.outside.send = func(c activities.Channel) error {
		mu.Lock()
		defer mu.Unlock()
		if tries[c]++; c == activities.ChannelEmail && tries[c] < 4 {
			return errors.New("the mailbox is busy")
		}
		return nil
	}
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, map[activities.Channel]int{activities.ChannelEmail: 4, activities.ChannelSMS: 1}, tries)
	require.Empty(t, tl.outside.givenUp)
}

func TestI6_WithoutAnyAttemptInThreeDaysEveryChannelIsGivenUp(t *testing.T) {
	tl := newTimeline(t)
	tl.silent("SendCredentials", 3*day, activities.FirstAttemptResult{},
		temporal.NewTimeoutError(enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, errors.New("no worker")))
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, []activities.Channel{activities.ChannelEmail, activities.ChannelSMS}, tl.outside.givenUp)
}

func TestI6_AnUndeliverableMessageIsNotTriedAgain(t *testing.T) {
	tl := newTimeline(t)
	tries := 0
	tl.outside.send = func(c activities.Channel) error {
		if c == activities.ChannelSMS {
			tries++
			return activities.ErrUndeliverable
		}
		return nil
	}
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, 1, tries)
	require.Empty(t, tl.outside.givenUp)
}

func TestOrder_StartedAgainGoesOnWhereTheRecordStands(t *testing.T) {
	tl := newTimeline(t)
	r := checking(orderID, 7, employee)
	r.Stage, r.CompletedAt, r.PayBy = order.StageAwaitingApproval, monday, r.Policy.PayBy(monday)
	r.Until = r.Policy.ApproveBy(monday)
	tl.db.insert(r)
	_, err := tl.db.confirm(confirmationID, []order.ID{orderID}, monday)
	require.NoError(t, err)
	tl.outside.check = func() (order.Report, error) { t.Error("the registers were asked before"); return nil, nil }
	tl.at(day, func() { tl.payConfirmation(confirmationID) })
	require.Equal(t, issued, tl.run(employee))
}

func TestOrder_CancellationRequestHasNoEffect(t *testing.T) {
	tl := newTimeline(t)
	tl.at(time.Hour, tl.CancelWorkflow)
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
}
