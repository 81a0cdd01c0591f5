package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// confirmed is a timeline of a confirmation that has just been signed over so
// many orders, which wait since monday.
type confirmed struct {
	*timeline
	orders []order.ID
	c      order.Confirmation
}

func newConfirmed(t *testing.T, n int) confirmed {
	t.Helper()
	tl := confirmed{timeline: newTimeline(t)}
	for i := range n {
		id := order.DerivedID("test", []byte{byte(i)})
		r := checking(id, int64(i+1), employee)
		r.Stage, r.CompletedAt = order.StageAwaitingApproval, monday
		r.PayBy, r.Until = r.Policy.PayBy(monday), r.Policy.ApproveBy(monday)
		tl.db.insert(r)
		tl.orders = append(tl.orders, id)
	}
	var err error
	tl.c, err = tl.db.confirm(confirmationID, tl.orders, monday)
	require.NoError(t, err)
	return tl
}

func (tl confirmed) run() order.ConfirmationStage {
	tl.t.Helper()
	tl.ExecuteWorkflow(workflows.Confirmation, workflows.ConfirmationInput{
		ConfirmationID: confirmationID, Number: tl.c.Number, Orders: len(tl.orders), Due: tl.c.Until, Policy: tl.c.Policy,
	})
	require.True(tl.t, tl.IsWorkflowCompleted())
	require.NoError(tl.t, tl.GetWorkflowError())
	var res workflows.ConfirmationResult
	require.NoError(tl.t, tl.GetWorkflowResult(&res))
	require.Equal(tl.t, tl.db.confirmations[confirmationID].Stage, res.Stage, "workflow and database agree")
	return res.Stage
}

func (tl confirmed) pay() order.ID {
	payment, applied := tl.db.pay(confirmationID, tl.Now())
	if applied {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	}
	return payment
}

// certify lets an order be issued; the last one tells.
func (tl confirmed) certify(id order.ID) {
	_, err := tl.db.Issue(tl.t.Context(), id)
	require.NoError(tl.t, err)
	if _, last, _ := tl.db.Issued(tl.t.Context(), id); last {
		tl.SignalWorkflow(workflows.SignalIssued, workflows.Look{})
	}
}

// leave lets an order end unpaid.
func (tl confirmed) leave(id order.ID) {
	_, err := tl.db.End(tl.t.Context(), order.Ending{OrderID: id, End: order.EndWithdrawn, Reason: order.ReasonByApplicant, By: order.ByApplicant})
	require.NoError(tl.t, err)
	tl.SignalWorkflow(workflows.SignalOrderLeft, workflows.Look{})
}

func (tl confirmed) count(signal string) (n int) {
	for _, text := range tl.told {
		if len(text) > len(signal) && text[:len(signal)+1] == signal+" " {
			n++
		}
	}
	return n
}

func TestM6ToM10_ConfirmationIsPaidAndFinished(t *testing.T) {
	tl := newConfirmed(t, 3)
	tl.at(time.Hour, func() { require.Equal(t, 3, tl.count("approved")) })
	tl.at(day, func() { tl.pay() })
	tl.at(2*day, func() { tl.certify(tl.orders[0]); tl.certify(tl.orders[1]) })
	tl.at(3*day, func() { tl.certify(tl.orders[2]) })
	require.Equal(t, order.ConfirmationFinished, tl.run())
	require.Contains(t, tl.db.notices, "confirmation finished "+confirmationID.String())
	require.Empty(t, tl.db.reports)
}

func TestP8_PaymentBorder(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    time.Duration
		stage order.ConfirmationStage
	}{
		{"one second before", payBy() - time.Second, order.ConfirmationFinished},
		{"at the instant", payBy(), order.ConfirmationLapsed},
		{"one second after", payBy() + time.Second, order.ConfirmationLapsed},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl := newConfirmed(t, 1)
			tl.at(c.at, func() {
				tl.pay()
				if c.stage == order.ConfirmationFinished {
					tl.certify(tl.orders[0])
				}
			})
			require.Equal(t, c.stage, tl.run())
		})
	}
}

