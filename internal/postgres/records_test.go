package postgres_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestD5_AnOlderVersionOverwritesNothing(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	before, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)

	for _, version := range []int64{1, 2, s.Version} {
		old := s.OrderState
		old.Version, old.Stage, old.Until = version, order.StageRequest, day
		require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{
			State: old, Notices: []activities.Notice{{Kind: order.NoticeRejected}},
			Events: []activities.AuditEvent{{Action: "rejected", Actor: "manager:m", At: day}},
		}))
	}
	after, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Zero(t, b.count("notices"))
	require.Equal(t, 1, b.count("audit_entries"))
}

func TestRecordOrderReadsBackWhole(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	s.Version++
	s.Stage, s.ApprovedAt, s.ConfirmationID, s.Until = order.StageAwaitingPayment, day, uuid.NewString(), s.PayBy
	s.Report = order.Report{{Code: order.CheckSubject, Verdict: order.VerdictChanged, Field: order.FieldPosition, Found: "a", Expected: "b"}}
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{State: s.OrderState}))

	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	want := s.OrderState
	require.WithinDuration(t, want.PayBy, view.State.PayBy, 0)
	want.PayBy, want.Until = view.State.PayBy, view.State.Until
	require.EqualExportedValues(t, want, view.State)
	require.Equal(t, "інжынер", view.Request.Subject.Position)
	require.Equal(t, "тэхнік", view.Request.Current.Position)
	require.Equal(t, order.Date{Year: 2026, Month: 3, Day: 12}, view.Request.RequestedStart)
	require.Len(t, view.Request.Report, 1)
}

func TestRecordOrderOfNobody(t *testing.T) {
	b := setup(t)
	err := b.records.RecordOrder(t.Context(), activities.RecordOrderInput{
		State: activities.OrderState{OrderID: uuid.NewString(), Version: 3, Stage: order.StageRequest},
	})
	require.ErrorIs(t, err, activities.ErrNotFound)
	_, err = b.orders.Order(t.Context(), "not an id")
	require.ErrorIs(t, err, activities.ErrNotFound)
}

func TestI4_NoticesGoToTheContacts(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	s.Version++
	s.Stage, s.End = order.StageEnded, order.EndIssued
	in := activities.RecordOrderInput{State: s.OrderState, Notices: []activities.Notice{
		{Kind: order.NoticePaid, Amount: 100}, {Kind: order.NoticeIssued},
	}}
	require.NoError(t, b.records.RecordOrder(t.Context(), in))
	require.NoError(t, b.records.RecordOrder(t.Context(), in))

	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	channels := map[order.NoticeKind][]notify.Channel{}
	for _, n := range view.Notices {
		channels[n.Kind] = append(channels[n.Kind], n.Channel)
	}
	require.Equal(t, []notify.Channel{notify.ChannelEmail}, channels[order.NoticePaid])
	require.ElementsMatch(t, notify.Channels(), channels[order.NoticeIssued])
}

func TestAuditOfTransitionsIsAChain(t *testing.T) {
	b := setup(t)
	var all sync.WaitGroup
	samples := make([]*sample, 6)
	for i := range samples {
		all.Go(func() { samples[i] = b.open(order.ServiceEmployee) })
	}
	all.Wait()
	report, err := audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), report.Findings)
	require.EqualValues(t, len(samples), report.Entries)

	entries, err := b.audit.OrderEntries(t.Context(), samples[0].OrderID)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, audit.ActorApplicant, entries[0].Actor.Kind)
	require.NotEmpty(t, entries[0].Actor.ID)

	_, err = b.pool.Exec(t.Context(), "UPDATE audit_entries SET actor_id = 'x' WHERE sequence = 3")
	require.NoError(t, err)
	report, err = audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.False(t, report.Clean())
}

func TestS3_AKeyIsInOneOpenOrder(t *testing.T) {
	b := setup(t)
	first, second := b.saved(order.ServiceEmployee), b.open(order.ServiceIndividual)
	second.keyID = first.keyID
	require.ErrorIs(t, b.save(second), activities.ErrNotSaved)
	inUse, err := b.requests.KeyInUse(t.Context(), first.keyID, second.OrderID)
	require.NoError(t, err)
	require.True(t, inUse)
	inUse, err = b.requests.KeyInUse(t.Context(), first.keyID, first.OrderID)
	require.NoError(t, err)
	require.False(t, inUse)

	// Once the first order has ended, its key may be tried again.
	first.Version++
	first.Stage, first.End, first.Reason = order.StageEnded, order.EndWithdrawn, order.ReasonByApplicant
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{State: first.OrderState}))
	require.NoError(t, b.save(second))
}

