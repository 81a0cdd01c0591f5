package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// TestModel_AnyInterleaving: whatever applicants, managers, payers and gateways
// do in whatever order, at the borders of the terms above all, nothing is
// issued unpaid or twice, no money is lost and every order comes to an end.
func TestModel_AnyInterleaving(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := newHouse(rapid.IntRange(1, 3).Draw(r, "employees"), rapid.IntRange(0, 2).Draw(r, "individuals"))
		for _, in := range h.orders {
			h.drawApplicant(r, in)
		}
		for range rapid.IntRange(0, 12).Draw(r, "steps") {
			h.drawStep(r)
		}
		h.env.ExecuteWorkflow(houseWorkflow, h.orders)
		require.True(r, h.env.IsWorkflowCompleted())
		require.NoError(r, h.env.GetWorkflowError())
		h.requireOrders(r)
		h.requireMoney(r)
		h.requireConfirmations(r)
	})
}

// moments are drawn at the borders of the terms more often than not.
func moments() *rapid.Generator[time.Duration] {
	policy := order.DefaultPolicy()
	finish, pay := policy.FinishBy(monday).Sub(monday), policy.PayBy(monday).Sub(monday)
	borders := rapid.SampledFrom([]time.Duration{
		uploadedAt, uploadedAt + 5*day, finish, pay, pay + day, uploadedAt + day + 5*day, uploadedAt + 4*day,
	})
	offsets := rapid.SampledFrom([]time.Duration{-time.Hour, -time.Second, -50 * time.Millisecond, 0, 50 * time.Millisecond, time.Second})
	border := rapid.Custom(func(r *rapid.T) time.Duration { return borders.Draw(r, "border") + offsets.Draw(r, "offset") })
	anywhere := rapid.Map(rapid.IntRange(1, 25*24*60), func(m int) time.Duration { return time.Duration(m) * time.Minute })
	early := rapid.Map(rapid.IntRange(130, 6*24*60), func(m int) time.Duration { return time.Duration(m) * time.Minute })
	return rapid.OneOf(border, early, early, anywhere)
}

// drawApplicant lets most applicants finish their part early.
func (h *house) drawApplicant(r *rapid.T, in workflows.OrderInput) {
	id := childID(in)
	h.at(time.Hour, func() {
		h.update(id, workflows.UpdateAcceptTerms, workflows.AcceptTermsInput{AgreementVersion: "1", ContractVersion: "2"})
	})
	upload := uploadedAt
	switch rapid.IntRange(0, 9).Draw(r, "upload") {
	case 9: // never: small numbers are drawn the most
		return
	case 8:
		upload = moments().Draw(r, "uploaded")
	case 7:
		upload += day
	}
	h.at(upload, func() {
		h.update(id, workflows.UpdateSubmitRequest, workflows.SubmitRequestInput{
			RequestID: "request", Contacts: order.Contacts{Email: "anna@example.com", Phone: "+375291234567"},
		})
	})
}

// drawStep lets somebody do something at some moment.
func (h *house) drawStep(r *rapid.T) {
	when := moments().Draw(r, "when")
	in := rapid.SampledFrom(h.orders).Draw(r, "order")
	switch rapid.SampledFrom([]string{"confirm", "confirm", "confirm", "pay", "pay", "pay", "pay", "pay", "pay", "withdraw", "reject"}).Draw(r, "step") {
	case "confirm":
		ids := h.drawIDs(r)
		signAfter := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Hour, 2 * day}).Draw(r, "signed after")
		h.at(when, func() { h.confirm(ids, signAfter) })
	case "pay":
		delay := rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour, 3 * day}).Draw(r, "told after")
		times := rapid.IntRange(1, 3).Draw(r, "told times")
		nth := rapid.IntRange(0, 3).Draw(r, "which")
		h.at(when, func() {
			if !in.Service.NeedsApproval() {
				h.pay(in.OrderID, childID(in), delay, times)
			} else if nth < len(h.confirmations) {
				id := h.confirmations[nth]
				h.pay(id, workflows.ConfirmationWorkflowID(id), delay, times)
			}
		})
	case "withdraw":
		h.at(when, func() { h.update(childID(in), workflows.UpdateWithdraw) })
	case "reject":
		h.at(when, func() {
			_ = h.env.SignalWorkflowByID(childID(in), workflows.SignalRejected, workflows.Rejected{By: "m"})
		})
	}
}

