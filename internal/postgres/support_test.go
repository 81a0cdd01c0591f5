package postgres_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

func keys(t *testing.T, b *bundle) *postgres.Keys {
	t.Helper()
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte{1}})
	require.NoError(t, err)
	return postgres.NewKeys(b.pool, ring)
}

func TestKeyOfAnOrderEndsWithItAndCanBeErased(t *testing.T) {
	b := setup(t)
	store := keys(t, b)
	s := b.open(order.ServiceIndividual)
	workflowID := "order-" + s.OrderID

	var all sync.WaitGroup
	got := make([]payload.Key, 6)
	for i := range got {
		all.Go(func() { got[i], _ = store.Current(t.Context(), workflowID) })
	}
	all.Wait()
	for _, k := range got {
		require.Equal(t, got[0].ID, k.ID)
	}
	first, err := store.Begin(t.Context(), workflowID, s.OrderID)
	require.NoError(t, err)
	require.Equal(t, got[0].Key, first.Key)
	byID, err := store.ByID(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, first.Key, byID.Key)
	require.ErrorIs(t, store.Erase(t.Context(), s.OrderID, "op"), postgres.ErrNotErasable)

	_, err = b.pool.Exec(t.Context(), `UPDATE payload_keys SET subject_id = $1`, s.OrderID)
	require.NoError(t, err)
	s.Version++
	s.Stage, s.End = order.StageEnded, order.EndWithdrawn
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{State: s.OrderState}))
	second, err := store.Begin(t.Context(), workflowID, uuid.NewString())
	require.NoError(t, err)
	require.EqualValues(t, 2, second.Sequence)
	require.NotEqual(t, first.Key, second.Key)

	require.ErrorIs(t, store.Erase(t.Context(), s.OrderID, "op"), postgres.ErrNotErasable, "somebody may still encrypt under it")
	_, err = b.pool.Exec(t.Context(), `UPDATE payload_keys SET ended_at = ended_at - interval '1 hour' WHERE ended_at IS NOT NULL`)
	require.NoError(t, err)
	require.NoError(t, store.Erase(t.Context(), s.OrderID, "op"))
	_, err = store.ByID(t.Context(), first.ID)
	require.ErrorIs(t, err, payload.ErrKeyErased)
	_, err = store.ByID(t.Context(), uuid.New())
	require.ErrorIs(t, err, payload.ErrKeyUnknown)
	current, err := store.Current(t.Context(), workflowID)
	require.NoError(t, err)
	require.Equal(t, second.Key, current.Key)
}

func TestOpeningBindsTheKeyToTheOrder(t *testing.T) {
	b := setup(t)
	store := keys(t, b)
	_, err := store.Begin(t.Context(), "order-w", uuid.NewString())
	require.NoError(t, err)
	id := uuid.NewString()
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{
		Opening: &activities.OrderOpening{
			Number: 1, WorkflowID: "order-w", Service: order.ServiceIndividual, Kind: order.KindIndividual,
			CertificateID: uuid.NewString(), StartedAt: day,
		},
		State: activities.OrderState{OrderID: id, Version: 1, Stage: order.StageTerms},
	}))
	require.Equal(t, 1, b.count("payload_keys WHERE subject_id = '"+id+"'"))
}

func TestWrappedKeyIsNotTheKey(t *testing.T) {
	b := setup(t)
	k, err := keys(t, b).Current(t.Context(), "w")
	require.NoError(t, err)
	var wrapped []byte
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT wrapped FROM payload_keys").Scan(&wrapped))
	require.False(t, bytes.Contains(wrapped, k.Key[:]))
}

func TestIdempotencyKeys(t *testing.T) {
	b := setup(t)
	store := postgres.NewIdempotency(b.pool)
	begin := func(fingerprint string) (*postgres.Answer, error) {
		return store.Begin(t.Context(), "caller", "key", []byte(fingerprint))
	}
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() { _, errs[i] = begin("request") })
	}
	all.Wait()
	claimed := 0
	for _, err := range errs {
		if err == nil {
			claimed++
			continue
		}
		require.ErrorIs(t, err, postgres.ErrInProgress)
	}
	require.Equal(t, 1, claimed)
	_, err := begin("another")
	require.ErrorIs(t, err, postgres.ErrOtherRequest)

	require.NoError(t, store.Abandon(t.Context(), "caller", "key"))
	answer, err := begin("request")
	require.NoError(t, err)
	require.Nil(t, answer)
	want := postgres.Answer{Status: 201, MediaType: "application/json", Body: []byte(`{}`)}
	require.NoError(t, store.Finish(t.Context(), "caller", "key", want))
	require.NoError(t, store.Finish(t.Context(), "caller", "key", postgres.Answer{Status: 500, Body: []byte{}}))
	require.NoError(t, store.Abandon(t.Context(), "caller", "key"))
	answer, err = begin("request")
	require.NoError(t, err)
	require.Equal(t, &want, answer)
	answer, err = store.Begin(t.Context(), "somebody else", "key", []byte("x"))
	require.NoError(t, err)
	require.Nil(t, answer)
	require.NoError(t, store.DropBefore(t.Context(), time.Now().Add(time.Hour)))
	require.Zero(t, b.count("idempotency_keys"))
}

