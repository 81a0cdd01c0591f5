package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// told reads all events, page by page.
func (b *bundle) told(unp string, page int) []events.Event {
	b.t.Helper()
	store := postgres.NewEvents(b.pool)
	var out []events.Event
	for after := int64(0); ; {
		p, err := store.After(b.t.Context(), unp, after, page)
		require.NoError(b.t, err)
		out = append(out, p.Events...)
		if len(p.Events) == 0 {
			return out
		}
		require.Greater(b.t, p.Next, after)
		after = p.Next
	}
}

func lines(list []events.Event, of order.ID) (out []string) {
	for _, e := range list {
		if e.ObjectID == of {
			out = append(out, fmt.Sprintf("%s %s", e.Type, e.Status))
		}
	}
	return out
}

// issueOne takes a saved order through confirmation, payment and issue.
func (b *bundle) issueOne(s *sample) order.ID {
	b.t.Helper()
	id, of := b.confirm(s)
	require.NoError(b.t, b.confirmations.MarkStarted(b.t.Context(), id))
	s.PaymentID = b.pay(of)
	_, err := b.confirmations.Paid(b.t.Context(), id, day)
	require.NoError(b.t, err)
	stored, _, err := b.certificates.Reserve(b.t.Context(), prepared(s, "01"), onlyPaid)
	require.NoError(b.t, err)
	_, err = b.complete(s, stored, "der")
	require.NoError(b.t, err)
	_, _, err = b.confirmations.Issued(b.t.Context(), s.ID)
	require.NoError(b.t, err)
	_, err = b.confirmations.Finish(b.t.Context(), id, day)
	require.NoError(b.t, err)
	return id
}

func TestEveryStatusOfAnOrderIsAnEvent(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	id := b.issueOne(s)
	_, err := b.pool.Exec(t.Context(), "UPDATE certificates SET activated_at = now() WHERE order_id = $1", s.ID.String())
	require.NoError(t, err)
	all := b.told("", 2)
	require.Equal(t, []string{
		"order.terms terms", "order.request request", "order.checking checking", "order.awaiting_approval awaiting-approval",
		"order.awaiting_payment awaiting-payment", "order.issued issued", "order.activated activated",
	}, lines(all, s.ID))
	require.Equal(t, []string{
		"confirmation.awaiting_signature awaiting-signature", "confirmation.awaiting_payment awaiting-payment", "payment.open open",
		"payment.paid paid", "confirmation.issuing issuing", "confirmation.finished finished",
	}, sortedByVersion(all, id))
	for i, e := range all {
		require.EqualValues(t, i+1, e.Position, "without gaps")
		require.True(t, e.Type.Known(), e.Type)
	}
	require.Equal(t, all, b.told(unp, 100), "all of it is the organisation's")
	require.Empty(t, b.told("100582333", 100), "and nobody else's")
}

// sortedByVersion gives the events of a confirmation and its payment, which
// are written by statements of one transaction in no order of their own.
func sortedByVersion(list []events.Event, of order.ID) []string {
	out := lines(list, of)
	for i := 1; i < len(out); i++ {
		if strings.HasPrefix(out[i], "confirmation.awaiting_payment") && strings.HasPrefix(out[i-1], "payment.open") {
			out[i-1], out[i] = out[i], out[i-1]
		}
	}
	return out
}

func TestEveryEndOfAnOrderIsAnEventOnce(t *testing.T) {
	b := setup(t)
	s, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, _ := b.confirm(s, other)
	b.close(s, false)
	all := b.told("", 50)
	require.Equal(t, "order.withdrawn withdrawn", lines(all, s.ID)[len(lines(all, s.ID))-1])
	count := map[string]int{}
	versions := map[order.ID]map[events.Object]int64{}
	for _, e := range all {
		count[e.ID()]++
		if versions[e.ObjectID] == nil {
			versions[e.ObjectID] = map[events.Object]int64{}
		}
		require.Greater(t, e.Version, versions[e.ObjectID][e.Object], "the later event has the greater version: %+v", e)
		versions[e.ObjectID][e.Object] = e.Version
	}
	require.Len(t, count, len(all))
	require.Contains(t, lines(all, id), "payment.changed open", "the total has changed")
}

func TestEventsHoldNobody(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	b.issueOne(s)
	for _, e := range b.told("", 100) {
		body, err := e.Body()
		require.NoError(t, err)
		for _, private := range []string{"Прыкладны", "1010190A000PB0", "example.by", "+375", unp, s.ApplicantKey, s.keyID} {
			require.NotContains(t, string(body), private)
		}
	}
}

// A transaction that began first commits last: its event must not appear
// behind the back of a reader who has seen later ones.
func TestAnEventThatCommitsLateIsNotSkipped(t *testing.T) {
	b := setup(t)
	store := postgres.NewEvents(b.pool)
	late := order.NewID()
	tx, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	writeEvent(t, tx, late)
	b.open(order.ServiceIndividual)
	first, err := store.After(t.Context(), "", 0, 10)
	require.NoError(t, err)
	require.Len(t, first.Events, 1)
	require.NoError(t, tx.Commit(t.Context()))
	second, err := store.After(t.Context(), "", first.Next, 10)
	require.NoError(t, err)
	require.Len(t, second.Events, 1)
	require.Equal(t, late, second.Events[0].ObjectID)
}

