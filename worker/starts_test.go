package worker

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// waiting are things whose workflow nobody has started, and what was asked of them.
type waiting[T any] struct {
	list   []T
	before time.Time
	marked []order.ID
}

func (w *waiting[T]) Unstarted(_ context.Context, before time.Time, _ int) ([]T, error) {
	w.before = before
	return w.list, nil
}

func (w *waiting[T]) MarkStarted(_ context.Context, id order.ID) error {
	w.marked = append(w.marked, id)
	return nil
}

// fakeStarter starts workflows, but not those of one order.
type fakeStarter struct {
	refused order.ID
	started []order.ID
}

func (e *fakeStarter) StartOrder(_ context.Context, o order.Record) error {
	if o.ID == e.refused {
		return errDown
	}
	e.started = append(e.started, o.ID)
	return nil
}

func (e *fakeStarter) StartConfirmation(_ context.Context, c order.Confirmation) error {
	e.started = append(e.started, c.ID)
	return nil
}

func TestS8_AWorkflowThatWasNotStartedIsStartedLater(t *testing.T) {
	first, second, confirmation := order.NewID(), order.NewID(), order.NewID()
	orders := &waiting[order.Record]{list: []order.Record{{ID: first}, {ID: second}}}
	confirmations := &waiting[order.Confirmation]{list: []order.Confirmation{{ID: confirmation}}}
	e := &fakeStarter{refused: first}
	job := starts{starter: e, orders: orders, confirmations: confirmations, log: slog.New(slog.DiscardHandler)}
	now := time.Now()
	require.ErrorIs(t, job.start(t.Context(), now), errDown)
	require.Equal(t, []order.ID{second, confirmation}, e.started, "one that cannot be started holds nothing else up")
	require.Equal(t, []order.ID{second}, orders.marked)
	require.Equal(t, []order.ID{confirmation}, confirmations.marked)
	require.Equal(t, now.Add(-startedBy), orders.before, "the API has a moment to start it itself")

	e.refused, orders.list = order.ID{}, orders.list[:1]
	require.NoError(t, job.start(t.Context(), now))
	require.Equal(t, []order.ID{second, first}, orders.marked)
}

// unfinished counts down what is left to end.
type unfinished struct {
	drafts, lists, reminded int
	fail                    error
}

func (u *unfinished) ExpireDrafts(_ context.Context, _ time.Time, limit int) (int, error) {
	n := min(limit, u.drafts)
	u.drafts -= n
	return n, u.fail
}

func (u *unfinished) RemindDrafts(context.Context, time.Time) (int, error) {
	u.reminded++
	return 0, nil
}

func (u *unfinished) ExpireLists(_ context.Context, _ time.Time, limit int) (int, error) {
	n := min(limit, u.lists)
	u.lists -= n
	return n, nil
}

func TestS11_EverythingThatIsOverIsEndedInOneRound(t *testing.T) {
	u := &unfinished{drafts: 2*jobBatch + 1, lists: jobBatch}
	job := drafts{orders: u, confirmations: u, log: slog.New(slog.DiscardHandler)}
	require.NoError(t, job.expire(t.Context(), time.Now()))
	require.Equal(t, &unfinished{reminded: 1}, u)

	u = &unfinished{drafts: 1, lists: 1, fail: errDown}
	job = drafts{orders: u, confirmations: u, log: slog.New(slog.DiscardHandler)}
	require.ErrorIs(t, job.expire(t.Context(), time.Now()), errDown)
	require.Zero(t, u.lists, "a failure of one keeps the others from nothing")
	require.Equal(t, 1, u.reminded)
}
