package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestA6_ADraftIsResumed(t *testing.T) {
	b := setup(t)
	first, resumed, err := b.orders.OpenDraft(t.Context(), b.draft(order.ServiceEmployee, "a"))
	require.NoError(t, err)
	require.False(t, resumed)
	require.Positive(t, first.Number)
	require.EqualValues(t, 1, first.Version)
	require.Equal(t, order.StageTerms, first.Stage)
	require.True(t, first.Until.Equal(order.DefaultPolicy().FinishBy(day)), "S11")
	require.Equal(t, order.DefaultPolicy(), first.Policy)
	_, err = b.orders.Decide(t.Context(), first.ID, consent())
	require.NoError(t, err)

	// Another device, another certificate of the same person.
	again := b.draft(order.ServiceEmployee, "a")
	again.Language, again.StartedAt = "en", day.AddDate(0, 0, 3)
	second, resumed, err := b.orders.OpenDraft(t.Context(), again)
	require.NoError(t, err)
	require.True(t, resumed)
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, first.Number, second.Number)
	require.Equal(t, order.StageRequest, second.Stage)
	require.Equal(t, first.Until, second.Until, "D5: resuming gives no new term")
	require.Equal(t, again.CertificateID, second.CertificateID, "what is signed in with now is what the file is compared with")
	require.Equal(t, "en", second.Language)
	view, err := b.orders.OpenDraftOf(t.Context(), "a", order.ServiceEmployee)
	require.NoError(t, err)
	require.Equal(t, second, view.Record)

	// Other services and other persons have drafts of their own.
	for _, r := range []order.Record{b.draft(order.ServiceIndividual, "a"), b.draft(order.ServiceEmployee, "b")} {
		_, resumed, err = b.orders.OpenDraft(t.Context(), r)
		require.NoError(t, err)
		require.False(t, resumed)
	}
	_, err = b.orders.OpenDraftOf(t.Context(), "nobody", order.ServiceEmployee)
	require.ErrorIs(t, err, order.ErrNotFound)
}

func TestA6_ADraftIsOpenedOnceHoweverManyAsk(t *testing.T) {
	b := setup(t)
	var all sync.WaitGroup
	got := make([]order.Record, 8)
	fresh := make([]bool, len(got))
	errs := make([]error, len(got))
	for i := range got {
		all.Go(func() {
			var resumed bool
			got[i], resumed, errs[i] = b.orders.OpenDraft(t.Context(), b.draft(order.ServiceEmployee, "a"))
			fresh[i] = !resumed
		})
	}
	all.Wait()
	opened := 0
	for i := range got {
		require.NoError(t, errs[i])
		require.Equal(t, got[0].ID, got[i].ID)
		if fresh[i] {
			opened++
		}
	}
	require.Equal(t, 1, opened)
	require.Equal(t, 1, b.count("orders"))
	require.Equal(t, 1, b.count("audit_entries WHERE action = 'order-opened'"))
}

func TestA6_AtMostFiveOpenOrdersAPerson(t *testing.T) {
	b := setup(t)
	// Each saved order makes room for the next draft, until there are five.
	var saved []*sample
	for range order.MaxOpen {
		r, _, err := b.orders.OpenDraft(t.Context(), b.draft(order.ServiceEmployee, "a"))
		require.NoError(t, err)
		s := &sample{Record: r, keyID: fmt.Sprintf("key-%d", len(saved)), years: 1}
		b.save(s)
		saved = append(saved, s)
	}
	for _, service := range []order.Service{order.ServiceEmployee, order.ServiceIndividual} {
		_, _, err := b.orders.OpenDraft(t.Context(), b.draft(service, "a"))
		require.ErrorIs(t, err, order.ErrTooManyOpen)
	}
	_, _, err := b.orders.OpenDraft(t.Context(), b.draft(order.ServiceEmployee, "b"))
	require.NoError(t, err, "somebody else's orders do not count")

	// One ends: both services are asked for at once, and one of them fits.
	b.close(saved[0], false)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		service := order.ServiceEmployee
		if i%2 == 1 {
			service = order.ServiceIndividual
		}
		all.Go(func() { _, _, errs[i] = b.orders.OpenDraft(t.Context(), b.draft(service, "a")) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			require.ErrorIs(t, err, order.ErrTooManyOpen)
		}
	}
	require.Equal(t, order.MaxOpen, b.count("orders WHERE applicant_key = 'a' AND stage <> 'ended'"))
}

