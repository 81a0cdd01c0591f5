package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func (tl *timeline) reject(note string) {
	tl.SignalWorkflow(workflows.SignalRejected, workflows.Rejected{By: "manager-key", Note: note})
}

func TestM4_RejectedWithTheReason(t *testing.T) {
	for name, confirmed := range map[string]bool{"not confirmed": false, "confirmed, not paid": true} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			tl.formed()
			if confirmed {
				tl.at(day, func() { require.True(t, tl.confirm("x")) })
			}
			tl.at(2*day, func() { tl.reject("left the firm") })
			require.Equal(t, workflows.OrderResult{End: order.EndRejected, Reason: order.ReasonByManager}, tl.run(employeeOrder()))
			require.Equal(t, "left the firm", tl.world.last().Note)
			require.Contains(t, tl.world.notices(), order.NoticeRejected)
			require.Less(t, tl.after(), 2*day+time.Minute)
			if confirmed {
				require.Equal(t, []string{"order-left confirmation-x"}, tl.told)
				require.Zero(t, tl.world.payables["x"].total)
			}
		})
	}
}

func TestM4_RejectionAfterThePaymentHasNoEffect(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(day, func() { require.True(t, tl.confirm("x")) })
	tl.at(2*day, func() { tl.payConfirmation("x"); tl.reject("too late") })
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
	require.Empty(t, tl.world.last().Note)
}

func TestS10_WithdrawnAtEveryStage(t *testing.T) {
	stages := map[order.Stage]struct {
		in      workflows.OrderInput
		prepare func(*timeline)
		notices bool
	}{
		order.StageTerms:   {in: employeeOrder(), prepare: func(*timeline) {}},
		order.StageRequest: {in: employeeOrder(), prepare: func(tl *timeline) { tl.at(time.Hour, func() { tl.acceptTerms() }) }},
		order.StageChecking: {in: employeeOrder(), notices: true, prepare: func(tl *timeline) {
			tl.silentUntil(99 * day)
			tl.formed()
		}},
		order.StageAwaitingApproval: {in: employeeOrder(), notices: true, prepare: (*timeline).formed},
		order.StageAwaitingPayment:  {in: individualOrder(), notices: true, prepare: (*timeline).formed},
	}
	for stage, tc := range stages {
		t.Run(string(stage), func(t *testing.T) {
			tl := newTimeline(t)
			tc.prepare(tl)
			var taken *answer
			tl.at(day, func() {
				require.Equal(t, stage, tl.world.last().Stage)
				taken = tl.withdraw()
			})
			require.Equal(t, workflows.OrderResult{End: order.EndWithdrawn, Reason: order.ReasonByApplicant}, tl.run(tc.in))
			require.Equal(t, order.EndWithdrawn, taken.good(t).(workflows.OrderSnapshot).End)
			require.Less(t, tl.after(), day+time.Minute)
			require.Equal(t, tc.notices, len(tl.world.notices()) > 0 && tl.world.notices()[len(tl.world.notices())-1] == order.NoticeWithdrawn)
			for _, p := range tl.world.payables {
				require.Equal(t, payments.PayableClosed, p.state)
			}
		})
	}
}

func TestS10_WithdrawnFromAnOpenConfirmation(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(day, func() { require.True(t, tl.confirm("x")) })
	tl.at(2*day, func() { tl.withdraw() })
	require.Equal(t, order.EndWithdrawn, tl.run(employeeOrder()).End)
	require.Equal(t, []string{"order-left confirmation-x"}, tl.told)
}

func TestS10_ConfirmationThatIsClosedNeedsNoTelling(t *testing.T) {
	tl := newTimeline(t)
	tl.hangUp("confirmation-x")
	tl.formed()
	tl.at(day, func() { require.True(t, tl.confirm("x")) })
	tl.at(2*day, func() { tl.withdraw() })
	require.Equal(t, order.EndWithdrawn, tl.run(employeeOrder()).End)
}

