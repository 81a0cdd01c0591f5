package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// paid is an order whose payment has arrived.
func (b *bundle) paid() *sample {
	b.t.Helper()
	s := b.saved(order.ServiceIndividual)
	s.PaymentID = b.pay(b.own(s))
	return s
}

func prepared(s *sample, serial string) ca.Prepared {
	return ca.Prepared{
		OrderID: s.ID.String(), Issuer: "test", Serial: ca.Serial(serial), TBS: []byte("tbs " + serial), Algorithm: []byte("alg"), KeyID: s.keyID,
		NotBefore: day, NotAfter: day.AddDate(1, 0, 0),
	}
}

// credentials open the storage of an order's certificate.
func credentials(s *sample) storage.Credential {
	return storage.Credential{
		OrderID: s.ID.String(), Login: storage.Login("RC-" + s.ID.String()), Hash: "h", Sealed: []byte("s"), CreatedAt: day, ExpiresAt: day.Add(time.Hour),
	}
}

func issue(s *sample, serial string) func(issuance.Paid) order.Decision {
	return decided(order.Issue(s.PaymentID, map[string]string{
		"serial": serial, "payment": s.PaymentID.String(), "certificate": audit.Digest([]byte("der " + serial)),
	}, day))
}

// decided is a decision that asks for no payment.
func decided(d order.Decision) func(issuance.Paid) order.Decision {
	return func(issuance.Paid) order.Decision { return d }
}

// complete finishes a reservation.
func (b *bundle) complete(s *sample, stored ca.Stored, der string) ([]byte, error) {
	return b.certificates.Complete(b.t.Context(), stored, []byte(der), issue(s, string(stored.Prepared().Serial)), credentials(s))
}

// issued is a paid order with its certificate.
func (b *bundle) issued(serial string) *sample {
	b.t.Helper()
	s := b.paid()
	stored, _, err := b.certificates.Reserve(b.t.Context(), prepared(s, serial), onlyPaid)
	require.NoError(b.t, err)
	_, err = b.complete(s, stored, "der "+serial)
	require.NoError(b.t, err)
	s.Record = b.record(s.ID)
	return s
}

