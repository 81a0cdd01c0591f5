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

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// scriptedDrafts lets a test come between a request and the opening of its draft.
type scriptedDrafts struct {
	Drafts
	before func() error
}

func (s *scriptedDrafts) Open(ctx context.Context, a draft.Applicant, service order.Service, language string) (order.Record, bool, error) {
	if s.before != nil {
		if err := s.before(); err != nil {
			return order.Record{}, false, err
		}
	}
	return s.Drafts.Open(ctx, a, service, language)
}

func (b *bundle) scripted() *scriptedDrafts {
	b.t.Helper()
	s := &scriptedDrafts{Drafts: b.drafts}
	d := b.deps
	d.Drafts = s
	b.serve(d)
	return s
}

func (b *bundle) open(token, key string) reply {
	b.t.Helper()
	return b.post("/v1/orders", token, `{"service":"`+string(serviceOf(token))+`"}`, "Idempotency-Key", key)
}

func TestARepetitionGetsTheSameAnswer(t *testing.T) {
	b := setup(t)
	first := b.open(asIndividual, "k1").is(http.StatusCreated)
	b.at(order.StageRequest, asIndividual)
	second := b.open(asIndividual, "k1").is(http.StatusCreated)
	require.Equal(t, first.Body, second.Body)
	require.Equal(t, first.Header.Get("Location"), second.Header.Get("Location"))
	require.Equal(t, first.Header.Get("Content-Type"), second.Header.Get("Content-Type"))
	require.Empty(t, first.Header.Get("Idempotency-Replayed"))
	require.Equal(t, "true", second.Header.Get("Idempotency-Replayed"))

	b.post("/v1/orders", asIndividual, `{ "service":"6.0.00"}`, "Idempotency-Key", "k1").problem(web.ProblemKeyConflict)
	b.open(asStranger, "k1").is(http.StatusCreated)
	b.open(asIndividual, strings.Repeat("k", 128)).is(http.StatusOK)
}

func TestAKeyIsPrintableASCII(t *testing.T) {
	b := setup(t)
	for _, key := range []string{"ключ", "a b", "tab\there", "\x7f", strings.Repeat("k", 129), "é", "👍", "a\u202eb"} {
		p := b.open(asIndividual, key).problem(web.ProblemValidation)
		require.Equal(t, "Idempotency-Key", p.Errors[0].Field)
		require.NotEmpty(t, p.Errors[0].Detail)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/orders", strings.NewReader(`{"service":"6.0.00"}`))
	require.NoError(t, err)
	r.Header = http.Header{"Authorization": {asIndividual}, "Content-Type": {"application/json"}, "Idempotency-Key": {"one", "two"}}
	b.send(r).problem(web.ProblemValidation)
}

func TestAuthorisationComesBeforeTheReplay(t *testing.T) {
	b := setup(t)
	b.open(asIndividual, "k").is(http.StatusCreated)
	for token, want := range map[string]web.Slug{
		"Bearer representative": web.ProblemRepresentative, "Bearer borrowed-certificate": web.ProblemOtherPerson,
		"Bearer ca-certificate": web.ProblemNotForSigning, "Bearer early": web.ProblemNotBegun,
	} {
		r := b.post("/v1/orders", token, `{"service":"6.0.00"}`, "Idempotency-Key", "k")
		r.problem(want)
		require.Empty(t, r.Header.Get("Idempotency-Replayed"), token)
	}
	body := chooseBody(t, b.at(order.StageAwaitingApproval, asEmployee).ID)
	b.post("/v1/confirmations", asManager, body, "Idempotency-Key", "c").is(http.StatusCreated)
	b.egr.head.PersonalNumber = "4020280A004PB1"
	b.post("/v1/confirmations", asManager, body, "Idempotency-Key", "c").problem(web.ProblemNotManager)
}

func TestAKeyBelongsToPersonAndOrganisation(t *testing.T) {
	b := setup(t)
	first := b.open(asEmployee, "k").order(http.StatusCreated)
	colleague := b.open(asColleague, "k").order(http.StatusCreated)
	require.NotEqual(t, first.ID, colleague.ID)
	// The portal gives the same person another account: the key stays theirs.
	d := b.deps
	renamed := theirs(t).tokens[asEmployee]
	renamed.Subject = "another-account"
	d.Auth = tokens{"Bearer renamed": renamed}
	b.serve(d)
	again := b.post("/v1/orders", "Bearer renamed", `{"service":"6.0.01"}`, "Idempotency-Key", "k")
	require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
	require.Equal(t, first.ID, again.order(http.StatusCreated).ID)
}

func TestTwoAtOnceAreWorkedOnOnce(t *testing.T) {
	b := setup(t)
	inside, release := make(chan struct{}), make(chan struct{})
	b.scripted().before = func() error {
		close(inside)
		<-release
		return nil
	}
	var first reply
	var running sync.WaitGroup
	running.Go(func() { first = b.open(asIndividual, "k") })
	<-inside
	b.open(asIndividual, "k").problem(web.ProblemKeyInProgress)
	close(release)
	running.Wait()
	first.is(http.StatusCreated)
	require.Equal(t, first.Body, b.open(asIndividual, "k").is(http.StatusCreated).Body)
}

func TestAFailureFreesTheKey(t *testing.T) {
	b := setup(t)
	script := b.scripted()
	script.before = func() error { return serviceerror.NewUnavailable("down") }
	b.open(asIndividual, "k").problem(web.ProblemUnavailable)
	script.before = func() error { panic("wires crossed") }
	b.open(asIndividual, "k").problem(web.ProblemInternal)
	script.before = nil
	b.open(asIndividual, "k").is(http.StatusCreated)
}

func TestAClientThatHangsUpDoesNotKeepTheKey(t *testing.T) {
	b := setup(t)
	ctx, cancel := context.WithCancel(context.Background())
	script := b.scripted()
	script.before = func() error {
		cancel()
		return errors.New("gone")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/v1/orders", strings.NewReader(`{"service":"6.0.00"}`))
	require.NoError(t, err)
	for name, value := range map[string]string{"Authorization": asIndividual, "Content-Type": "application/json", "Idempotency-Key": "k"} {
		r.Header.Set(name, value)
	}
	b.handler.ServeHTTP(httptest.NewRecorder(), r)
	script.before = nil
	require.Equal(t, order.StageTerms, b.open(asIndividual, "k").order(http.StatusCreated).Stage)
}

func TestConfirmationsAreMadeOncePerKey(t *testing.T) {
	b := setup(t)
	body := chooseBody(t, b.at(order.StageAwaitingApproval, asEmployee).ID)
	var v contract.Confirmation
	first := b.post("/v1/confirmations", asManager, body, "Idempotency-Key", "c").is(http.StatusCreated, &v)
	second := b.post("/v1/confirmations", asManager, body, "Idempotency-Key", "c").is(http.StatusCreated)
	require.Equal(t, first.Body, second.Body)
	require.Equal(t, "/v1/confirmations/"+v.ID.String(), second.Header.Get("Location"))
}
