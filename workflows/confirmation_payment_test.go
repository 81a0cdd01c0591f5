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

func TestD1_SignatureBorder(t *testing.T) {
	for name, offset := range map[string]time.Duration{"before": -time.Second, "exactly then": 0, "after": time.Second} {
		t.Run(name, func(t *testing.T) {
			tl := newConfirmation(t)
			var signed *answer
			tl.at(4*day+offset, func() { signed = tl.sign("s") })
			tl.at(5*day, func() { tl.payTotal(); tl.certificate("a", "b") })
			stage := tl.runConfirmation("a", "b")
			if signed != nil && signed.done {
				require.LessOrEqual(t, offset, time.Duration(0))
				require.Equal(t, activities.ConfirmationFinished, stage)
				return
			}
			require.NotEqual(t, -time.Second, offset)
			require.Equal(t, activities.ConfirmationVoid, stage)
			require.Equal(t, 4*day, tl.after())
			require.Empty(t, tl.told)
		})
	}
}

// TestD7_SignatureBeingVerifiedAtTheDeadline: it came in time and is verified
// to its end before the confirmation is decided about.
func TestD7_SignatureBeingVerifiedAtTheDeadline(t *testing.T) {
	for name, good := range map[string]bool{"good": true, "bad": false} {
		t.Run(name, func(t *testing.T) {
			tl := newConfirmation(t)
			tries := 0
			tl.world.sign = func(activities.VerifyListInput) (activities.VerifyListResult, error) {
				if tries++; tries == 1 {
					return activities.VerifyListResult{}, errNobody
				}
				if good {
					return activities.VerifyListResult{}, nil
				}
				return activities.VerifyListResult{Report: order.Report{{Code: order.CheckSignature, Verdict: order.VerdictFailed}}}, nil
			}
			var signed *answer
			tl.at(4*day-100*time.Millisecond, func() { signed = tl.sign("s") })
			tl.at(5*day, func() { tl.payTotal(); tl.certificate("a", "b") })
			stage := tl.runConfirmation("a", "b")
			require.Equal(t, good, signed.good(t).(workflows.SignListResult).Accepted)
			require.Equal(t, good, stage == activities.ConfirmationFinished)
			require.Equal(t, !good, stage == activities.ConfirmationVoid)
		})
	}
}

func TestP8_PaymentBorder(t *testing.T) {
	for name, offset := range map[string]time.Duration{"before": -time.Second, "exactly then": 0, "after": time.Second} {
		t.Run(name, func(t *testing.T) {
			tl := newConfirmation(t)
			tl.world.waiting(4*day, 7*day, "early")
			applied := false
			tl.at(time.Hour, func() { tl.sign("s") })
			tl.at(7*day+offset, func() { _, applied = tl.payTotal() })
			tl.at(8*day, func() { tl.certificate("a", "early") })
			stage := tl.runConfirmation("a", "early")
			require.Equal(t, offset < 0, applied)
			if offset < 0 {
				require.Equal(t, activities.ConfirmationFinished, stage)
				return
			}
			require.Equal(t, activities.ConfirmationLapsed, stage, "due with the earliest of its orders")
			require.Equal(t, 7*day, tl.after())
			require.Equal(t, payments.PayableClosed, tl.world.payables["x"].state)
			require.Empty(t, tl.toldOf(workflows.SignalPaid))
			require.Equal(t, []order.NoticeKind{
				order.NoticeConfirmationPaymentDue, order.NoticeConfirmationReminder, order.NoticeConfirmationLapsed,
			}, tl.world.managerNotices())
		})
	}
}

