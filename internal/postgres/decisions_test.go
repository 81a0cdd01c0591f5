package postgres_test

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// journey are the decisions over an order of 6.0.01, in the order of a life
// without trouble.
func (b *bundle) journey(s *sample) []func() error {
	u, file := s.upload(good())
	decide := func(d order.Decision) func() error {
		return func() error {
			_, err := b.orders.Decide(b.t.Context(), s.ID, d)
			return err
		}
	}
	return []func() error{
		decide(consent()),
		func() error {
			_, err := b.orders.TakeUpload(b.t.Context(), s.ID, u, file)
			return err
		},
		func() error {
			_, _, err := b.orders.Save(b.t.Context(), s.ID, registered(), day)
			return err
		},
		decide(order.Approve(order.DerivedID("confirmation", s.ID[:]), manager, map[string]string{"list": "sha256:00"}, day)),
		decide(order.Issue(order.NewID(), map[string]string{"serial": "01"}, day)),
	}
}

func TestD5_AnOlderDecisionMovesNothingBack(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceEmployee)
	steps := b.journey(s)
	for i, step := range steps {
		require.NoError(t, step())
		before, notices, entries := b.record(s.ID), b.count("notices"), b.count("audit_entries")
		require.EqualValues(t, i+2, before.Version)
		for _, older := range steps[:i+1] {
			if err := older(); err != nil {
				require.ErrorIs(t, err, order.ErrStage)
			}
		}
		require.Equal(t, before, b.record(s.ID), "step %d", i)
		require.Equal(t, notices, b.count("notices"), "step %d", i)
		require.Equal(t, entries, b.count("audit_entries"), "step %d", i)
	}
}

func TestD5_TransitionsOutOfOrderAtOnceLeaveTheNewest(t *testing.T) {
	b := setup(t)
	for range 8 {
		s := b.open(order.ServiceEmployee)
		steps := b.journey(s)
		var all sync.WaitGroup
		for _, i := range rand.Perm(3 * len(steps)) {
			all.Go(func() { _ = steps[i%len(steps)]() })
		}
		all.Wait()
		// Whoever came too early comes again: nothing went backwards meanwhile.
		for _, step := range steps {
			_ = step()
		}
		require.Equal(t, order.EndIssued, b.record(s.ID).End, "the farthest stage stays")
		require.EqualValues(t, len(steps)+1, b.record(s.ID).Version, "each was taken once")
		entries, err := b.audit.OrderEntries(t.Context(), s.ID.String())
		require.NoError(t, err)
		require.Len(t, entries, len(steps)+1)
	}
	b.requireSoundLog()
}

func TestDecisionsReadBackWhole(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	next, err := b.orders.Decide(t.Context(), s.ID, func(r order.Record) (order.Transition, error) {
		r.Stage, r.ApprovedAt, r.ConfirmationID, r.Until = order.StageAwaitingPayment, day.Add(time.Nanosecond), order.NewID(), r.PayBy
		r.Note, r.PaymentID = "a\x00b", order.NewID()
		return order.Transition{Record: r}, nil
	})
	require.NoError(t, err)
	require.Equal(t, "ab", next.Note)
	require.Equal(t, s.Version+1, next.Version)
	require.Equal(t, next, b.record(s.ID), "what is returned is what is read")

	_, err = b.orders.Decide(t.Context(), order.NewID(), consent())
	require.ErrorIs(t, err, order.ErrNotFound)
	_, err = b.orders.Order(t.Context(), order.NewID())
	require.ErrorIs(t, err, order.ErrNotFound)
}

