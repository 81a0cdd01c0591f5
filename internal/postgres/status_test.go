package postgres_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// looked is what needs a person at an instant, by code.
func (b *bundle) looked(at time.Time) map[status.Code]status.Concern {
	b.t.Helper()
	r, err := status.Look(b.t.Context(), status.Sources{Store: postgres.NewStatus(b.pool), SealedEvery: time.Hour}, at)
	require.NoError(b.t, err)
	out := make(map[status.Code]status.Concern)
	for _, c := range r.Concerns {
		require.True(b.t, c.Code.Known(), c.Code)
		out[c.Code] = c
	}
	return out
}

// sealed makes the log one that was sealed just now.
func (b *bundle) sealed() {
	b.t.Helper()
	head, err := b.audit.Head(b.t.Context())
	require.NoError(b.t, err)
	require.NoError(b.t, b.audit.SaveCheckpoint(b.t.Context(), audit.Checkpoint{
		Sequence: head.Sequence, Hash: head.Hash, At: day, KeyID: "k", Signature: []byte{1},
	}))
}

// started is an order in order: its workflow runs, and its term is not over.
func (b *bundle) started(service order.Service) *sample {
	b.t.Helper()
	s := b.saved(service)
	require.NoError(b.t, b.orders.MarkStarted(b.t.Context(), s.ID))
	return s
}

func TestStatusOfADayInOrderIsAllClear(t *testing.T) {
	b := setup(t)
	require.Empty(t, b.looked(day), "nothing at all")
	b.open(order.ServiceEmployee)
	b.started(order.ServiceIndividual)
	id, _ := b.confirm(b.started(order.ServiceEmployee))
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	b.issued("01")
	b.sealed()
	require.Empty(t, b.looked(day.Add(time.Minute)))
}

// failingWebhook is a webhook in that state that has failed since the day began.
func (b *bundle) failingWebhook(state, cause string) string {
	b.t.Helper()
	id := order.NewID().String()
	b.exec("INSERT INTO webhook_endpoints (id, client_key, unp, url, description, types, secret, state, cause, created_at, changed_at, failing_since) "+
		"VALUES ($1, 'c', '', 'https://a.example/', '', '{}', '', $2, $3, $4, $4, $4)", id, state, cause, day)
	return id
}

// Each thing that needs a person is found, under its code and by the name that
// people know, and is not found a moment before its limit.
func TestStatusFindsWhatNeedsAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		make func(b *bundle) (name string)
		// by is when it is found, until when it is not yet.
		until, by time.Duration
		code      status.Code
	}{
		"unapplied money": {func(b *bundle) string {
			p, err := b.receive(card(999, 1))
			require.NoError(b.t, err)
			return "assist:" + p.ExternalID
		}, -1, 0, status.UnappliedMoney},
		"an order that is not paid in time": {func(b *bundle) string {
			s := b.started(order.ServiceIndividual)
			b.exec("UPDATE orders SET waits_until = $1", day)
			return number(s)
		}, 2 * time.Minute, 3 * time.Minute, status.PastDeadline},
		"a draft that does not expire": {func(b *bundle) string {
			s := b.open(order.ServiceIndividual)
			b.exec("UPDATE orders SET waits_until = $1", day)
			return number(s)
		}, 2 * time.Minute, 3 * time.Minute, status.PastDeadline},
		"a confirmation that is not paid in time": {func(b *bundle) string {
			id, of := b.confirm(b.started(order.ServiceEmployee))
			require.NoError(b.t, b.confirmations.MarkStarted(b.t.Context(), id))
			b.exec("UPDATE confirmations SET waits_until = $1", day)
			return order.PaymentNumber(of.Number).ERIP()
		}, 2 * time.Minute, 3 * time.Minute, status.PastDeadline},
		"a list that nobody signs": {func(b *bundle) string {
			s := b.started(order.ServiceEmployee)
			b.listed(s)
			b.exec("UPDATE confirmations SET waits_until = $1", day)
			return "list:" + number(s)
		}, 2 * time.Minute, 3 * time.Minute, status.PastDeadline},
		"an order without a workflow": {func(b *bundle) string {
			s := b.saved(order.ServiceIndividual)
			b.exec("UPDATE orders SET updated_at = $1", day)
			return number(s)
		}, 2 * time.Minute, 3 * time.Minute, status.NotStarted},
		"a confirmation without a workflow": {func(b *bundle) string {
			_, of := b.confirm(b.started(order.ServiceEmployee))
			b.exec("UPDATE confirmations SET updated_at = $1", day)
			return order.PaymentNumber(of.Number).ERIP()
		}, 2 * time.Minute, 3 * time.Minute, status.NotStarted},
		"a paid order without a certificate": {func(b *bundle) string {
			s := b.started(order.ServiceIndividual)
			b.pay(b.own(s))
			return number(s)
		}, 2 * time.Minute, 3 * time.Minute, status.NotIssued},
		"a silent register": {func(b *bundle) string {
			s := b.open(order.ServiceIndividual)
			require.NoError(b.t, b.take(s))
			require.NoError(b.t, b.orders.MarkStarted(b.t.Context(), s.ID))
			require.NoError(b.t, b.orders.RegistersAnswered(b.t.Context(), s.ID, order.RegisterAnswers{"egr": order.RegisterSilent}))
			require.NoError(b.t, b.orders.RegistersAnswered(b.t.Context(), s.ID, order.RegisterAnswers{"population": order.RegisterAgrees}))
			return "egr"
		}, 15 * time.Minute, 16 * time.Minute, status.SilentRegister},
		"a webhook that fails": {func(b *bundle) string {
			b.exec("INSERT INTO webhook_endpoints (id, client_key, unp, url, description, types, secret, created_at, changed_at, failing_since) " +
				"VALUES (gen_random_uuid(), 'c', '', 'https://well.example/', '', '{}', '', now(), now(), NULL)")
			b.failingWebhook("enabled", "")
			return "a.example"
		}, 15 * time.Minute, 16 * time.Minute, status.FailingWebhook},
		"a webhook that was disabled": {func(b *bundle) string {
			b.failingWebhook("disabled", "gone")
			return "a.example"
		}, -1, time.Hour, status.FailingWebhook},
		"a channel that does not get through": {func(b *bundle) string {
			b.started(order.ServiceIndividual)
			b.exec("UPDATE notices SET attempts = 2, created_at = $1, cause = 'refused' WHERE channel = 'email'", day)
			return "email"
		}, 15 * time.Minute, 16 * time.Minute, status.FailingChannel},
		"a log that is not sealed": {func(b *bundle) string {
			b.open(order.ServiceIndividual)
			b.exec("DELETE FROM audit_checkpoints")
			return "1"
		}, 2*time.Hour + 10*time.Minute, 2*time.Hour + 11*time.Minute, status.NotSealed},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			want := c.make(b)
			if c.code != status.NotSealed {
				b.sealed()
			}
			if c.until >= 0 {
				require.NotContains(t, b.looked(day.Add(c.until)), c.code)
			}
			found := b.looked(day.Add(c.by))
			require.Contains(t, found, c.code)
			require.Equal(t, []string{want}, found[c.code].Names())
			require.EqualValues(t, 1, found[c.code].Total)
			require.WithinDuration(t, day, found[c.code].Since, time.Minute)
			require.Len(t, found, 1, "and nothing else")
		})
	}
}