func (h *house) drawIDs(r *rapid.T) []string {
	var ids []string
	for _, in := range h.orders {
		if in.Service.NeedsApproval() && rapid.IntRange(0, 4).Draw(r, "chosen") > 0 {
			ids = append(ids, in.OrderID)
		}
	}
	return ids
}

// requireOrders: every order ended, once, and was issued when it was paid.
func (h *house) requireOrders(r *rapid.T) {
	next := map[string]int64{}
	for _, v := range h.world.versions {
		id := v.State.OrderID
		next[id]++
		require.Equal(r, next[id], v.State.Version, "no two changes of %s overlap", id)
	}
	for _, in := range h.orders {
		row := h.world.orders[in.OrderID]
		require.Equal(r, order.StageEnded, row.state.Stage, in.OrderID)
		require.NotEmpty(r, row.state.End, in.OrderID)
		issued := h.world.issued[in.OrderID]
		require.LessOrEqual(r, issued, 1, "%s: one certificate at most", in.OrderID)
		require.Equal(r, row.state.End == order.EndIssued, issued == 1, in.OrderID)
		_, held := h.world.heldBy(in.OrderID)
		if issued == 1 {
			require.NotNil(r, held, "%s is issued and nothing pays for it", in.OrderID)
			require.Equal(r, payments.PayablePaid, held.state, in.OrderID)
			require.False(r, row.closed, "%s is closed to money and issued", in.OrderID)
		} else {
			require.True(r, row.closed, "%s ended and is open to money", in.OrderID)
			require.Nil(r, held, "%s ended and somebody pays for it", in.OrderID)
		}
		if row.state.Reason == order.ReasonNotConfirmed {
			require.Zero(r, row.state.ApprovedAt, in.OrderID)
		}
	}
}

// requireMoney: every payment is used once or kept for an operator.
func (h *house) requireMoney(r *rapid.T) {
	used := map[string]int{}
	for id, p := range h.world.payments {
		kept, unapplied := h.world.unapplied[id]
		require.NotEqual(r, p.applied, unapplied, id)
		if unapplied {
			require.Equal(r, p.amount, kept, id)
			continue
		}
		used[p.payableID]++
		var worth order.Kopecks
		for _, l := range h.world.payables[p.payableID].lines {
			if l.held {
				require.Equal(r, 1, h.world.issued[l.orderID]+keptOnce(h.world.unapplied, id+"/"+l.orderID), "%s in %s", l.orderID, id)
				worth += l.amount
			}
		}
		require.Equal(r, p.amount, worth, id)
	}
	for id, p := range h.world.payables {
		require.Equal(r, p.state == payments.PayablePaid, used[id] == 1, id)
		require.NotEqual(r, payments.PayableOpen, p.state, "%s is left open", id)
	}
}

func keptOnce(kept map[string]order.Kopecks, id string) int {
	if _, ok := kept[id]; ok {
		return 1
	}
	return 0
}

// requireConfirmations: each ended, and what it shows is what the arbiter has.
func (h *house) requireConfirmations(r *rapid.T) {
	last := map[string]activities.ConfirmationState{}
	for _, v := range h.world.confirmations {
		id := v.State.ConfirmationID
		require.Equal(r, last[id].Version+1, v.State.Version, id)
		last[id] = v.State
	}
	for _, id := range h.confirmations {
		state := last[id]
		require.False(r, state.Stage.Open(), "%s is %s", id, state.Stage)
		if p, ok := h.world.payables[id]; ok {
			// An order may leave in the instant in which its confirmation lapses.
			require.True(r, p.total == state.Total || state.Stage == activities.ConfirmationLapsed, id)
			require.Equal(r, p.state == payments.PayablePaid, state.Stage == activities.ConfirmationFinished, id)
		}
	}
}
