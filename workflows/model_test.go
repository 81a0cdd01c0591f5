package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// TestModel_AnyInterleaving: whatever applicants, managers, payers, gateways
// and forgers do in whatever order, at the borders of the terms above all,
// nothing is issued unpaid or twice, no money is lost and every order comes to
// an end.
func TestModel_AnyInterleaving(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newService(rapid.IntRange(1, 3).Draw(r, "employees"), rapid.IntRange(0, 2).Draw(r, "individuals"))
		for range rapid.IntRange(0, 12).Draw(r, "steps") {
			s.drawStep(r)
		}
		s.run()
		require.True(r, s.env.IsWorkflowCompleted())
		require.NoError(r, s.env.GetWorkflowError(), s.standing())
		s.requireOrders(r)
		s.requireMoney(r)
		s.requireConfirmations(r)
	})
}

// standing tells where everything stands, for the message of a failure.
func (s *service) standing() string {
	text := ""
	for _, o := range s.orders {
		r := s.db.records[o.ID]
		text += fmt.Sprintf("order %d: %s %s %s; ", o.Number, r.Stage, r.End, r.Reason)
	}
	for _, begun := range s.confirmations {
		c := s.db.confirmations[begun.ID]
		text += fmt.Sprintf("%s: %s, %d of %d issued, %d left; ", c.Number.ERIP(), c.Stage, len(c.IssuedIDs), len(c.OrderIDs), len(c.LeftIDs))
	}
	return text
}

// moments are drawn at the borders of the terms more often than not.
func moments() *rapid.Generator[time.Duration] {
	borders := rapid.SampledFrom([]time.Duration{approveBy(), approveBy() - day, payBy(), payBy() - day, payBy() + day})
	offsets := rapid.SampledFrom([]time.Duration{-time.Hour, -time.Second, -50 * time.Millisecond, 0, 50 * time.Millisecond, time.Second})
	border := rapid.Custom(func(r *rapid.T) time.Duration { return borders.Draw(r, "border") + offsets.Draw(r, "offset") })
	anywhere := rapid.Map(rapid.IntRange(1, 25*24*60), func(m int) time.Duration { return time.Duration(m) * time.Minute })
	early := rapid.Map(rapid.IntRange(1, 6*24*60), func(m int) time.Duration { return time.Duration(m) * time.Minute })
	return rapid.OneOf(border, early, early, anywhere)
}

// drawStep lets somebody do something at some moment.
func (s *service) drawStep(r *rapid.T) {
	when := moments().Draw(r, "when")
	o := rapid.SampledFrom(s.orders).Draw(r, "order")
	id := order.WorkflowID(o.Number, o.ID)
	steps := []string{"confirm", "confirm", "confirm", "pay", "pay", "pay", "pay", "pay", "pay", "withdraw", "reject", "forge"}
	switch rapid.SampledFrom(steps).Draw(r, "step") {
	case "confirm":
		ids := s.drawIDs(r)
		startAfter := rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Second, time.Hour}).Draw(r, "started after")
		s.at(when, func() { s.confirm(ids, startAfter) })
	case "pay":
		delay := rapid.SampledFrom([]time.Duration{0, time.Second, 2 * time.Hour, 3 * day}).Draw(r, "told after")
		times, nth := rapid.IntRange(1, 3).Draw(r, "told times"), rapid.IntRange(0, 3).Draw(r, "which")
		s.at(when, func() {
			if !o.Service.NeedsApproval() {
				s.pay(o.ID, id, delay, times)
			} else if nth < len(s.confirmations) {
				c := s.confirmations[nth]
				s.pay(c.ID, order.ConfirmationWorkflowID(c.Number, c.ID), delay+time.Hour, times)
			}
		})
	case "withdraw":
		s.at(when, func() { s.withdraw(o) })
	case "reject":
		s.at(when, func() { _ = s.env.SignalWorkflowByID(id, workflows.SignalRejected, workflows.Rejected{By: "m"}) })
	case "forge":
		s.at(when, func() {
			_ = s.env.SignalWorkflowByID(id, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: order.NewID()})
		})
	}
}

func (s *service) drawIDs(r *rapid.T) []order.ID {
	var ids []order.ID
	for _, o := range s.orders {
		if o.Service.NeedsApproval() && rapid.IntRange(0, 4).Draw(r, "chosen") > 0 {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// requireOrders: every order ended, once, and was issued when it was paid.
func (s *service) requireOrders(r *rapid.T) {
	for _, o := range s.orders {
		row := s.db.records[o.ID]
		require.Equal(r, order.StageEnded, row.Stage, "order %d", o.Number)
		require.NotEmpty(r, row.End, "order %d", o.Number)
		certificates := s.db.issued[o.ID]
		require.LessOrEqual(r, certificates, 1, "order %d: one certificate at most", o.Number)
		require.Equal(r, row.End == order.EndIssued, certificates == 1, "order %d", o.Number)
		_, holder := s.db.holder(o.ID)
		if certificates == 1 {
			require.NotNil(r, holder, "order %d is issued and nothing pays for it", o.Number)
			require.Equal(r, payments.PayablePaid, holder.state, "order %d", o.Number)
			require.False(r, row.ClosedToMoney, "order %d is closed to money and issued", o.Number)
		} else {
			require.True(r, row.ClosedToMoney, "order %d ended and is open to money", o.Number)
			require.Nil(r, holder, "order %d ended and somebody pays for it", o.Number)
		}
		if row.Reason == order.ReasonNotConfirmed {
			require.Zero(r, row.ApprovedAt, "order %d", o.Number)
		}
	}
}

// requireMoney: every payment is used once or kept for an operator.
func (s *service) requireMoney(r *rapid.T) {
	used := map[order.ID]int{}
	for id, p := range s.db.payments {
		require.NotEqual(r, p.applied, p.unapplied, id)
		if p.unapplied {
			continue
		}
		used[p.payable]++
		var worth order.Kopecks
		for o := range s.db.payables[p.payable].held {
			require.Equal(r, 1, s.db.issued[o], "%s is paid by %s", o, id)
			worth += price
		}
		require.Equal(r, p.amount, worth, id)
	}
	for id, p := range s.db.payables {
		require.Equal(r, p.state == payments.PayablePaid, used[id] == 1, id)
		require.NotEqual(r, payments.PayableOpen, p.state, "%s is left open", id)
	}
}

// requireConfirmations: each ended as its payment did.
func (s *service) requireConfirmations(r *rapid.T) {
	for _, begun := range s.confirmations {
		c := s.db.confirmations[begun.ID]
		require.False(r, c.Stage.Open(), "confirmation %s is %s", c.Number.ERIP(), c.Stage)
		paid := s.db.payables[c.ID].state == payments.PayablePaid
		require.Equal(r, paid, c.Stage == order.ConfirmationFinished, "confirmation %s", c.Number.ERIP())
	}
}
