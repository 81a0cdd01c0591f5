package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var here = Reach{Loopback: true}

func message(url string, secrets ...Secret) Message {
	return Message{URL: url, ID: "evt_1_00000000", Body: []byte(`{"type":"order.issued"}`), Secrets: secrets}
}

func TestEveryAnswerHasAnOutcome(t *testing.T) {
	for _, c := range []struct {
		status int
		want   Outcome
	}{
		{200, OutcomeDelivered}, {201, OutcomeDelivered}, {204, OutcomeDelivered}, {299, OutcomeDelivered},
		{301, OutcomeRedirect}, {302, OutcomeRedirect}, {307, OutcomeRedirect}, {308, OutcomeRedirect},
		{400, OutcomeRefused}, {401, OutcomeRefused}, {404, OutcomeRefused}, {410, OutcomeGone}, {429, OutcomeBusy},
		{500, OutcomeRefused}, {502, OutcomeBusy}, {503, OutcomeBusy}, {504, OutcomeBusy},
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(c.status)
		}))
		r := NewSender(here, time.Now).Send(t.Context(), message(server.URL, NewSecret()))
		require.Equal(t, c.want, r.Outcome, c.status)
		require.Equal(t, c.status, r.Status)
		require.Equal(t, 1, asked, "no redirect is followed")
		if c.want == OutcomeBusy {
			require.Equal(t, 7*time.Second, r.RetryAfter)
		} else {
			require.Zero(t, r.RetryAfter)
		}
		server.Close()
	}
}

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-1": 0, "x": 0, "999999999": longestPause, "99999999999999999999": 0,
		"Mon, 02 Mar 2026 09:10:00 GMT": 10 * time.Minute, "Mon, 02 Mar 2020 09:10:00 GMT": 0, "Mon, 02 Mar 2099 09:10:00 GMT": longestPause,
	} {
		answer := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {text}}}
		require.Equal(t, want, retryAfter(answer, at), text)
	}
}

func TestTheLibraryOfStandardWebhooksVerifiesOurSignatures(t *testing.T) {
	old, fresh := NewSecret(), NewSecret()
	heard := make(chan error, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		for _, s := range []Secret{old, fresh} {
			theirs, bad := standardwebhooks.NewWebhook(s.Reveal())
			err = errors.Join(err, bad, theirs.Verify(body, r.Header))
			if theirs.Verify(append(body, ' '), r.Header) == nil {
				err = errors.New("another body passes")
			}
		}
		another, _ := standardwebhooks.NewWebhook(NewSecret().Reveal())
		if another.Verify(body, r.Header) == nil {
			err = errors.New("another secret passes")
		}
		heard <- err
	}))
	defer server.Close()
	r := NewSender(here, time.Now).Send(t.Context(), message(server.URL, fresh, old))
	require.Equal(t, OutcomeDelivered, r.Outcome)
	require.NoError(t, <-heard)
}

func TestPropertySignaturesAreThoseOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := SecretOf(rapid.SliceOfN(rapid.Byte(), 24, 64).Draw(t, "key"))
		id, at := rapid.StringMatching(`evt_[1-9][0-9]{0,17}_[0-9a-f]{8}`).Draw(t, "id"), time.Unix(rapid.Int64Range(0, 1<<40).Draw(t, "at"), 0)
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		theirs, err := standardwebhooks.NewWebhook(s.Reveal())
		require.NoError(t, err)
		want, err := theirs.Sign(id, at, body)
		require.NoError(t, err)
		require.Equal(t, want, sign([]Secret{s}, id, at, body))
	})
}

// A name that was public when it was registered leads to our own network now.
func TestTheAddressIsLookedAtAtEachConnection(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	for _, url := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		r := NewSender(Reach{}, time.Now).Send(t.Context(), message(url, NewSecret()))
		require.Equal(t, OutcomeAddress, r.Outcome)
		require.ErrorIs(t, r.Err, ErrAddress)
		require.NotContains(t, r.Err.Error(), "http://")
	}
	require.False(t, reached)
}

func TestAReceiverThatHangsOrFloodsEnds(t *testing.T) {
	stop := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}))
	defer hanging.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.Equal(t, OutcomeTimeout, NewSender(here, time.Now).Send(ctx, message(hanging.URL, NewSecret())).Outcome)
	require.LessOrEqual(t, AttemptTimeout, 20*time.Second)
	require.Less(t, AttemptTimeout, lease)

	flood := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}))
	defer flood.Close()
	began := time.Now()
	require.Equal(t, OutcomeDelivered, NewSender(here, time.Now).Send(t.Context(), message(flood.URL, NewSecret())).Outcome)
	require.Less(t, time.Since(began), AttemptTimeout)

	closed := httptest.NewServer(nil)
	closed.Close()
	require.Equal(t, OutcomeUnreached, NewSender(here, time.Now).Send(t.Context(), message(closed.URL, NewSecret())).Outcome)
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := NewSecret()
	shown := s.Reveal()[len(secretPrefix):]
	encoded, err := json.Marshal(map[string]any{"secret": s})
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%#v %+v %q %x", s, s, s, s), string(encoded), log.String()} {
		require.NotContains(t, text, shown)
		require.NotContains(t, text, fmt.Sprintf("%x", s.key))
	}
}