func TestI1_OneReservationWhateverHappens(t *testing.T) {
	b := setup(t)
	s := b.paid()
	_, _, err := b.certificates.Find(t.Context(), s.ID.String())
	require.ErrorIs(t, err, ca.ErrNotReserved)

	var all sync.WaitGroup
	got := make([]ca.Stored, 6)
	existing := make([]bool, len(got))
	errs := make([]error, len(got))
	for i := range got {
		p := prepared(s, "0"+string(rune('a'+i)))
		all.Go(func() { got[i], existing[i], errs[i] = b.certificates.Reserve(t.Context(), p, onlyPaid) })
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

	orphans, err := b.certificates.Orphans(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	first, err := b.complete(s, got[0], "first")
	require.NoError(t, err)
	second, err := b.complete(s, got[0], "second")
	require.NoError(t, err)
	require.Equal(t, "first", string(first))
	require.Equal(t, first, second)
	_, der, err := b.certificates.Find(t.Context(), s.ID.String())
	require.NoError(t, err)
	require.Equal(t, first, der)
}

func TestI1_ATryThatComesLateFindsTheCertificateAndAsksNobody(t *testing.T) {
	b := setup(t)
	s := b.issued("0f")
	stored, existing, err := b.certificates.Reserve(t.Context(), prepared(s, "10"), func(issuance.Stored) error { return errors.New("asked") })
	require.NoError(t, err)
	require.True(t, existing)
	require.EqualValues(t, "0f", stored.Prepared().Serial)
}

func TestI1_NothingIsReservedBeforeThePayment(t *testing.T) {
	b := setup(t)
	draft, waiting, ended := b.open(order.ServiceIndividual), b.saved(order.ServiceIndividual), b.saved(order.ServiceIndividual)
	b.close(ended, false)
	employee, confirmed, listed := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	b.confirm(confirmed)
	b.listed(listed)
	for name, c := range map[string]struct {
		of   *sample
		want error
	}{
		"a draft": {draft, order.ErrUnpaid}, "its bill is open": {waiting, order.ErrUnpaid}, "it has ended": {ended, order.ErrStage},
		"nobody confirmed it": {employee, order.ErrUnpaid}, "its confirmation is not paid": {confirmed, order.ErrUnpaid},
		"its list is not signed": {listed, order.ErrUnpaid}, "it is not there": {&sample{Record: order.Record{ID: order.NewID()}}, order.ErrNotFound},
	} {
		_, _, err := b.certificates.Reserve(t.Context(), prepared(c.of, "01"), onlyPaid)
		require.ErrorIs(t, err, c.want, name)
	}
	require.Zero(t, b.count("certificates"))
}

func TestI1_NothingIsReservedForMoneyThatWasTakenBack(t *testing.T) {
	b := setup(t)
	s := b.paid()
	require.NoError(t, b.payables.ReportUnapplied(t.Context(), s.PaymentID, order.ID{}, "closed"))
	_, _, err := b.certificates.Reserve(t.Context(), prepared(s, "01"), onlyPaid)
	require.ErrorIs(t, err, order.ErrUnpaid)

	one, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	_, res := b.confirm(one, other)
	payment := b.pay(res)
	require.NoError(t, b.payables.ReportUnapplied(t.Context(), payment, one.ID, "closed"))
	_, _, err = b.certificates.Reserve(t.Context(), prepared(one, "02"), onlyPaid)
	require.ErrorIs(t, err, order.ErrUnpaid)

	// What is reserved is signed sooner or later: its money stays.
	_, _, err = b.certificates.Reserve(t.Context(), prepared(other, "03"), onlyPaid)
	require.NoError(t, err)
	require.NoError(t, b.payables.ReportUnapplied(t.Context(), payment, other.ID, "closed"))
	require.Equal(t, 1, b.count("payments WHERE parent_id IS NOT NULL"))
	require.NoError(t, b.payables.ReportUnapplied(t.Context(), payment, order.ID{}, "closed"), "nor does the whole payment go")
	paidBy, err := b.payables.PaidFor(t.Context(), other.ID)
	require.NoError(t, err)
	require.Equal(t, payment, paidBy.PaymentID)
	require.False(t, paidBy.At.IsZero())
	require.False(t, paidBy.UploadedAt.IsZero())
	paidBy, err = b.payables.PaidFor(t.Context(), one.ID)
	require.NoError(t, err)
	require.Zero(t, paidBy)
}

func TestI1_CertificateCredentialsAndEndAppearTogether(t *testing.T) {
	b := setup(t)
	s := b.paid()
	stored, _, err := b.certificates.Reserve(t.Context(), prepared(s, "0a"), onlyPaid)
	require.NoError(t, err)

	other := b.issued("0b")
	taken := credentials(s)
	taken.Login = credentials(other).Login
	refuse := func(order.Record) (order.Transition, error) { return order.Transition{}, errors.New("no") }
	for name, c := range map[string]struct {
		done        func(issuance.Paid) order.Decision
		credentials storage.Credential
	}{
		"the login is taken": {issue(s, "0a"), taken}, "the decision says no": {decided(refuse), credentials(s)},
		"credentials of another order": {issue(s, "0a"), credentials(other)},
	} {
		_, err = b.certificates.Complete(t.Context(), stored, []byte("der"), c.done, c.credentials)
		require.Error(t, err, name)
		_, der, err := b.certificates.Find(t.Context(), s.ID.String())
		require.NoError(t, err)
		require.Nil(t, der, name)
		require.Equal(t, order.StageAwaitingPayment, b.record(s.ID).Stage, name)
	}
	_, err = b.certificates.Complete(t.Context(), stored, []byte("der"), issue(s, "0a"), taken)
	require.ErrorIs(t, err, storage.ErrLoginTaken)

	_, err = b.complete(s, stored, "der")
	require.NoError(t, err)
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, order.EndIssued, view.Record.End)
	require.Equal(t, s.PaymentID, view.Record.PaymentID)
	require.Equal(t, "der", string(view.Certificate.DER))
	require.EqualValues(t, credentials(s).Login, view.Credentials.Login)
	require.Equal(t, 2, b.count("notices WHERE kind = 'issued-credentials' AND subject_id = '"+s.ID.String()+"'"))
	entries, err := b.audit.OrderEntries(t.Context(), s.ID.String())
	require.NoError(t, err)
	require.Equal(t, "certificate-issued", string(entries[len(entries)-1].Action))
	require.Equal(t, "0a", entries[len(entries)-1].Evidence["serial"])
}

func TestS3_SerialAndKeyAreUnique(t *testing.T) {
	b := setup(t)
	first, second := b.issued("01"), b.paid()
	_, _, err := b.certificates.Reserve(t.Context(), prepared(second, "01"), onlyPaid)
	require.ErrorIs(t, err, ca.ErrSerialTaken)
	p := prepared(second, "02")
	p.KeyID = first.keyID
	_, _, err = b.certificates.Reserve(t.Context(), p, onlyPaid)
	require.ErrorIs(t, err, postgres.ErrKeyTaken)

	// The key of a certificate is not new, even when its order has ended.
	third := b.open(order.ServiceEmployee)
	third.keyID = first.keyID
	inUse, err := b.orders.KeyInUse(t.Context(), first.keyID, third.ID)
	require.NoError(t, err)
	require.True(t, inUse)
	require.ErrorIs(t, b.take(third), order.ErrKeyInUse)
}

func TestI1_TheDatabaseBreaksAtTheStoringStep(t *testing.T) {
	for _, c := range []struct{ table, event string }{
		{"certificates", "UPDATE"}, {"credentials", "INSERT"}, {"orders", "UPDATE"}, {"notices", "INSERT"}, {"audit_entries", "INSERT"},
	} {
		t.Run(c.table, func(t *testing.T) {
			b := setup(t)
			s := b.paid()
			stored, _, err := b.certificates.Reserve(t.Context(), prepared(s, "11"), onlyPaid)
			require.NoError(t, err)
			_, err = b.pool.Exec(t.Context(), `CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
				CREATE TRIGGER break BEFORE `+c.event+` ON `+c.table+` FOR EACH ROW EXECUTE FUNCTION break()`)
			require.NoError(t, err)
			_, err = b.complete(s, stored, "der")
			require.ErrorContains(t, err, "disk full")
			found, der, err := b.certificates.Find(t.Context(), s.ID.String())
			require.NoError(t, err)
			require.Nil(t, der)
			require.Equal(t, stored.Prepared(), found.Prepared(), "the same bytes are signed again")
			require.Zero(t, b.count("credentials"))

			_, err = b.pool.Exec(t.Context(), "DROP TRIGGER break ON "+c.table)
			require.NoError(t, err)
			kept, err := b.complete(s, found, "der")
			require.NoError(t, err)
			require.Equal(t, "der", string(kept))
			require.Equal(t, order.EndIssued, b.record(s.ID).End)
		})
	}
}

// A gate that one order holds up holds up no other order of its confirmation, but whoever would take the money back.
func TestI1_OrdersOfOneConfirmationPassTheGateTogether(t *testing.T) {
	b := setup(t)
	orders := []*sample{b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)}
	_, of := b.confirm(orders...)
	b.pay(of)
	var inside, all sync.WaitGroup
	inside.Add(len(orders))
	errs := make([]error, len(orders))
	for i, s := range orders {
		all.Go(func() {
			_, _, errs[i] = b.certificates.Reserve(t.Context(), prepared(s, fmt.Sprintf("%02x", i+1)), func(st issuance.Stored) error {
				inside.Done()
				inside.Wait()
				if i == 0 {
					_, err := b.pool.Exec(t.Context(), "SET lock_timeout = '50ms'; UPDATE payables SET state = 'closed' WHERE payment_id IS NOT NULL; RESET lock_timeout")
					if err == nil {
						return errors.New("the money was taken back while the gate looked")
					}
				}
				return onlyPaid(st)
			})
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
}