func TestS7_AnswersOfRegistersAreShownLineByLine(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceEmployee)
	require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": order.RegisterAgrees}), "not asked yet")
	require.NoError(t, b.take(s))
	for _, state := range []order.RegisterState{order.RegisterWaiting, order.RegisterSilent, order.RegisterAgrees} {
		require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": state}))
		require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"population": state}))
	}
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Len(t, view.Registers, 2)
	require.Equal(t, "egr", view.Registers[0].Register)
	require.Equal(t, order.RegisterAgrees, view.Registers[0].State)
	require.Equal(t, s.Version+6, view.Record.Version, "screens that wait see each answer")
	require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": order.RegisterAgrees, "population": order.RegisterSilent}))
	view, err = b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, s.Version+7, view.Record.Version, "answers that come together are one change")
	require.Error(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": "dreams"}))

	_, _, err = b.orders.Save(t.Context(), s.ID, registered(), day)
	require.NoError(t, err)
	saved := b.record(s.ID)
	require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": order.RegisterSilent}))
	view, err = b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, saved, view.Record, "an answer that comes late changes nothing")
	require.Equal(t, registered(), view.Request.Registers)
	require.Len(t, view.Registers, 4, "what is saved was agreed to by every register that was asked")
	for _, a := range view.Registers {
		require.Equal(t, order.RegisterAgrees, a.State, a.Register)
	}
}

func TestI4_NoticesGoToTheContacts(t *testing.T) {
	b := setup(t)
	s := b.issued("01")
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	channels := map[order.NoticeKind][]notify.Channel{}
	for _, n := range view.Notices {
		channels[n.Kind] = append(channels[n.Kind], n.Channel)
	}
	require.Equal(t, []notify.Channel{notify.ChannelEmail}, channels[order.NoticePaymentDue])
	require.ElementsMatch(t, notify.Channels(), channels[order.NoticeIssued])
}

// TestD6_TheReminderOfAPaymentSaysHowMuchUnderWhichNumber: for 6.0.00, whose
// applicant pays (D2).
func TestD6_TheReminderOfAPaymentSaysHowMuchUnderWhichNumber(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	for range 2 {
		require.NoError(t, b.orders.Remind(t.Context(), s.ID, order.NoticePaymentReminder))
	}
	var raw []byte
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT data FROM notices WHERE kind = 'payment-reminder'").Scan(&raw), "one reminder, asked for twice")
	var said notify.Data
	require.NoError(t, json.Unmarshal(raw, &said))
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Positive(t, said.Amount)
	var total, number int64
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT total, number FROM payables WHERE id = $1", s.ID.String()).Scan(&total, &number))
	require.Equal(t, order.Kopecks(total), said.Amount)
	require.Equal(t, order.PaymentNumber(number), said.PaymentNumber)
	require.Equal(t, view.Record.PayBy, said.Deadline)
}

func TestD6_AReminderIsAskedForOnceADeadline(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _ = b.orders.Remind(t.Context(), s.ID, order.NoticeApprovalReminder) })
	}
	all.Wait()
	require.Equal(t, 1, b.count("notices WHERE kind = 'approval-reminder'"))
	id, _ := b.confirm(s)
	for range 2 {
		require.NoError(t, b.confirmations.Remind(t.Context(), id))
	}
	require.Equal(t, 1, b.count("notices WHERE kind = 'confirmation-payment-reminder'"))

	// Where the manager gave no address, the applicants are asked to tell them.
	_, err := b.pool.Exec(t.Context(), "UPDATE confirmations SET email = ''")
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, b.confirmations.Remind(t.Context(), id))
	}
	require.Equal(t, 1, b.count("notices WHERE kind = 'manager-payment-reminder' AND subject_id = '"+s.ID.String()+"' AND recipient <> ''"))

	// Nobody is reminded of what is over.
	b.close(s, false)
	ended, err := b.confirmations.Close(t.Context(), id, day)
	require.NoError(t, err)
	require.True(t, ended.Done)
	notices := b.count("notices")
	require.NoError(t, b.orders.Remind(t.Context(), s.ID, order.NoticeApprovalReminder))
	require.NoError(t, b.confirmations.Remind(t.Context(), id))
	require.Equal(t, notices, b.count("notices"))
	require.ErrorIs(t, b.confirmations.Remind(t.Context(), order.NewID()), order.ErrNotFound)
}