func TestS3_TwoOrdersClaimAKeyAtOnce(t *testing.T) {
	b := setup(t)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		s := b.open(order.ServiceEmployee)
		s.keyID = "the same"
		all.Go(func() { errs[i] = b.save(s) })
	}
	all.Wait()
	saved := 0
	for _, err := range errs {
		if err == nil {
			saved++
			continue
		}
		require.ErrorIs(t, err, activities.ErrNotSaved)
	}
	require.Equal(t, 1, saved)
}

func TestS2_LastContactsAndOpenOrder(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	contacts, known, err := b.orders.LastContacts(t.Context(), view.Opening.ApplicantKey)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, *s.Contacts, contacts)
	_, known, err = b.orders.LastContacts(t.Context(), "nobody")
	require.NoError(t, err)
	require.False(t, known)

	open, err := b.orders.OpenOrder(t.Context(), view.Opening.ApplicantKey, order.ServiceEmployee)
	require.NoError(t, err)
	require.Equal(t, s.OrderID, open.ID)
	_, err = b.orders.OpenOrder(t.Context(), view.Opening.ApplicantKey, order.ServiceIndividual)
	require.ErrorIs(t, err, activities.ErrNotFound)
	list, err := b.orders.OrdersOfApplicant(t.Context(), view.Opening.ApplicantKey, day, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestM10_ConfirmationReadsBackWhole(t *testing.T) {
	b := setup(t)
	first, second := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, opened := b.confirm(first, second)
	state := activities.ConfirmationState{
		ConfirmationID: id, Version: 1, Stage: activities.ConfirmationPayment, ListID: uuid.NewString(), SignatureID: uuid.NewString(),
		SignedAt: day, OrderIDs: []string{first.OrderID, second.OrderID}, Number: opened.Number, Total: opened.Total, Until: day,
	}
	in := activities.RecordConfirmationInput{
		Opening: &activities.ConfirmationOpening{
			WorkflowID: "confirmation-" + id, UNP: unp, ManagerKey: "m", CertificateID: uuid.NewString(), Language: "ru",
			Email: "m@example.by", StartedAt: day,
		},
		State: state,
		Notices: []activities.Notice{{
			Kind: order.NoticeConfirmationPaymentDue, Number: opened.Number, Amount: opened.Total, Deadline: day, Certificates: 2,
		}},
		Events: []activities.AuditEvent{
			{Action: "list-made", Actor: "manager:m", At: day, Evidence: map[string]string{"list": ""}},
			{Action: "list-signed", Actor: "manager:m", At: day, Evidence: map[string]string{"list": state.ListID}},
		},
	}
	require.NoError(t, b.records.RecordConfirmation(t.Context(), in))
	require.NoError(t, b.records.RecordConfirmation(t.Context(), in))
	view, err := b.org.Confirmation(t.Context(), id)
	require.NoError(t, err)
	require.EqualExportedValues(t, state, view.State)
	require.Len(t, view.Lines, 2)
	require.Equal(t, price, view.Lines[0].Price)
	require.Len(t, view.Notices, 1)
	require.Equal(t, opened.Number, int64(view.Payable.Number))
	entries, err := b.audit.OrderEntries(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, entries, 2)

	list, err := b.org.Confirmations(t.Context(), unp, day, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.ErrorIs(t, b.records.RecordConfirmation(t.Context(), activities.RecordConfirmationInput{
		State: activities.ConfirmationState{ConfirmationID: uuid.NewString(), Version: 2, Stage: activities.ConfirmationVoid},
	}), activities.ErrNotFound)
}

func TestD5_TransitionsOutOfOrderAtOnceLeaveTheNewest(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	var all sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		state := s.OrderState
		state.Version += int64(len(errs) - i)
		state.Note = "version"
		all.Go(func() {
			errs[i] = b.records.RecordOrder(t.Context(), activities.RecordOrderInput{
				State: state, Events: []activities.AuditEvent{{Action: "approved", Actor: "system", At: day}},
			})
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Equal(t, s.Version+int64(len(errs)), view.State.Version)
	report, err := audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), report.Findings)
}

func TestARecordThatCannotBeAuditedIsNotWritten(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	next := s.OrderState
	next.Version++
	next.Stage = order.StageIssuing
	err := b.records.RecordOrder(t.Context(), activities.RecordOrderInput{
		State: next, Notices: []activities.Notice{{Kind: order.NoticePaid}},
		Events: []activities.AuditEvent{{Action: "unheard-of", Actor: "system", At: day}},
	})
	require.ErrorIs(t, err, audit.ErrEvent)
	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Equal(t, s.Version, view.State.Version)
	require.Empty(t, view.Notices)
}