func TestS2_S3_ARefusedFileIsNotKept(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceEmployee)
	b.decide(s, consent())
	u, file := s.upload(order.Report{{Code: order.CheckPossession, Verdict: order.VerdictFailed, Found: "a\x00b\xff", Cause: "bad-signature"}})
	r, err := b.orders.TakeUpload(t.Context(), s.ID, u, file)
	require.NoError(t, err)
	require.Equal(t, order.StageRequest, r.Stage)
	require.Equal(t, u.Contacts, *r.Contacts, "the next form is filled in")
	require.Len(t, r.Report, 1)
	require.Zero(t, r.RequestID)
	require.Zero(t, b.count("documents"))
	require.Zero(t, b.count("requests"))
	inUse, err := b.orders.KeyInUse(t.Context(), s.keyID, order.ID{})
	require.NoError(t, err)
	require.False(t, inUse, "a refused file claims no key")
	require.Equal(t, "ab\uFFFD", b.record(s.ID).Report[0].Found, "what PostgreSQL cannot keep is left out")
}

func TestS8_AnUploadThatPassedIsKeptWhole(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceEmployee)
	b.decide(s, consent())
	u, file := s.upload(good())
	r, err := b.orders.TakeUpload(t.Context(), s.ID, u, file)
	require.NoError(t, err)
	require.Equal(t, order.StageChecking, r.Stage)
	require.Equal(t, file.ID, r.RequestID)
	require.Equal(t, r, b.record(s.ID))
	checked, record, err := b.orders.Checked(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, u.Request, checked)
	require.Equal(t, r, record)
	kept, err := b.documents.GetOwned(t.Context(), file.ID, s.ApplicantKey)
	require.NoError(t, err)
	require.Equal(t, file.Content, kept.Content)
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, "інжынер", view.Request.Subject.Position)
	require.Equal(t, "тэхнік", view.Request.Current.Position)
	require.Equal(t, order.Date{Year: 2026, Month: 3, Day: 12}, view.Request.RequestedStart)

	_, err = b.orders.TakeUpload(t.Context(), s.ID, u, file)
	require.ErrorIs(t, err, order.ErrStage, "the same file comes again")
	for name, change := range map[string]func(*order.Upload, *order.Document){
		"another file":  func(_ *order.Upload, d *order.Document) { d.ID = order.NewID() },
		"another order": func(u *order.Upload, _ *order.Document) { u.Request.OrderID = order.NewID() },
		"no key":        func(u *order.Upload, _ *order.Document) { u.Request.KeyID = "" },
	} {
		other := b.open(order.ServiceEmployee)
		b.decide(other, consent())
		u, file := other.upload(good())
		change(&u, &file)
		_, err := b.orders.TakeUpload(t.Context(), other.ID, u, file)
		require.Error(t, err, name)
		require.Equal(t, order.StageRequest, b.record(other.ID).Stage, name)
	}
	_, _, err = b.orders.Checked(t.Context(), b.open(order.ServiceIndividual).ID)
	require.ErrorIs(t, err, order.ErrNotFound)
}

func TestS3_AKeyIsInOneOpenOrder(t *testing.T) {
	b := setup(t)
	first, second := b.saved(order.ServiceEmployee), b.open(order.ServiceIndividual)
	second.keyID = first.keyID
	require.ErrorIs(t, b.take(second), order.ErrKeyInUse)
	for except, want := range map[order.ID]bool{second.ID: true, first.ID: false} {
		inUse, err := b.orders.KeyInUse(t.Context(), first.keyID, except)
		require.NoError(t, err)
		require.Equal(t, want, inUse)
	}

	// Once the first order has ended, its key may be tried again.
	b.close(first, false)
	require.NoError(t, b.take(second))
}