func TestD7_MoneyInFlightAtTheDueInstant(t *testing.T) {
	tl := newConfirmation(t)
	tl.at(time.Hour, func() { tl.sign("s") })
	var payment string
	tl.at(8*day-time.Second, func() {
		var applied bool
		payment, applied = tl.world.pay("x", tl.Now())
		require.True(t, applied)
	})
	tl.at(8*day+5*time.Hour, func() { tl.receive(payment); tl.certificate("a", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Empty(t, tl.world.unapplied)
}

func TestP5_P4_RepeatedAndSecondPayments(t *testing.T) {
	tl := newConfirmation(t)
	tl.world.payments["second"] = &paymentRow{payableID: "x", amount: 7, applied: true}
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(day, func() {
		payment, _ := tl.payTotal()
		tl.receive(payment)
		tl.receive("second")
	})
	tl.at(2*day, func() { tl.receive("second"); tl.certificate("a", "a", "b", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Equal(t, map[string]order.Kopecks{"second": 7}, tl.world.unapplied)
	require.Equal(t, []string{"a", "b"}, tl.world.lastConfirmation().IssuedIDs)
	require.Len(t, tl.toldOf(workflows.SignalPaid), 2)
}

func TestP8_OrdersLeaveOneByOne(t *testing.T) {
	tl := newConfirmation(t)
	tl.world.waiting(4*day, 8*day, "c")
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(day, func() { tl.leave("b") })
	tl.at(2*day, func() {
		require.Equal(t, 2*certificatePrice, tl.world.lastConfirmation().Total)
		require.Equal(t, []string{"b"}, tl.world.lastConfirmation().LeftIDs)
		tl.SignalWorkflow(workflows.SignalOrderLeft, workflows.OrderLeft{OrderID: "b", Share: certificatePrice})
		tl.SignalWorkflow(workflows.SignalOrderLeft, workflows.OrderLeft{OrderID: "stranger", Share: certificatePrice})
		tl.leave("c")
	})
	tl.at(3*day, func() {
		require.Equal(t, certificatePrice, tl.world.lastConfirmation().Total)
		tl.payTotal()
		tl.certificate("a")
	})
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b", "c"))
	require.Equal(t, []string{"order-a"}, tl.toldOf(workflows.SignalPaid))
	require.Equal(t, []string{"b", "c"}, tl.world.lastConfirmation().LeftIDs)
}

func TestP8_AllOrdersLeave(t *testing.T) {
	tl := newConfirmation(t)
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(day, func() { tl.leave("a") })
	tl.at(2*day, func() { tl.leave("b") })
	require.Equal(t, activities.ConfirmationVoid, tl.runConfirmation("a", "b"))
	require.Equal(t, 2*day, tl.after(), "nobody waits for a payment of nothing")
	require.Zero(t, tl.world.lastConfirmation().Total)
}

// TestP8_OrderClosedBeforeItsApproval: it left between the signature and the
// word about it; its share leaves with it.
func TestP8_OrderClosedBeforeItsApproval(t *testing.T) {
	for name, gone := range map[string][]string{"one": {"b"}, "all": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			tl := newConfirmation(t)
			for _, id := range gone {
				tl.hangUp("order-" + id)
			}
			tl.at(time.Hour, func() { tl.sign("s") })
			tl.at(day, func() {
				require.Equal(t, certificatePrice, tl.world.lastConfirmation().Total)
				tl.payTotal()
				tl.certificate("a")
			})
			stage := tl.runConfirmation("a", "b")
			if len(gone) == 2 {
				require.Equal(t, activities.ConfirmationVoid, stage)
				require.Less(t, tl.after(), 2*time.Hour)
				return
			}
			require.Equal(t, activities.ConfirmationFinished, stage)
			require.Equal(t, gone, tl.world.lastConfirmation().LeftIDs)
			require.Empty(t, tl.world.unapplied)
		})
	}
}

func TestP4_ShareOfAnUnreachableOrderIsReported(t *testing.T) {
	tl := newConfirmation(t)
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(day, func() {
		tl.hangUp("order-b")
		tl.payTotal()
		tl.certificate("a")
	})
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Equal(t, map[string]order.Kopecks{"payment-1/b": certificatePrice}, tl.world.unapplied)
}

// TestP4_NoShareForWhoLeftBeforeThePayment: the word that an order has left
// comes after the payment, which did not pay for it.
func TestP4_NoShareForWhoLeftBeforeThePayment(t *testing.T) {
	tl := newConfirmation(t)
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(day, func() {
		_, err := tl.world.CloseOrder(t.Context(), activities.CloseOrderInput{OrderID: "b"})
		require.NoError(t, err)
		tl.hangUp("order-b")
		tl.payTotal()
	})
	tl.at(2*day, func() {
		tl.SignalWorkflow(workflows.SignalOrderLeft, workflows.OrderLeft{OrderID: "b", Share: certificatePrice})
		tl.certificate("a")
	})
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Empty(t, tl.world.unapplied)
}

func TestM10_IssuedBeforeEverythingElse(t *testing.T) {
	tl := newConfirmation(t)
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(day, func() { tl.certificate("b"); tl.payTotal() })
	tl.at(2*day, func() {
		require.Equal(t, activities.ConfirmationIssuing, tl.world.lastConfirmation().Stage)
		tl.certificate("a")
	})
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
}

func TestP4_PaymentAfterTheEndOfAConfirmationIsReported(t *testing.T) {
	tl := newConfirmation(t)
	tl.world.payments["late"] = &paymentRow{payableID: "x", amount: 7, applied: true}
	tl.world.closing = func() { tl.receive("late") }
	tl.at(time.Hour, func() { tl.sign("s") })
	stage := tl.runConfirmation("a", "b")
	require.Equal(t, activities.ConfirmationLapsed, stage)
	require.Equal(t, map[string]order.Kopecks{"late": 7}, tl.world.unapplied)
}
