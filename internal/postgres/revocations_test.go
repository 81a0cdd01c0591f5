package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

func TestRevocationsAreKeptOnce(t *testing.T) {
	b := setup(t)
	b.issued("0b")
	r := ca.Revocation{Issuer: "test", Serial: "0b", Reason: pki.Reason(1), At: day}
	require.NoError(t, b.certificates.Revoke(t.Context(), r))
	later := r
	later.Reason, later.At = pki.Reason(4), day.Add(time.Hour)
	require.NoError(t, b.certificates.Revoke(t.Context(), later))
	list, err := b.certificates.Revoked(t.Context(), "test", day)
	require.NoError(t, err)
	require.Equal(t, []ca.Revocation{r}, list)
	list, err = b.certificates.Revoked(t.Context(), "test", day.AddDate(2, 0, 0))
	require.NoError(t, err)
	require.Empty(t, list)
	require.ErrorIs(t, b.certificates.Revoke(t.Context(), ca.Revocation{Issuer: "test", Serial: "0c", At: day}), ca.ErrUnknownCertificate)
	for want := range 3 {
		n, err := b.certificates.NextCRLNumber(t.Context(), "test")
		require.NoError(t, err)
		require.EqualValues(t, want+1, n)
	}
}

func TestI7_Activation(t *testing.T) {
	b := setup(t)
	s := b.issued("0d")
	for range 2 {
		id, err := b.certificates.Activate(t.Context(), []byte("der 0d"), day)
		require.NoError(t, err)
		require.Equal(t, s.ID, id)
	}
	_, err := b.certificates.Activate(t.Context(), []byte("another"), day)
	require.ErrorIs(t, err, order.ErrNotFound)
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.True(t, view.Certificate.ActivatedAt.Equal(day))
	entries, err := b.audit.OrderEntries(t.Context(), s.ID.String())
	require.NoError(t, err)
	require.Equal(t, "certificate-activated", string(entries[len(entries)-1].Action))
}