func TestS3_TwoOrdersClaimAKeyAtOnce(t *testing.T) {
	b := setup(t)
	for round := range 5 {
		var all sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			s := b.open(order.ServiceEmployee)
			s.keyID = fmt.Sprintf("the-same-%d", round)
			b.decide(s, consent())
			u, file := s.upload(good())
			all.Go(func() { _, errs[i] = b.orders.TakeUpload(t.Context(), s.ID, u, file) })
		}
		all.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
				continue
			}
			require.ErrorIs(t, err, order.ErrKeyInUse)
		}
		require.Equal(t, 1, taken)
	}
	require.Equal(t, 5, b.count("requests"))
	require.Equal(t, 5, b.count("documents"))
}

func TestS11_DraftsEndAtTheirTerm(t *testing.T) {
	b := setup(t)
	draft, uploaded, order1 := b.open(order.ServiceEmployee), b.open(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	b.decide(uploaded, consent())
	u, file := uploaded.upload(order.Report{{Code: order.CheckTerm, Verdict: order.VerdictFailed}})
	_, err := b.orders.TakeUpload(t.Context(), uploaded.ID, u, file)
	require.NoError(t, err)

	for _, c := range []struct {
		before time.Duration
		asked  int
	}{{25 * time.Hour, 0}, {24 * time.Hour, 1}, {time.Hour, 0}, {0, 0}} {
		n, err := b.orders.RemindDrafts(t.Context(), draft.Until.Add(-c.before))
		require.NoError(t, err)
		require.Equal(t, c.asked, n, "D6: %s before the end; who has told no address cannot be reminded", c.before)
	}
	require.Equal(t, 1, b.count("notices WHERE kind = 'finish-reminder'"))

	n, err := b.orders.ExpireDrafts(t.Context(), draft.Until.Add(-time.Microsecond), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	for _, want := range []int{1, 1, 0} {
		n, err = b.orders.ExpireDrafts(t.Context(), draft.Until, 1)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	for _, s := range []*sample{draft, uploaded} {
		r := b.record(s.ID)
		require.Equal(t, order.EndAnnulled, r.End)
		require.Equal(t, order.ReasonNotFinished, r.Reason)
	}
	require.True(t, b.record(order1.ID).Stage.Open(), "an order waits for others")
	_, resumed, err := b.orders.OpenDraft(t.Context(), b.draft(order.ServiceEmployee, draft.ApplicantKey))
	require.NoError(t, err)
	require.False(t, resumed, "a new order is possible at once")
}

func TestWorkflowsThatWereNotStartedAreFound(t *testing.T) {
	b := setup(t)
	b.open(order.ServiceEmployee)
	ended, started, waiting := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	b.close(ended, false)
	require.NoError(t, b.orders.MarkStarted(t.Context(), started.ID))
	soon := time.Now().Add(time.Hour)
	list, err := b.orders.Unstarted(t.Context(), soon, 10)
	require.NoError(t, err)
	require.Equal(t, []order.Record{b.record(waiting.ID)}, list)
	list, err = b.orders.Unstarted(t.Context(), time.Now().Add(-time.Hour), 10)
	require.NoError(t, err)
	require.Empty(t, list, "its API may just be starting it")

	id, _ := b.confirm(started, waiting)
	b.listed(waiting)
	confirmations, err := b.confirmations.Unstarted(t.Context(), soon, 10)
	require.NoError(t, err)
	require.Len(t, confirmations, 1)
	require.Equal(t, id, confirmations[0].ID)
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	confirmations, err = b.confirmations.Unstarted(t.Context(), soon, 10)
	require.NoError(t, err)
	require.Empty(t, confirmations)
}

func TestS2_LastContacts(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	contacts, known, err := b.orders.LastContacts(t.Context(), s.ApplicantKey)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, *s.Contacts, contacts)
	_, known, err = b.orders.LastContacts(t.Context(), "nobody")
	require.NoError(t, err)
	require.False(t, known)
	list, err := b.orders.OrdersOfApplicant(t.Context(), s.ApplicantKey, day, 0, 10)
	require.NoError(t, err)
	require.Len(t, list.Orders, 1)
	require.Equal(t, s.Record, list.Orders[0].Record)
}