func TestAnIdempotencyKeyOfALostProcessIsTakenOver(t *testing.T) {
	b := setup(t)
	store := postgres.NewIdempotency(b.pool)
	_, err := store.Begin(t.Context(), "caller", "key", []byte("f"))
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), "UPDATE idempotency_keys SET claimed_at = now() - interval '1 hour'")
	require.NoError(t, err)
	answer, err := store.Begin(t.Context(), "caller", "key", []byte("f"))
	require.NoError(t, err)
	require.Nil(t, answer)
}

func TestI6_EachNoticeIsClaimedOnceAndRetriedAlone(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	s.Version++
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{State: s.OrderState, Notices: []activities.Notice{
		{Kind: order.NoticeIssued}, {Kind: order.NoticePaid}, {Kind: order.NoticeApprovalReminder, Deadline: day},
	}}))
	outbox := postgres.NewOutbox(b.pool)
	var all sync.WaitGroup
	var mu sync.Mutex
	claimed := map[uuid.UUID]notify.Notice{}
	for range 4 {
		all.Go(func() {
			for range 3 {
				list, err := outbox.Claim(t.Context(), notify.ChannelEmail, 1, time.Minute)
				mu.Lock()
				for _, n := range list {
					if _, twice := claimed[n.ID]; twice || err != nil {
						t.Errorf("claimed twice or not at all: %v", err)
					}
					claimed[n.ID] = n
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Len(t, claimed, 3)
	sms, err := outbox.Claim(t.Context(), notify.ChannelSMS, 10, time.Minute)
	require.NoError(t, err)
	require.Len(t, sms, 1)
	require.Equal(t, s.Contacts.Phone, sms[0].To)
	require.Equal(t, notify.Belarusian, sms[0].Language)

	require.NoError(t, outbox.Retry(t.Context(), sms[0].ID, time.Now().Add(-time.Second), "gateway down"))
	sms, err = outbox.Claim(t.Context(), notify.ChannelSMS, 10, time.Minute)
	require.NoError(t, err)
	require.Equal(t, 1, sms[0].Attempts)
	require.NoError(t, outbox.Accepted(t.Context(), sms[0].ID, "provider-1"))
	require.NoError(t, outbox.GiveUp(t.Context(), sms[0].ID, "too late to change"))
	for id := range claimed {
		require.NoError(t, outbox.GiveUp(t.Context(), id, "mailbox refuses"))
	}
	require.Equal(t, 3, b.count("notices WHERE state = 'failed'"))
	require.Equal(t, 1, b.count("notices WHERE state = 'sent' AND provider_id = 'provider-1'"))
}

func TestListenerWakesThoseWhoWait(t *testing.T) {
	b := setup(t)
	s, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	listener := postgres.NewListener(b.pool.Config().ConnString(), slog.New(slog.DiscardHandler))
	changed, cancel := listener.Subscribe(s.OrderID)
	quiet, cancelQuiet := listener.Subscribe(other.OrderID)
	paid, cancelPaid := listener.Subscribe(string(postgres.ChannelPayments))
	defer cancel()
	defer cancelQuiet()
	defer cancelPaid()
	var running sync.WaitGroup
	running.Go(func() { listener.Run(t.Context()) })
	t.Cleanup(running.Wait)
	for _, c := range []<-chan struct{}{changed, quiet, paid} {
		<-c // everybody is woken when listening begins
	}

	// The connection is lost: everybody is woken when it is there again.
	_, err := b.pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	require.NoError(t, err)
	<-changed
	<-quiet
	<-paid

	s.Version++
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{State: s.OrderState}))
	<-changed
	_, res := b.confirm(s)
	_, err = b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	<-paid
	select {
	case <-quiet:
		t.Fatal("woken for somebody else's order")
	default:
	}
}

func TestDocumentsAreKeptByteForByte(t *testing.T) {
	b := setup(t)
	store := postgres.NewDocuments(b.pool)
	doc := activities.Document{
		ID: uuid.NewString(), Kind: activities.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: "owner", Content: []byte{0, 1, 0xff, '\r', '\n'},
	}
	require.NoError(t, store.Put(t.Context(), doc))
	second := doc
	second.Content = []byte("something else")
	require.NoError(t, store.Put(t.Context(), second))
	got, err := store.Get(t.Context(), doc.ID)
	require.NoError(t, err)
	require.Equal(t, doc.Content, got.Content)
	require.NotZero(t, got.SHA256)
	_, err = store.GetOwned(t.Context(), doc.ID, "owner")
	require.NoError(t, err)
	for _, id := range []string{doc.ID, uuid.NewString(), "x"} {
		_, err = store.GetOwned(t.Context(), id, "another")
		require.ErrorIs(t, err, activities.ErrNotFound)
	}
	require.NoError(t, store.Put(t.Context(), activities.Document{ID: uuid.NewString(), Kind: activities.DocumentList}))
	require.Error(t, store.Put(t.Context(), activities.Document{ID: uuid.NewString(), Kind: "poem"}))
}
