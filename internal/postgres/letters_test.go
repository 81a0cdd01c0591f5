package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// withdrawn orders, uploads and withdraws once, as one person, at an instant.
func (b *bundle) withdrawn(applicant string, at time.Time) {
	b.t.Helper()
	n := b.made.Add(1)
	rec, _, err := b.orders.OpenDraft(b.t.Context(), b.draft(order.ServiceEmployee, applicant))
	require.NoError(b.t, err)
	s := &sample{Record: rec, keyID: fmt.Sprintf("%064x", n), years: 1}
	require.NoError(b.t, b.take(s))
	ending := withdrawal(s, false)
	ending.At = at
	ended, err := b.orders.End(b.t.Context(), ending)
	require.NoError(b.t, err)
	require.True(b.t, ended.Done)
}

func TestS10_ALoopOfOrderingAndWithdrawingSendsNoSecondLetter(t *testing.T) {
	b := setup(t)
	letters := func() int { return b.count("notices WHERE kind = 'withdrawn'") }
	for range 20 {
		b.withdrawn("one", day)
	}
	require.Equal(t, 1, letters())
	b.withdrawn("another", day)
	require.Equal(t, 2, letters(), "each person hears of their own")
	b.withdrawn("one", day.AddDate(0, 0, 1))
	require.Equal(t, 3, letters(), "and again on another day")
}
