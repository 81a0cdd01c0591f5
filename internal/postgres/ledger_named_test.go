package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// TestP3_MoneyNamedByARequestShowsItsOrder: nobody's money pays by itself for
// whoever writes its number into a request, but the operator sees who did.
func TestP3_MoneyNamedByARequestShowsItsOrder(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceIndividual)
	b.decide(s, consent())
	u, file := s.upload(good())
	u.Request.NamedPayment = 234123
	_, err := b.orders.TakeUpload(t.Context(), s.ID, u, file)
	require.NoError(t, err)
	other := card(234124, price)
	transfer := card(234123, price)
	transfer.Source, transfer.Number = payments.SourceClientBank, "оплата № NОAIS000234123, аванс"
	for _, n := range []payments.Notification{transfer, other} {
		p, err := b.receive(n)
		require.NoError(t, err)
		require.Equal(t, payments.PaymentUnapplied, p.State)
	}
	page, err := b.ledger.List(t.Context(), payments.PaymentUnapplied, 0, 10)
	require.NoError(t, err)
	named := map[string][]int64{}
	for _, p := range page.Payments {
		named[p.Number] = p.NamedBy
	}
	require.Equal(t, map[string][]int64{transfer.Number: {s.Number}, other.Number: {}}, named)
	entries, err := b.audit.OrderEntries(t.Context(), s.ID.String())
	require.NoError(t, err)
	require.Equal(t, "NOAIS000234123", entries[len(entries)-1].Evidence["payment-number"])
}