func TestD7_MoneyInFlightAtTheDueInstant(t *testing.T) {
	tl := newConfirmed(t, 1)
	tl.at(payBy()-time.Second, func() {
		payment, applied := tl.db.pay(confirmationID, tl.Now())
		require.True(t, applied)
		tl.at(time.Hour, func() {
			tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
			tl.certify(tl.orders[0])
		})
	})
	require.Equal(t, order.ConfirmationFinished, tl.run())
}

func TestP5_P4_RepeatedAndSecondPayments(t *testing.T) {
	tl := newConfirmed(t, 1)
	var second order.ID
	tl.at(day, func() {
		first := tl.pay()
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: first})
		second, _ = tl.db.pay(confirmationID, tl.Now())
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: second})
		tl.certify(tl.orders[0])
	})
	require.Equal(t, order.ConfirmationFinished, tl.run())
	require.Equal(t, map[string]payments.Reason{second.String(): payments.ReasonClosed}, tl.db.reports)
}

func TestP8_OrdersLeaveOneByOne(t *testing.T) {
	tl := newConfirmed(t, 3)
	tl.at(day, func() { tl.leave(tl.orders[0]) })
	tl.at(2*day, func() { tl.leave(tl.orders[1]) })
	tl.at(3*day, func() { tl.pay(); tl.certify(tl.orders[2]) })
	require.Equal(t, order.ConfirmationFinished, tl.run())
	require.Equal(t, price, tl.db.payables[confirmationID].total)
}

func TestP8_AllOrdersLeave(t *testing.T) {
	tl := newConfirmed(t, 2)
	tl.at(day, func() { tl.leave(tl.orders[0]) })
	tl.at(2*day, func() { tl.leave(tl.orders[1]) })
	require.Equal(t, order.ConfirmationVoid, tl.run())
	require.Less(t, tl.after(), 2*day+time.Minute)
}

func TestP4_AMessageWithoutMoneyPaysNothing(t *testing.T) {
	tl := newConfirmed(t, 1)
	tl.at(day, func() {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: order.NewID()})
	})
	tl.at(2*day, func() {
		require.NotContains(t, tl.db.notices, "confirmation finished "+confirmationID.String())
		tl.pay()
		tl.certify(tl.orders[0])
	})
	require.Equal(t, order.ConfirmationFinished, tl.run())
}

func TestM6_AnOrderWhoseWorkflowIsClosedHoldsUpNobody(t *testing.T) {
	tl := newConfirmed(t, 2)
	tl.closed[order.WorkflowID(1, tl.orders[0])] = true
	tl.at(day, func() { tl.pay() })
	tl.at(2*day, func() { tl.certify(tl.orders[0]); tl.certify(tl.orders[1]) })
	require.Equal(t, order.ConfirmationFinished, tl.run())
	require.Equal(t, 1, tl.count("approved"))
}

func TestM10_IssuedBeforeTheMessageIsRead(t *testing.T) {
	tl := newConfirmed(t, 1)
	tl.at(day, func() {
		payment, _ := tl.db.pay(confirmationID, tl.Now())
		_, err := tl.db.Paid(t.Context(), confirmationID, tl.Now())
		require.NoError(t, err)
		tl.certify(tl.orders[0])
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	})
	require.Equal(t, order.ConfirmationFinished, tl.run())
}

func TestD6_ThePayerOfAConfirmationIsRemindedOnce(t *testing.T) {
	tl := newConfirmed(t, 1)
	reminded := string(order.NoticeConfirmationReminder) + " " + confirmationID.String()
	tl.at(payBy()-day-time.Minute, func() { require.NotContains(t, tl.db.notices, reminded) })
	tl.at(payBy()-day+time.Minute, func() { require.Contains(t, tl.db.notices, reminded) })
	require.Equal(t, order.ConfirmationLapsed, tl.run())
}

func TestConfirmation_CancellationRequestHasNoEffect(t *testing.T) {
	tl := newConfirmed(t, 1)
	tl.at(time.Hour, tl.CancelWorkflow)
	tl.at(day, func() { tl.pay(); tl.certify(tl.orders[0]) })
	require.Equal(t, order.ConfirmationFinished, tl.run())
}
