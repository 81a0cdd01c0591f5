package postgres_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Whatever is done to two orders of one organisation in whatever order, each
// is paid at most once, never both paid and ended unissued, and no money is lost.
func TestD7_P4_P8_NoInterleavingPaysTwiceOrLosesMoney(t *testing.T) {
	b := setup(t)
	rapid.Check(t, func(r *rapid.T) {
		w := &world{bundle: b, orders: []*sample{b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)}}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			w.step(r)
		}
		w.requireSound(r)
	})
}

// world is two orders with everything that was done about them.
type world struct {
	*bundle
	orders   []*sample
	lists    []order.Confirmation
	bills    map[order.ID]bill
	received int
}

func (w *world) step(r *rapid.T) {
	s := rapid.SampledFrom(w.orders).Draw(r, "order")
	kind := rapid.SampledFrom([]string{"list", "sign", "pay", "lapse", "leave", "revoke", "set aside"}).Draw(r, "step")
	if kind == "list" || len(w.lists) == 0 && kind != "leave" {
		w.lists = append(w.lists, w.listed(w.orders...))
		return
	}
	var c order.Confirmation
	if len(w.lists) > 0 {
		c = rapid.SampledFrom(w.lists).Draw(r, "list")
	}
	switch kind {
	case "sign":
		got, err := w.confirmations.Confirm(w.t.Context(), w.signed(c, day))
		if err != nil {
			require.True(r, errors.Is(err, order.ErrStage) || errors.Is(err, order.ErrNothingToConfirm), err)
			return
		}
		if w.bills == nil {
			w.bills = map[order.ID]bill{}
		}
		w.bills[c.ID] = bill{Number: int64(got.Number), Total: got.Total, Due: got.Until}
	case "pay":
		if of, ok := w.bills[c.ID]; ok {
			now, err := w.confirmations.Confirmation(w.t.Context(), c.ID)
			require.NoError(r, err)
			total := rapid.SampledFrom([]order.Kopecks{of.Total, now.Total}).Draw(r, "sum")
			_, err = w.receive(card(of.Number, total))
			require.NoError(r, err)
			w.received++
		}
	case "lapse":
		_, err := w.confirmations.Close(w.t.Context(), c.ID, order.DefaultPolicy().PayBy(day))
		require.NoError(r, err)
	case "leave":
		_, err := w.bundle.orders.End(w.t.Context(), withdrawal(s, rapid.Bool().Draw(r, "keep")))
		require.NoError(r, err)
	case "revoke":
		_, err := w.bundle.orders.End(w.t.Context(), order.Ending{
			OrderID: s.ID, End: order.EndRefused, Reason: order.ReasonRevoked, By: order.BySystem, At: day,
		})
		require.NoError(r, err)
	case "set aside":
		paid, err := w.payables.PaidFor(w.t.Context(), s.ID)
		payment := paid.PaymentID
		require.NoError(r, err)
		if !payment.IsZero() {
			require.NoError(r, w.payables.ReportUnapplied(w.t.Context(), payment, s.ID, "closed"))
		}
	}
}

func (w *world) requireSound(r *rapid.T) {
	for _, s := range w.orders {
		var held, paid int
		require.NoError(r, w.pool.QueryRow(w.t.Context(), `SELECT count(*), count(*) FILTER (WHERE y.state = 'paid')
			FROM payable_lines l JOIN payables y ON y.id = l.payable_id WHERE l.order_id = $1 AND l.held`, s.ID.String()).Scan(&held, &paid))
		require.LessOrEqual(r, held, 1)
		if !w.record(s.ID).Stage.Open() {
			require.Zero(r, held, "ended and still held")
		}
	}
	kept := 0
	for _, c := range w.lists {
		var total, lines, shares int64
		var applied, all int
		require.NoError(r, w.pool.QueryRow(w.t.Context(), `SELECT coalesce((SELECT total FROM payables WHERE id = $1), 0),
			coalesce((SELECT sum(amount) FROM payable_lines WHERE payable_id = $1 AND held), 0),
			coalesce((SELECT sum(s.amount) FROM payments s JOIN payments p ON p.id = s.parent_id WHERE p.payable_id = $1), 0),
			(SELECT count(*) FROM payments WHERE payable_id = $1 AND state = 'applied'),
			(SELECT count(*) FROM payments WHERE number = (SELECT 'NOAIS' || lpad(number::text, 9, '0') FROM payables WHERE id = $1) AND parent_id IS NULL)`,
			c.ID.String()).Scan(&total, &lines, &shares, &applied, &all))
		now, err := w.confirmations.Confirmation(w.t.Context(), c.ID)
		require.NoError(r, err)
		require.EqualValues(r, total, now.Total, "both tell one total")
		if now.Stage == order.ConfirmationPayment {
			require.Equal(r, total, lines+shares, "the lines make up the total")
		}
		require.LessOrEqual(r, applied, 1)
		kept += all
	}
	require.Equal(r, w.received, kept, "every payment is kept")
}

// Approval, deadline, withdrawal and payment meet over one order, in all
// orders and at once: one of them wins, the others are told.
func TestD7_ApprovalDeadlineWithdrawalAndPaymentAtOnce(t *testing.T) {
	b := setup(t)
	for range 25 {
		s, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
		list := b.signed(b.listed(s, other), day)
		var all sync.WaitGroup
		var c order.Confirmation
		var withdrawn, annulled order.Ended
		var errs [3]error
		steps := []func(){
			func() { c, errs[0] = b.confirmations.Confirm(t.Context(), list) },
			func() { withdrawn, errs[1] = b.orders.End(t.Context(), withdrawal(s, false)) },
			func() {
				annulled, errs[2] = b.orders.End(t.Context(), order.Ending{
					OrderID: s.ID, End: order.EndAnnulled, Reason: order.ReasonNotConfirmed, By: order.BySystem, At: s.Until, KeepConfirmed: true,
				})
			},
		}
		for _, i := range rand.Perm(len(steps)) {
			all.Go(steps[i])
		}
		all.Wait()
		require.NoError(t, errs[0], "the other order is confirmed in any case")
		if errs[1] == nil && errs[2] == nil {
			if withdrawn.Done && annulled.Done {
				require.Equal(t, withdrawn.End, annulled.End, "it ends in one way, and both are told which")
			}
		}
		r := b.record(s.ID)
		require.False(t, r.Stage.Open(), "the withdrawal wins unless the deadline was there before")
		require.Contains(t, []order.End{order.EndWithdrawn, order.EndAnnulled}, r.End)

		// Now the other order: its money against its withdrawal and its deadline.
		c, err := b.confirmations.Confirmation(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, price, c.Total)
		var p payments.Payment
		var lapsed order.ConfirmationEnded
		steps = []func(){
			func() { p, errs[0] = b.receive(card(int64(c.Number), price)) },
			func() { withdrawn, errs[1] = b.orders.End(t.Context(), withdrawal(other, false)) },
			func() { lapsed, errs[2] = b.confirmations.Close(t.Context(), c.ID, c.Until) },
		}
		for _, i := range rand.Perm(len(steps)) {
			all.Go(steps[i])
		}
		all.Wait()
		require.Equal(t, [3]error{}, errs)
		paid := p.State == payments.PaymentApplied
		require.Equal(t, paid, !withdrawn.Done, "paid or withdrawn")
		require.Equal(t, paid, !lapsed.Done, "paid or lapsed")
		require.Equal(t, paid, b.record(other.ID).Stage.Open())
	}
	b.requireSoundLog()
}
