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
	tl.SignalWorkflow(workflows.SignalRejected, workflows.Rejected{By: "m", Note: note})
}

func TestM4_RejectedWithTheReason(t *testing.T) {
	for name, confirmed := range map[string]bool{"before the approval": false, "after it": true} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			tl.at(day, func() {
				if confirmed {
					require.True(t, tl.confirm(confirmationID))
				}
			})
			tl.at(2*day, func() { tl.reject("no longer with us") })
			require.Equal(t, workflows.OrderResult{End: order.EndRejected, Reason: order.ReasonByManager}, tl.run(employee))
			require.Equal(t, "no longer with us", tl.db.records[orderID].Note)
			require.Contains(t, tl.db.notices, "rejected "+orderID.String())
			if confirmed {
				require.Equal(t, []string{"order-left " + order.ConfirmationWorkflowID(1, confirmationID)}, tl.told)
				require.Zero(t, tl.db.payables[confirmationID].total)
			}
		})
	}
}

func TestM4_RejectionAfterThePaymentHasNoEffect(t *testing.T) {
	tl := newTimeline(t)
	tl.at(day, func() { require.True(t, tl.confirm(confirmationID)) })
	tl.at(2*day, func() {
		_, applied := tl.db.pay(confirmationID, tl.Now())
		require.True(t, applied)
		tl.reject("too late")
	})
	tl.at(3*day, func() {
		p := tl.db.payables[confirmationID].paidBy
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: p})
	})
	require.Equal(t, issued, tl.run(employee))
}

func TestS10_WithdrawnAtEveryStage(t *testing.T) {
	for _, c := range []struct {
		name    string
		service order.Service
		at      time.Duration
	}{
		{"waits for the manager", employee, day},
		{"is in a confirmation", employee, 3 * day},
		{"waits for the payment", individual, day},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl := newTimeline(t)
			var a *answer
			tl.at(2*day, func() {
				if c.service == employee {
					tl.confirm(confirmationID)
				}
			})
			tl.at(c.at, func() { a = tl.withdraw() })
			require.Equal(t, workflows.OrderResult{End: order.EndWithdrawn, Reason: order.ReasonByApplicant}, tl.run(c.service))
			require.NoError(t, a.refused)
			require.NoError(t, a.err)
			require.Equal(t, order.EndWithdrawn, a.result.(workflows.OrderSnapshot).End)
			require.True(t, tl.db.records[orderID].ClosedToMoney)
		})
	}
}

func TestS10_ConfirmationThatIsClosedNeedsNoTelling(t *testing.T) {
	tl := newTimeline(t)
	tl.closed[order.ConfirmationWorkflowID(1, confirmationID)] = true
	tl.at(day, func() { require.True(t, tl.confirm(confirmationID)) })
	tl.at(2*day, func() { tl.withdraw() })
	require.Equal(t, order.EndWithdrawn, tl.run(employee).End)
}

func TestS10_PaidOrderIsNotWithdrawn(t *testing.T) {
	tl := newTimeline(t)
	var early *answer
	tl.at(day, func() {
		payment, applied := tl.db.pay(orderID, tl.Now())
		require.True(t, applied)
		early = tl.withdraw()
		tl.at(time.Hour, func() {
			tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
		})
	})
	require.Equal(t, issued, tl.run(individual))
	require.ErrorContains(t, early.err, "paid already")
}

func TestS10_SecondWithdrawalIsRefused(t *testing.T) {
	tl := newTimeline(t)
	var first, second *answer
	tl.at(day, func() { first, second = tl.withdraw(), tl.withdraw() })
	require.Equal(t, order.EndWithdrawn, tl.run(individual).End)
	require.NoError(t, first.err)
	require.ErrorContains(t, second.refused, "already")
}

func TestP5_RepeatedSignalsChangeNothing(t *testing.T) {
	tl := newTimeline(t)
	tl.at(day, func() { require.True(t, tl.confirm(confirmationID)) })
	tl.at(2*day, func() {
		payment, _ := tl.db.pay(confirmationID, tl.Now())
		for range 3 {
			tl.SignalWorkflow(workflows.SignalApproved, activities.Approved{ConfirmationID: confirmationID, Number: 1, At: tl.Now()})
			tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
		}
	})
	require.Equal(t, issued, tl.run(employee))
	require.Equal(t, 1, tl.db.issued[orderID])
	require.Empty(t, tl.db.reports)
}

func TestP4_AnotherPaymentIsReported(t *testing.T) {
	tl := newTimeline(t)
	var second order.ID
	tl.at(day, func() {
		tl.payOrder()
		second, _ = tl.db.pay(orderID, tl.Now())
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: second})
	})
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, map[string]payments.Reason{second.String(): payments.ReasonClosed}, tl.db.reports)
}

func TestP4_APaymentThatIsNotInTheLedgerStopsNothing(t *testing.T) {
	tl := newTimeline(t)
	tl.at(day, func() {
		tl.payOrder()
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: order.NewID()})
	})
	require.Equal(t, issued, tl.run(individual))
	require.Empty(t, tl.db.reports)
}

func TestP8_NewConfirmationTakesOver(t *testing.T) {
	tl := newTimeline(t)
	second := order.DerivedID("test", []byte("second"))
	tl.at(day, func() { require.True(t, tl.confirm(confirmationID)) })
	tl.at(2*day, func() {
		// The first one lapses: it lets its orders go.
		tl.db.endConfirmation(tl.db.confirmations[confirmationID], tl.db.payables[confirmationID], order.ConfirmationLapsed)
	})
	tl.at(6*day, func() { require.True(t, tl.confirm(second), "approved orders stay for the term of the payment") })
	tl.at(7*day, func() { tl.payConfirmation(second) })
	require.Equal(t, issued, tl.run(employee))
	require.Equal(t, second, tl.db.records[orderID].ConfirmationID)
}

func TestM6_SignalsAtTheWrongStageHaveNoEffect(t *testing.T) {
	tl := newTimeline(t)
	tl.outside.send = func(activities.Channel) error { return nil }
	tl.at(day, func() { tl.payOrder(); tl.reject("after the payment") })
	require.Equal(t, issued, tl.run(individual))
}
