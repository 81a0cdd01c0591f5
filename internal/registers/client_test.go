package registers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"nothing":           {},
		"no scheme":         {BaseURL: "egr.example/api"},
		"another scheme":    {BaseURL: "ftp://egr.example/api"},
		"with a query":      {BaseURL: "https://egr.example/api?x=1"},
		"negative interval": {BaseURL: "https://egr.example", Interval: -1},
		"negative timeout":  {BaseURL: "https://egr.example", Timeout: -1},
	} {
		_, err := NewEGR(o)
		require.Error(t, err, name)
		_, err = NewGRP(o)
		require.Error(t, err, name)
		_, err = NewPopulation(o)
		require.Error(t, err, name)
	}
	_, err := NewEGR(EGROptions("https://egr.example/api/v2/egr"))
	require.NoError(t, err)
	require.Equal(t, time.Second, EGROptions("").Interval)
}

// trip is a transport that fails or answers as told.
type trip func(*http.Request) (*http.Response, error)

func (t trip) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestS7_FailuresNeverCarryThePersonalNumber(t *testing.T) {
	t.Parallel()
	leaking := func(r *http.Request) error { return errors.New("cannot reach " + r.URL.String()) }
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	tests := map[string]struct {
		base   string
		client *http.Client
		cause  string
	}{
		"leaking transport": {"http://register.example", &http.Client{Transport: trip(
			func(r *http.Request) (*http.Response, error) { return nil, leaking(r) })}, "the connection broke"},
		"timed out": {"http://register.example", &http.Client{Transport: trip(
			func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded })}, "timed out"},
		"refused": {refused.URL, nil, "no connection (dial)"},
		"redirect": {"http://register.example", &http.Client{Transport: trip(
			func(r *http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: http.StatusFound, Header: http.Header{"Location": {"http://elsewhere.example" + r.URL.Path}},
					Body: http.NoBody, Request: r,
				}, nil
			})}, "status 302"},
		"too large": {"http://register.example", &http.Client{Transport: trip(
			func(r *http.Request) (*http.Response, error) {
				body := io.NopCloser(strings.NewReader(strings.Repeat(" ", maxAnswer+1)))
				return &http.Response{StatusCode: http.StatusOK, Body: body, Request: r}, nil
			})}, "too large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := NewPopulation(Options{BaseURL: tt.base, HTTPClient: tt.client})
			require.NoError(t, err)
			_, err = c.Person(t.Context(), testNumber)
			require.ErrorIs(t, err, ErrUnavailable)
			require.ErrorContains(t, err, tt.cause)
			require.NotContains(t, err.Error(), string(testNumber))
		})
	}
}

func TestS7_TimeoutOfASilentRegister(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(stop) })
	c, err := NewHeads(Options{BaseURL: silent.URL, Timeout: time.Millisecond})
	require.NoError(t, err)
	_, err = c.Head(t.Context(), testUNP)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "timed out")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Head(ctx, testUNP)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
}

func TestS7_AnswersAreCachedForAWhile(t *testing.T) {
	t.Parallel()
	r := newRegister(t).file(shortPath, "egr-short-legal.json")
	egr, err := NewEGR(Options{BaseURL: r.URL + "/api/v2/egr", CacheFor: time.Minute})
	require.NoError(t, err)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	egr.c.cache.now = func() time.Time { return now }

	for range 3 {
		_, err = egr.Organisation(t.Context(), testUNP)
		require.NoError(t, err)
	}
	require.Len(t, r.questions(), 1)
	now = now.Add(time.Minute)
	r.body(shortPath, http.StatusOK, "<html>")
	_, err = egr.Organisation(t.Context(), testUNP)
	require.ErrorIs(t, err, ErrUnavailable)
	r.file(shortPath, "egr-short-legal.json")
	_, err = egr.Organisation(t.Context(), testUNP)
	require.NoError(t, err, "an unusable answer is not kept")
	require.Len(t, r.questions(), 3)
}

// The employees of an organisation come together: they are one question, and who goes away takes it from nobody.
func TestS7_TheSameQuestionIsAskedOnceAtATime(t *testing.T) {
	t.Parallel()
	r := newRegister(t).file(shortPath, "egr-short-legal.json")
	asked, release := make(chan struct{}, 1), make(chan struct{})
	good := r.answers[shortPath]
	r.answers[shortPath] = func(w http.ResponseWriter, req *http.Request) {
		asked <- struct{}{}
		<-release
		good(w, req)
	}
	egr, err := NewEGR(EGROptions(r.URL + "/api/v2/egr"))
	require.NoError(t, err)
	impatient, leave := context.WithCancel(t.Context())
	var first, others sync.WaitGroup
	first.Go(func() {
		_, err := egr.Organisation(impatient, testUNP)
		assert.ErrorIs(t, err, context.Canceled)
	})
	<-asked
	for range 100 {
		others.Go(func() {
			o, err := egr.Organisation(t.Context(), testUNP)
			assert.NoError(t, err)
			assert.Equal(t, testUNP, o.UNP)
		})
	}
	leave()
	first.Wait()
	close(release)
	others.Wait()
	require.Len(t, r.questions(), 1)
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache(time.Hour)
	for i := range maxCached + 1 {
		c.put(strings.Repeat("x", i), nil)
	}
	require.Len(t, c.answers, 1)
}

func TestPaceSpacesRequestsOut(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var waits []time.Duration
	p := newPace(time.Second)
	p.now = func() time.Time { return now }
	p.sleep = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }

	for range 3 {
		require.NoError(t, p.wait(t.Context()))
	}
	now = now.Add(time.Minute)
	require.NoError(t, p.wait(t.Context()))
	require.Equal(t, []time.Duration{0, time.Second, 2 * time.Second, 0}, waits)

	ctx, cancel := context.WithDeadline(t.Context(), now.Add(time.Millisecond))
	defer cancel()
	require.ErrorIs(t, p.wait(ctx), context.DeadlineExceeded)
	require.NoError(t, p.wait(t.Context()))
	require.Equal(t, time.Second, waits[len(waits)-1], "who could not wait took no slot")
}

func TestSleepEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, sleep(ctx, time.Hour), context.Canceled)
	require.ErrorIs(t, sleep(ctx, 0), context.Canceled)
	require.NoError(t, sleep(t.Context(), time.Nanosecond))
}
