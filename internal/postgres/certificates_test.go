package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// paid is an order whose payment has arrived.
func (b *bundle) paid() *sample {
	b.t.Helper()
	s := b.saved(order.ServiceIndividual)
	res := b.own(s)
	_, err := b.ledger.Receive(b.t.Context(), card(res.Number, res.Total))
	require.NoError(b.t, err)
	return s
}

func prepared(s *sample, serial string) ca.Prepared {
	return ca.Prepared{
		OrderID: s.OrderID, Issuer: "test", Serial: ca.Serial(serial), TBS: []byte("tbs " + serial), Algorithm: []byte("alg"), KeyID: s.keyID,
		NotBefore: day, NotAfter: day.AddDate(1, 0, 0),
	}
}

// issued is a paid order with its certificate.
func (b *bundle) issued(serial string) *sample {
	b.t.Helper()
	s, book := b.paid(), postgres.NewBook(b.pool)
	stored, _, err := book.Reserve(b.t.Context(), prepared(s, serial))
	require.NoError(b.t, err)
	_, err = book.Complete(b.t.Context(), stored, []byte("der "+serial))
	require.NoError(b.t, err)
	return s
}

func TestI1_OneReservationWhateverHappens(t *testing.T) {
	b := setup(t)
	s, book := b.paid(), postgres.NewBook(b.pool)
	_, _, err := book.Find(t.Context(), s.OrderID)
	require.ErrorIs(t, err, ca.ErrNotReserved)

	var all sync.WaitGroup
	got := make([]ca.Stored, 6)
	existing := make([]bool, len(got))
	errs := make([]error, len(got))
	for i := range got {
		p := prepared(s, "0"+string(rune('a'+i)))
		all.Go(func() { got[i], existing[i], errs[i] = book.Reserve(t.Context(), p) })
	}
	all.Wait()
	fresh := 0
	for i := range got {
		require.NoError(t, errs[i])
		require.Equal(t, got[0].Prepared(), got[i].Prepared())
		if !existing[i] {
			fresh++
		}
	}
	require.Equal(t, 1, fresh)

	orphans, err := book.Orphans(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	first, err := book.Complete(t.Context(), got[0], []byte("first"))
	require.NoError(t, err)
	second, err := book.Complete(t.Context(), got[0], []byte("second"))
	require.NoError(t, err)
	require.Equal(t, "first", string(first))
	require.Equal(t, first, second)
	_, der, err := book.Find(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Equal(t, first, der)
}

func TestI1_NothingIsReservedBeforeThePayment(t *testing.T) {
	b := setup(t)
	s, book := b.saved(order.ServiceIndividual), postgres.NewBook(b.pool)
	_, _, err := book.Reserve(t.Context(), prepared(s, "01"))
	require.ErrorIs(t, err, postgres.ErrNotPaid)
	b.own(s)
	_, _, err = book.Reserve(t.Context(), prepared(s, "01"))
	require.ErrorIs(t, err, postgres.ErrNotPaid)
}

func TestS3_SerialAndKeyAreUnique(t *testing.T) {
	b := setup(t)
	first, second, book := b.issued("01"), b.paid(), postgres.NewBook(b.pool)
	_, _, err := book.Reserve(t.Context(), prepared(second, "01"))
	require.ErrorIs(t, err, ca.ErrSerialTaken)
	p := prepared(second, "02")
	p.KeyID = first.keyID
	_, _, err = book.Reserve(t.Context(), p)
	require.ErrorIs(t, err, postgres.ErrKeyTaken)

	// The key of a certificate is not new, even when its order has ended.
	third := b.open(order.ServiceEmployee)
	third.keyID = first.keyID
	inUse, err := b.requests.KeyInUse(t.Context(), first.keyID, third.OrderID)
	require.NoError(t, err)
	require.True(t, inUse)
}

func TestRevocationsAreKeptOnce(t *testing.T) {
	b := setup(t)
	b.issued("0b")
	book := postgres.NewBook(b.pool)
	r := ca.Revocation{Issuer: "test", Serial: "0b", Reason: pki.Reason(1), At: day}
	require.NoError(t, book.Revoke(t.Context(), r))
	later := r
	later.Reason, later.At = pki.Reason(4), day.Add(time.Hour)
	require.NoError(t, book.Revoke(t.Context(), later))
	list, err := book.Revoked(t.Context(), "test", day)
	require.NoError(t, err)
	require.Equal(t, []ca.Revocation{r}, list)
	list, err = book.Revoked(t.Context(), "test", day.AddDate(2, 0, 0))
	require.NoError(t, err)
	require.Empty(t, list)
	require.ErrorIs(t, book.Revoke(t.Context(), ca.Revocation{Issuer: "test", Serial: "0c", At: day}), ca.ErrUnknownCertificate)
	for want := range 3 {
		n, err := book.NextCRLNumber(t.Context(), "test")
		require.NoError(t, err)
		require.EqualValues(t, want+1, n)
	}
}

func TestI7_Activation(t *testing.T) {
	b := setup(t)
	s, book := b.issued("0d"), postgres.NewBook(b.pool)
	for range 2 {
		id, err := book.Activate(t.Context(), []byte("der 0d"), day)
		require.NoError(t, err)
		require.Equal(t, s.OrderID, id)
	}
	_, err := book.Activate(t.Context(), []byte("another"), day)
	require.ErrorIs(t, err, activities.ErrNotFound)
	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.True(t, view.Certificate.ActivatedAt.Equal(day))
	entries, err := b.audit.OrderEntries(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Equal(t, "certificate-activated", string(entries[len(entries)-1].Action))
}

func TestI5_Credentials(t *testing.T) {
	b := setup(t)
	s := b.issued("0e")
	store := postgres.NewCredentials(b.pool, func([]byte) ([][]byte, error) { return [][]byte{[]byte("issuer")}, nil })
	g := storage.Credential{OrderID: s.OrderID, Login: "RC-1", Hash: "h1", Sealed: []byte("s"), CreatedAt: day, ExpiresAt: day.Add(time.Hour)}
	kept, err := store.Create(t.Context(), g)
	require.NoError(t, err)
	require.EqualExportedValues(t, g, kept)
	other := g
	other.Login, other.Hash = "RC-2", "h2"
	kept, err = store.Create(t.Context(), other)
	require.NoError(t, err)
	require.EqualExportedValues(t, g, kept)
	other.OrderID, other.Login = uuid.NewString(), g.Login
	_, err = store.Create(t.Context(), other)
	require.ErrorIs(t, err, storage.ErrLoginTaken)

	require.NoError(t, store.Rehash(t.Context(), s.OrderID, "not the old one", "h3"))
	require.NoError(t, store.Rehash(t.Context(), s.OrderID, "h1", "h4"))
	require.NoError(t, store.Forget(t.Context(), s.OrderID))
	kept, err = store.ByLogin(t.Context(), "RC-1")
	require.NoError(t, err)
	require.Equal(t, "h4", kept.Hash)
	require.Empty(t, kept.Sealed)
	_, err = store.ByLogin(t.Context(), "RC-3")
	require.ErrorIs(t, err, storage.ErrNotFound)

	before := b.count("audit_entries")
	out, err := store.Fetch(t.Context(), s.OrderID, day)
	require.NoError(t, err)
	require.Equal(t, storage.Issued{Certificate: []byte("der 0e"), Chain: [][]byte{[]byte("issuer")}}, out)
	require.Equal(t, before+1, b.count("audit_entries"))
	_, err = store.Fetch(t.Context(), uuid.NewString(), day)
	require.ErrorIs(t, err, storage.ErrNotFound)
}

func TestI5_AttemptsOfAllProcessesCount(t *testing.T) {
	b := setup(t)
	store := postgres.NewCredentials(b.pool, nil)
	counter := storage.Counter{Key: "k", Start: day, End: day.Add(time.Minute)}
	var all sync.WaitGroup
	var mu sync.Mutex
	seen := map[int]bool{}
	for range 20 {
		all.Go(func() {
			n, err := store.Register(t.Context(), counter)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				seen[n] = true
			}
		})
	}
	all.Wait()
	require.Len(t, seen, 20)
	for range 3 {
		require.NoError(t, store.Release(t.Context(), counter))
	}
	n, err := store.Register(t.Context(), counter)
	require.NoError(t, err)
	require.Equal(t, 18, n)
	unknown := storage.Counter{Key: "none", Start: day, End: day.Add(time.Minute)}
	for range 2 {
		require.NoError(t, store.Release(t.Context(), unknown), "nothing is taken from nothing")
	}
	n, err = store.Register(t.Context(), unknown)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, store.DropAttempts(t.Context(), day.Add(time.Hour)))
	n, err = store.Register(t.Context(), counter)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestR1_EachReminderOnceAndNoneAfterARenewal(t *testing.T) {
	b := setup(t)
	s := b.issued("0f")
	reminders := postgres.NewReminders(b.pool)
	end := day.AddDate(1, 0, 0)
	for _, c := range []struct{ daysLeft, asked int }{{31, 0}, {30, 1}, {30, 0}, {29, 0}, {14, 1}, {13, 0}, {6, 1}, {1, 1}, {1, 0}, {0, 0}, {-1, 0}} {
		n, err := reminders.Remind(t.Context(), end.AddDate(0, 0, -c.daysLeft))
		require.NoError(t, err)
		require.Equal(t, c.asked, n, "%d days left", c.daysLeft)
	}
	require.Equal(t, 4, b.count("notices WHERE kind = 'certificate-ends'"))
	require.Equal(t, 4, b.count("notices WHERE kind = 'certificate-ends' AND data ->> 'service' = '6.0.00'"), "the service to renew by")

	// The same person has a newer certificate: nothing is said any more.
	renewal := b.issued("10")
	_, err := b.pool.Exec(t.Context(), `DELETE FROM reminders`)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `UPDATE orders SET applicant_key = 'the same'`)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `UPDATE certificates SET not_after = not_after + interval '1 year' WHERE order_id = $1`, renewal.OrderID)
	require.NoError(t, err)
	n, err := reminders.Remind(t.Context(), end.AddDate(0, 0, -1))
	require.NoError(t, err)
	require.Zero(t, n, s.OrderID)
}

func TestI1_TheDatabaseBreaksAtTheStoringStep(t *testing.T) {
	b := setup(t)
	s, book := b.paid(), postgres.NewBook(b.pool)
	stored, _, err := book.Reserve(t.Context(), prepared(s, "11"))
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
		CREATE TRIGGER break BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION break()`)
	require.NoError(t, err)
	_, err = book.Complete(t.Context(), stored, []byte("der"))
	require.ErrorContains(t, err, "disk full")
	found, der, err := book.Find(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Nil(t, der)
	require.Equal(t, stored.Prepared(), found.Prepared(), "the same bytes are signed again")

	_, err = b.pool.Exec(t.Context(), "DROP TRIGGER break ON certificates")
	require.NoError(t, err)
	kept, err := book.Complete(t.Context(), found, []byte("der"))
	require.NoError(t, err)
	require.Equal(t, "der", string(kept))
}
