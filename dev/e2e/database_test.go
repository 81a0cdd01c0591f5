package e2e_test

import (
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// certificates counts what was issued for an order, in the database itself.
func (w *world) certificates(orderID order.ID) int {
	w.t.Helper()
	return countCertificates(w, w.stack.URLs.Database, orderID)
}

func countCertificates(w *world, databaseURL string, orderID order.ID) int {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), databaseURL)
	require.NoError(w.t, err)
	defer func() { _ = conn.Close(w.t.Context()) }()
	var n int
	require.NoError(w.t, conn.QueryRow(w.t.Context(), "SELECT count(*) FROM certificates WHERE order_id = $1", orderID.String()).Scan(&n))
	return n
}
