package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestARepetitionGetsTheSameAnswer(t *testing.T) {
	b := setup(t)
	send := func() reply {
		return b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", "k1")
	}
	first := send().is(http.StatusCreated)
	b.becomes(b.mine(t, first), func(st *activities.OrderState) { st.Stage = order.StageRequest })
	second := send().is(http.StatusCreated)
	require.Equal(t, first.Body, second.Body)
	require.Equal(t, first.Header.Get("Location"), second.Header.Get("Location"))
	require.Equal(t, first.Header.Get("Content-Type"), second.Header.Get("Content-Type"))
	require.Empty(t, first.Header.Get("Idempotency-Replayed"))
	require.Equal(t, "true", second.Header.Get("Idempotency-Replayed"))
	_, n := b.engine.last("open")
	require.Equal(t, 1, n)

	b.post("/v1/orders", asIndividual, `{"service":"6.0.01"}`, "Idempotency-Key", "k1").problem(problemKeyConflict)
	b.post("/v1/orders", asStranger, `{"service":"6.0.00"}`, "Idempotency-Key", "k1").is(http.StatusCreated)
	b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", strings.Repeat("k", 129)).problem(problemMalformed)
	b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", strings.Repeat("k", 128)).is(http.StatusOK)
}

// mine is the order that an answer shows.
func (b *bundle) mine(t *testing.T, r reply) *sample {
	t.Helper()
	v := r.order(http.StatusCreated)
	return &sample{OrderState: b.view(v.ID)}
}

func TestTwoAtOnceAreWorkedOnOnce(t *testing.T) {
	b := setup(t)
	inside, release := make(chan struct{}), make(chan struct{})
	b.engine.on("open Order", func(m message) (any, error) {
		close(inside)
		<-release
		return b.playOpenOrder(m)
	})
	send := func() reply {
		return b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", "k")
	}
	var first reply
	var running sync.WaitGroup
	running.Go(func() { first = send() })
	<-inside
	send().problem(problemKeyInProgress)
	close(release)
	running.Wait()
	first.is(http.StatusCreated)
	require.Equal(t, first.Body, send().is(http.StatusCreated).Body)
}

func TestAFailureFreesTheKey(t *testing.T) {
	b := setup(t)
	send := func() reply {
		return b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", "k")
	}
	b.engine.on("open Order", func(message) (any, error) { return nil, serviceerror.NewUnavailable("down") })
	send().problem(problemUnavailable)
	b.engine.on("open Order", func(message) (any, error) { panic("wires crossed") })
	send().problem(problemInternal)
	b.playWorkflows()
	send().is(http.StatusCreated)
}

func TestAClientThatHangsUpDoesNotKeepTheKey(t *testing.T) {
	b := setup(t)
	ctx, cancel := context.WithCancel(context.Background())
	b.engine.on("open Order", func(message) (any, error) {
		cancel()
		return nil, errors.New("gone")
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/v1/orders", strings.NewReader(`{"service":"6.0.00"}`))
	require.NoError(t, err)
	for name, value := range map[string]string{"Authorization": asIndividual, "Content-Type": "application/json", "Idempotency-Key": "k"} {
		r.Header.Set(name, value)
	}
	b.handler.ServeHTTP(httptest.NewRecorder(), r)
	b.playWorkflows()
	v := b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", "k").order(http.StatusCreated)
	require.Equal(t, order.StageTerms, v.Stage)
}

func TestConfirmationsAreMadeOncePerKey(t *testing.T) {
	b := setup(t)
	body := chooseBody(t, b.at(order.StageAwaitingApproval, asEmployee).OrderID)
	first := b.post("/v1/confirmations", asManager, body, "Idempotency-Key", "c").is(http.StatusCreated)
	second := b.post("/v1/confirmations", asManager, body, "Idempotency-Key", "c").is(http.StatusCreated)
	require.Equal(t, first.Body, second.Body)
	require.Equal(t, first.Header.Get("Location"), second.Header.Get("Location"))
}
