package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// countedOrders counts how often orders are read, at once and by who waits.
type countedOrders struct {
	Orders
	views, newer atomic.Int64
	// read receives after the first reading of who waits.
	read chan struct{}
}

func (c *countedOrders) Order(ctx context.Context, id order.ID) (postgres.OrderView, error) {
	c.views.Add(1)
	return c.Orders.Order(ctx, id)
}

func (c *countedOrders) OrderAfter(ctx context.Context, id order.ID, version int64) (postgres.OrderView, error) {
	v, err := c.Orders.OrderAfter(ctx, id, version)
	if c.newer.Add(1) == 1 {
		close(c.read)
	}
	return v, err
}

func TestLongWaitReturnsOnAChange(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	counted := &countedOrders{Orders: b.orders, read: make(chan struct{})}
	d := b.deps
	d.Orders = counted
	b.serve(d)
	answers := make(chan reply, 1)
	go func() { answers <- b.get(s.path()+"?wait=30s&after=1", asIndividual) }()
	require.Equal(t, s.ID.String(), <-b.changes.subscribed)
	<-counted.read // the change comes while it waits, not before it has looked
	for range 3 {
		b.changes.wake(s.ID.String()) // nothing new yet: it goes on waiting
	}
	b.decides(s, order.AcceptTerms(order.Consent{AgreementVersion: "agreement-3", ContractVersion: "contract-7", AcceptedAt: b.now}))
	b.changes.wake(s.ID.String())
	v := (<-answers).order(http.StatusOK)
	require.EqualValues(t, 2, v.Version)
	require.Equal(t, order.StageRequest, v.Stage)
	require.Zero(t, b.changes.waiting(), "the subscription has ended")
	require.Zero(t, counted.views.Load(), "what it waited for came with its version")
	require.GreaterOrEqual(t, counted.newer.Load(), int64(2))
}

func TestLongWaitAnswersAtOnceWhatIsNew(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	require.EqualValues(t, 2, b.get(s.path()+"?wait=1m&after=1", asIndividual).order(http.StatusOK).Version)
	require.EqualValues(t, 2, b.get(s.path()+"?after=2", asIndividual).order(http.StatusOK).Version)
	at, late := b.get(s.path(), asIndividual), b.get(s.path()+"?wait=1ms&after=2", asIndividual)
	require.JSONEq(t, string(at.Body), string(late.Body), "who has waited in vain sees all of it")
	require.JSONEq(t, string(at.Body), string(b.get(s.path()+"?wait=1m&after=1", asIndividual).Body))
}

// Whether somebody else's order is there cannot be told from how long the answer takes.
func TestLongWaitForSomebodyElsesOrderIsNotFoundAtOnce(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	began := time.Now()
	b.get(s.path()+"?wait=20s&after=1", asEmployee).problem(web.ProblemNotFound)
	require.Less(t, time.Since(began), 10*time.Second)
	require.Zero(t, b.changes.waiting())
}

func TestLongWaitEndsWithItsTime(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	v := b.get(s.path()+"?wait=5ms&after=1", asIndividual).order(http.StatusOK)
	require.EqualValues(t, 1, v.Version)
	require.Zero(t, b.changes.waiting())
}

func TestLongWaitEndsWhenTheClientGoesAway(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.handler.ServeHTTP(httptest.NewRecorder(), b.waiter(ctx, s))
	}()
	<-b.changes.subscribed
	cancel()
	<-done
	require.Zero(t, b.changes.waiting())
	require.NotContains(t, b.logs.String(), "level=ERROR", "a client that hangs up is no failure of ours")
}

func (b *bundle) waiter(ctx context.Context, s *sample) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.path()+"?wait=1m&after=1", nil)
	require.NoError(b.t, err)
	r.Header.Set("Authorization", asIndividual)
	return r
}

func TestOnePersonWaitsInSoManySeatsOnly(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	for range web.DefaultSeats {
		go func() {
			b.handler.ServeHTTP(httptest.NewRecorder(), b.waiter(ctx, s))
			done <- struct{}{}
		}()
		<-b.changes.subscribed
	}
	refused := b.get(s.path()+"?wait=1s&after=1", asIndividual)
	refused.problem(web.ProblemTooMany)
	require.NotEmpty(t, refused.Header.Get("Retry-After"))
	b.get(s.path()+"?after=1", asIndividual).order(http.StatusOK)
	cancel()
	for range web.DefaultSeats {
		<-done
	}
	b.get(s.path()+"?wait=1ms&after=1", asIndividual).order(http.StatusOK)
}

func TestWrongWaits(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	for query, field := range map[string]string{
		"?wait=soon": "wait", "?wait=61s": "wait", "?wait=-1s": "wait", "?wait=10": "wait",
		"?after=x": "after", "?after=-1": "after", "?after=1.5": "after", "?after=99999999999999999999": "after",
	} {
		p := b.get(s.path()+query, asIndividual).problem(web.ProblemValidation)
		require.Equal(t, field, p.Errors[0].Field, query)
	}
}

func TestAwaitVersionGivesTheErrorOfReading(t *testing.T) {
	_, err := web.AwaitVersion(t.Context(), newChanges(), "id", 1, time.Minute, func(context.Context) (int64, error) {
		return 0, context.DeadlineExceeded
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// A long wait must not hold a process that stops: its caller asks again, elsewhere.
func TestLongWaitEndsWhenTheProcessStops(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	answers := make(chan reply, 1)
	go func() { answers <- b.get(s.path()+"?wait=1m&after=1", asIndividual) }()
	<-b.changes.subscribed
	b.changes.stop()
	require.EqualValues(t, 1, (<-answers).order(http.StatusOK).Version)
}
