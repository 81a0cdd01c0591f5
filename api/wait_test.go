package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestLongWaitReturnsOnAChange(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	answers := make(chan reply, 1)
	go func() { answers <- b.get(s.path()+"?wait=30s&after=1", asIndividual) }()
	require.Equal(t, s.OrderID, <-b.bell.subscribed)
	b.bell.ring(s.OrderID) // nothing new yet: it goes on waiting
	b.becomes(s, func(st *activities.OrderState) { st.Stage = order.StageRequest })
	b.bell.ring(s.OrderID)
	v := (<-answers).order(http.StatusOK)
	require.EqualValues(t, 2, v.Version)
	require.Equal(t, order.StageRequest, v.Stage)
	require.Zero(t, b.bell.waiting(), "the subscription has ended")
}

func TestLongWaitAnswersAtOnceWhatIsNew(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	require.EqualValues(t, 2, b.get(s.path()+"?wait=1m&after=1", asIndividual).order(http.StatusOK).Version)
	require.EqualValues(t, 2, b.get(s.path()+"?after=2", asIndividual).order(http.StatusOK).Version)
}

func TestLongWaitEndsWithItsTime(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	v := b.get(s.path()+"?wait=5ms&after=1", asIndividual).order(http.StatusOK)
	require.EqualValues(t, 1, v.Version)
	require.Zero(t, b.bell.waiting())
}

func TestLongWaitEndsWhenTheClientGoesAway(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.path()+"?wait=1m&after=1", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", asIndividual)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.handler.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-b.bell.subscribed
	cancel()
	<-done
	require.Zero(t, b.bell.waiting())
	require.NotContains(t, b.logs.String(), "level=ERROR", "a client that hangs up is no failure of ours")
}

func TestWrongWaits(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	for query, field := range map[string]string{
		"?wait=soon": "wait", "?wait=61s": "wait", "?wait=-1s": "wait", "?wait=10": "wait",
		"?after=x": "after", "?after=-1": "after", "?after=1.5": "after", "?after=99999999999999999999": "after",
	} {
		p := b.get(s.path()+query, asIndividual).problem(problemValidation)
		require.Equal(t, field, p.Errors[0].Field, query)
	}
}

func TestAwaitChangeGivesTheErrorOfReading(t *testing.T) {
	broken := errors.New("broken")
	_, err := awaitChange(t.Context(), newBell(), "id", time.Minute, func(context.Context) (int, bool, error) { return 0, false, broken })
	require.ErrorIs(t, err, broken)
}

// A long wait must not hold a process that stops: its caller asks again, elsewhere.
func TestLongWaitEndsWhenTheProcessStops(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	answers := make(chan reply, 1)
	go func() { answers <- b.get(s.path()+"?wait=1m&after=1", asIndividual) }()
	<-b.bell.subscribed
	b.bell.stop()
	require.EqualValues(t, 1, (<-answers).order(http.StatusOK).Version)
}