func TestS10_PaidOrderIsNotWithdrawn(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	var inFlight, known *answer
	tl.at(day, func() {
		// The ledger has the money; the order does not know of it yet.
		_, applied := tl.world.pay(orderID, tl.Now())
		require.True(t, applied)
		inFlight = tl.withdraw()
	})
	tl.at(day+time.Hour, func() {
		known = tl.withdraw()
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: "payment-1"})
	})
	require.Equal(t, order.EndIssued, tl.run(individualOrder()).End)
	require.Equal(t, workflows.ErrTypeAlreadyPaid, typeOf(inFlight.err))
	require.Equal(t, workflows.ErrTypeAlreadyPaid, typeOf(known.err))
}

func TestP5_RepeatedSignalsChangeNothing(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(day, func() { require.True(t, tl.confirm("x")); tl.approve("x") })
	tl.at(2*day, func() { tl.approve("x") })
	tl.at(3*day, func() {
		tl.payConfirmation("x")
		tl.SignalWorkflow(workflows.SignalPaid, workflows.Paid{ConfirmationID: "x", PaymentID: "payment-1"})
	})
	tl.world.issue = func(activities.IssueCertificateInput) error {
		tl.SignalWorkflow(workflows.SignalPaid, workflows.Paid{ConfirmationID: "x", PaymentID: "payment-1"})
		return nil
	}
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
	require.Equal(t, 1, tl.world.issued[orderID])
	require.Empty(t, tl.world.unapplied)
}

func TestP4_AnotherPaymentIsReported(t *testing.T) {
	for name, when := range map[string]time.Duration{"while it is open": 0, "while it is issued": time.Minute} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			// Two payments that the ledger has both applied: an operator may do that.
			tl.world.payments["second"] = &paymentRow{payableID: orderID, amount: 1, applied: true}
			second := func() {
				tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: "second"})
			}
			tl.formed()
			tl.at(day, func() {
				tl.payOrder()
				if when == 0 {
					second()
				}
			})
			tl.world.issue = func(activities.IssueCertificateInput) error {
				if when > 0 {
					second()
				}
				return nil
			}
			require.Equal(t, order.EndIssued, tl.run(individualOrder()).End)
			require.Equal(t, map[string]order.Kopecks{"second": 1}, tl.world.unapplied)
			require.NotEqual(t, "second", tl.world.last().PaymentID)
		})
	}
}

func TestP4_PaymentAfterTheEndIsReported(t *testing.T) {
	tl := newTimeline(t)
	tl.world.payments["late"] = &paymentRow{payableID: orderID, amount: 1, applied: true}
	tl.formed()
	tl.at(day, func() { tl.withdraw() })
	tl.world.closing = func() {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: "late"})
	}
	require.Equal(t, order.EndWithdrawn, tl.run(individualOrder()).End)
	require.Equal(t, map[string]order.Kopecks{"late": 1}, tl.world.unapplied)
	require.Empty(t, tl.world.issued)
}

func TestP8_NewConfirmationTakesOver(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(day, func() { require.True(t, tl.confirm("x")) })
	tl.at(2*day, func() {
		_, err := tl.world.ClosePayable(t.Context(), activities.ClosePayableInput{PayableID: "x"})
		require.NoError(t, err)
	})
	tl.at(7*day, func() { require.True(t, tl.confirm("y"), "approved once is enough: the visibility term is over") })
	tl.at(8*day, func() { tl.payConfirmation("y") })
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
	require.Equal(t, "y", tl.world.last().ConfirmationID)
	require.Equal(t, monday.Add(day), tl.world.last().ApprovedAt.In(order.Minsk()))
}

func TestM6_SignalsAtTheWrongStageHaveNoEffect(t *testing.T) {
	tl := newTimeline(t)
	tl.at(time.Minute, func() { tl.approve("x"); tl.reject("too early") })
	tl.formed()
	tl.at(day, func() {
		require.Equal(t, order.StageAwaitingApproval, tl.world.last().Stage)
		require.Empty(t, tl.world.last().ConfirmationID)
	})
	require.Equal(t, order.ReasonNotConfirmed, tl.run(employeeOrder()).Reason)
}
