package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// counter counts what is sent to the server, and how often is waited for it.
type counter struct {
	mu         sync.Mutex
	statements []string
	trips      int
}

func (c *counter) sent(sql string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, _, _ := strings.Cut(strings.TrimSpace(sql), "\n")
	c.statements = append(c.statements, first)
}

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	c.sent(data.SQL)
	c.trip()
	return ctx
}

func (c *counter) trip() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips++
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.trip()
	return ctx
}

func (c *counter) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	c.sent(data.SQL)
}

func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// What the whole life of an order of 6.0.01 may cost, from the consent to the
// delivered credentials, its confirmation included.
const (
	mostStatements   = 57
	mostTransactions = 12
	mostTrips        = 48
)

func TestAWholeOrderTakesFewStatements(t *testing.T) {
	t.Parallel()
	count := new(counter)
	traced := traced(t, pgtest.New(t), count)
	b := over(t, traced)

	s := b.open(order.ServiceEmployee)
	b.decide(s, consent())
	u, file := s.upload(good())
	_, err := b.orders.TakeUpload(t.Context(), s.ID, u, file)
	require.NoError(t, err)
	require.NoError(t, b.orders.MarkStarted(t.Context(), s.ID))
	_, _, err = b.orders.Checked(t.Context(), s.ID)
	require.NoError(t, err)
	_, _, err = b.orders.Save(t.Context(), s.ID, registered(), day)
	require.NoError(t, err)
	_, err = b.confirmations.ListOrders(t.Context(), unp, []order.ID{s.ID}, day)
	require.NoError(t, err)
	id, of := b.confirm(s)
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	_, err = b.confirmations.Orders(t.Context(), id)
	require.NoError(t, err)
	s.PaymentID = b.pay(of)
	waiting, err := b.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.NoError(t, b.ledger.MarkDelivered(t.Context(), waiting[0].PaymentID))
	_, err = b.confirmations.Paid(t.Context(), id, day)
	require.NoError(t, err)
	stored, _, err := b.certificates.Reserve(t.Context(), prepared(s, "01"), onlyPaid)
	require.NoError(t, err)
	_, err = b.complete(s, stored, "der")
	require.NoError(t, err)
	_, last, err := b.confirmations.Issued(t.Context(), s.ID)
	require.NoError(t, err)
	require.True(t, last)
	_, err = b.confirmations.Finish(t.Context(), id, day)
	require.NoError(t, err)
	outbox := postgres.NewOutbox(traced)
	for _, channel := range notify.Channels() {
		n, err := outbox.ClaimCredentials(t.Context(), s.ID, channel, time.Minute)
		require.NoError(t, err)
		require.NoError(t, outbox.Accepted(t.Context(), n.ID, "p"))
	}

	begun, others := 0, 0
	for _, statement := range count.statements {
		switch statement {
		case "begin":
			begun++
		case "commit":
		default:
			others++
		}
	}
	t.Logf("%d transactions, %d statements, %d round trips:\n%s", begun, others, count.trips, strings.Join(count.statements, "\n"))
	require.LessOrEqual(t, others, mostStatements)
	require.LessOrEqual(t, begun, mostTransactions)
	require.LessOrEqual(t, count.trips, mostTrips)
}