func writeEvent(t *testing.T, tx pgx.Tx, of order.ID) {
	t.Helper()
	_, err := tx.Exec(t.Context(), "SELECT write_event('order', $1, 'terms', 'terms', 1, 1, '')", of.String())
	require.NoError(t, err)
}

// TestPropertyReadersMissNothing lets many write, commit late or roll back,
// while others read by cursor: each reader sees each committed event once, in
// one and the same order.
func TestPropertyReadersMissNothing(t *testing.T) {
	b := setup(t)
	const writers, each, readers = 5, 30, 3
	var writing, reading sync.WaitGroup
	var mu sync.Mutex
	committed := map[order.ID]bool{}
	done := make(chan struct{})
	seen := make([][]order.ID, readers)
	for r := range readers {
		reading.Go(func() { seen[r] = b.follow(done, r+1) })
	}
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				tx, err := b.pool.Begin(t.Context())
				require.NoError(t, err)
				id := order.NewID()
				writeEvent(t, tx, id)
				time.Sleep(time.Duration((w*7+i*3)%5) * time.Millisecond)
				if (w+i)%4 == 0 {
					require.NoError(t, tx.Rollback(t.Context()))
					continue
				}
				require.NoError(t, tx.Commit(t.Context()))
				mu.Lock()
				committed[id] = true
				mu.Unlock()
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	require.NotEmpty(t, committed)
	for _, list := range seen {
		require.Len(t, list, len(committed))
		require.Equal(t, seen[0], list)
		for _, id := range list {
			require.True(t, committed[id])
		}
	}
}

// follow reads on until everybody has written and nothing is left.
func (b *bundle) follow(done <-chan struct{}, page int) (seen []order.ID) {
	store := postgres.NewEvents(b.pool)
	for after := int64(0); ; {
		over := false
		select {
		case <-done:
			over = true
		default:
		}
		p, err := store.After(b.t.Context(), "", after, page)
		require.NoError(b.t, err)
		for _, e := range p.Events {
			seen = append(seen, e.ObjectID)
		}
		if over && len(p.Events) == 0 && after == p.Next {
			return seen
		}
		after = p.Next
	}
}

func TestForgottenEventsAreNotPassedOver(t *testing.T) {
	b := setup(t)
	store := postgres.NewEvents(b.pool)
	for range 4 {
		b.open(order.ServiceIndividual)
	}
	_, err := b.pool.Exec(t.Context(), "UPDATE events SET at = now() - interval '100 days' WHERE id <= 2")
	require.NoError(t, err)
	require.Len(t, b.told("", 10), 4)
	n, err := store.Forget(t.Context(), time.Now().AddDate(0, 0, -90), 100)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, err = store.After(t.Context(), "", 1, 10)
	require.ErrorIs(t, err, postgres.ErrPosition, "event 2 would be missed")
	p, err := store.After(t.Context(), "", 2, 10)
	require.NoError(t, err)
	require.Len(t, p.Events, 2)
	require.Len(t, b.told("", 10), 2, "from the oldest that is kept")
	_, err = store.After(t.Context(), "", 5, 10)
	require.ErrorIs(t, err, postgres.ErrPosition, "never given: the database was set back")
	n, err = store.Forget(t.Context(), time.Now().Add(time.Hour), 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	b.open(order.ServiceIndividual)
	p, err = store.After(t.Context(), "", 3, 10)
	require.NoError(t, err)
	require.Len(t, p.Events, 2, "positions go on")
}

// Readers have read further than what a backup holds; docs/operations.md says what is to be done.
func TestAfterARestoreReadersPassOverNothing(t *testing.T) {
	b := setup(t)
	store := postgres.NewEvents(b.pool)
	b.open(order.ServiceIndividual)
	require.Len(t, b.told("", 10), 1)
	const read = 40 // before the restore
	b.exec("UPDATE event_positions SET last = last + 1000000")
	b.open(order.ServiceIndividual)
	p, err := store.After(t.Context(), "", read, 10)
	require.NoError(t, err)
	require.Len(t, p.Events, 1)
	require.EqualValues(t, 1_000_002, p.Next)
	require.Len(t, b.told("", 10), 2)
}

func TestAPaymentThatIsTakenBackIsAnEvent(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	_, err := b.pool.Exec(t.Context(), "UPDATE payables SET method = 'erip' WHERE id = $1", s.ID.String())
	require.NoError(t, err, "how somebody pays is no event")
	b.pay(b.own(s))
	_, err = b.pool.Exec(t.Context(), "UPDATE payables SET state = 'open', payment_id = NULL WHERE id = $1", s.ID.String())
	require.NoError(t, err)
	var got []string
	for _, e := range b.told("", 50) {
		if e.Object == events.ObjectPayment {
			got = append(got, fmt.Sprintf("%s %d", e.Type, e.Version))
		}
	}
	require.Equal(t, []string{"payment.open 1", "payment.paid 2", "payment.open 3"}, got)
}