func number(s *sample) string { return strconv.FormatInt(s.Number, 10) }

// One mailbox that refuses is no failing channel while others are reached.
func TestI6_OneMailboxIsNotTheChannel(t *testing.T) {
	b := setup(t)
	insert := func(state string, attempts int, created, sent any) {
		b.exec(`INSERT INTO notices (id, subject_id, kind, channel, language, recipient, data, state, attempts, created_at, sent_at, cause)
			VALUES ($1, $1, 'payment-due', 'email', 'ru', 'a@example.by', '{}', $2, $3, $4, $5, 'refused')`, uuid.New(), state, attempts, created, sent)
	}
	at := day.Add(time.Hour)
	insert("pending", 3, day, nil)
	insert("sent", 1, day, day.Add(time.Minute))
	require.Empty(t, b.looked(at))
	for range 4 {
		insert("failed", 9, day, nil)
	}
	require.Contains(t, b.looked(at), status.FailingChannel)
}

func TestStatusCountsAllAndNamesTheOldest(t *testing.T) {
	b := setup(t)
	var first string
	for i := range int64(status.MaxNames + 3) {
		p, err := b.receive(card(900+i, 1))
		require.NoError(t, err)
		b.exec("UPDATE payments SET received_at = $1 WHERE id = $2", day.Add(-time.Duration(i)*time.Hour), p.ID)
		first = "assist:" + p.ExternalID
	}
	b.sealed()
	c := b.looked(day)[status.UnappliedMoney]
	require.EqualValues(t, status.MaxNames+3, c.Total)
	require.Len(t, c.Items, status.MaxNames)
	require.Equal(t, first, c.Items[0].Name)
	require.WithinDuration(t, day.Add(-time.Duration(status.MaxNames+2)*time.Hour), c.Since, time.Second)
}

func TestStatusListsOpenWorkflowsAsTheyAreStarted(t *testing.T) {
	b := setup(t)
	s, ended, draft := b.started(order.ServiceEmployee), b.started(order.ServiceEmployee), b.open(order.ServiceEmployee)
	b.saved(order.ServiceIndividual)
	id, of := b.confirm(s)
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	b.close(ended, false)
	store := postgres.NewStatus(b.pool)
	var got []string
	require.NoError(t, store.OpenWorkflows(t.Context(), time.Now().Add(time.Minute), func(page []status.Workflow) error {
		for _, w := range page {
			got = append(got, w.WorkflowID)
		}
		return nil
	}))
	require.Equal(t, []string{order.WorkflowID(s.Number, s.ID), order.ConfirmationWorkflowID(order.PaymentNumber(of.Number), id)}, got)
	for subject, want := range map[order.ID]bool{s.ID: true, id: true, ended.ID: false, draft.ID: false, order.NewID(): false} {
		open, err := store.StillOpen(t.Context(), subject)
		require.NoError(t, err)
		require.Equal(t, want, open)
	}
}
