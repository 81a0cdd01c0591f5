package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Outcome is how an attempt ended.
type Outcome string

// The outcomes.
const (
	OutcomeDelivered Outcome = "delivered" // answered 2xx
	OutcomeRefused   Outcome = "refused"   // answered anything else
	OutcomeRedirect  Outcome = "redirect"  // answered 3xx, which is not followed
	OutcomeGone      Outcome = "gone"      // answered 410: wants no more messages
	OutcomeBusy      Outcome = "busy"      // answered 429, 502, 503 or 504
	OutcomeTimeout   Outcome = "timeout"
	OutcomeAddress   Outcome = "address"   // not in the public internet
	OutcomeUnreached Outcome = "unreached" // no connection, no TLS, no name
)

// Limits of one attempt.
const (
	// AttemptTimeout is the time for connecting, sending and the answer.
	AttemptTimeout = 15 * time.Second
	connecting     = 5 * time.Second
	// mostAnswer is how much of an answer's body is read, so that the connection can be used again.
	mostAnswer  = 16 << 10
	mostHeaders = 32 << 10
)

// Message is one event on its way to one endpoint.
type Message struct {
	// URL is where it goes.
	URL string
	// ID is webhook-id: the same in every attempt.
	ID string
	// Body is JSON.
	Body []byte
	// Secrets sign it, the newest first.
	Secrets []Secret
}

// Result is what came of an attempt.
type Result struct {
	Outcome Outcome
	// Status is that of the answer, 0 without one.
	Status int
	// RetryAfter is what the receiver asked for; 0 for nothing.
	RetryAfter time.Duration
	// Err is for the log; it holds nothing of the answer.
	Err error
}

// Sender makes attempts.
type Sender struct {
	client *http.Client
	now    func() time.Time
}

// NewSender makes a sender that reaches no further than allowed. It uses no
// proxy and follows nothing: both would reach further.
func NewSender(reach Reach, now func() time.Time) *Sender {
	dialer := &net.Dialer{Timeout: connecting, Control: reach.control, Resolver: reach.Resolver}
	return &Sender{now: now, client: &http.Client{
		Timeout: AttemptTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: connecting, MaxResponseHeaderBytes: mostHeaders, DisableCompression: true,
			MaxIdleConns: 100, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: 30 * time.Second,
		},
	}}
}

// Send makes one attempt at a message.
func (s *Sender) Send(ctx context.Context, m Message) Result {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return Result{Outcome: OutcomeUnreached, Err: ErrURL}
	}
	at := s.now()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "remote-issuance")
	r.Header.Set("Webhook-Id", m.ID)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Webhook-Signature", sign(m.Secrets, m.ID, at, m.Body))
	answer, err := s.client.Do(r)
	if err != nil {
		// Addresses can hold what only their owner should know.
		var named *url.Error
		if errors.As(err, &named) {
			err = named.Err
		}
		return Result{Outcome: failure(err), Err: err}
	}
	defer func() { _ = answer.Body.Close() }()
	// The status says it all, whatever becomes of the body.
	_, _ = io.CopyN(io.Discard, answer.Body, mostAnswer)
	return Result{Outcome: outcomeOf(answer.StatusCode), Status: answer.StatusCode, RetryAfter: retryAfter(answer, at)}
}

// failure tells failures without an answer apart.
func failure(err error) Outcome {
	var timeout net.Error
	switch {
	case errors.Is(err, ErrAddress):
		return OutcomeAddress
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return OutcomeTimeout
	default:
		return OutcomeUnreached
	}
}

func outcomeOf(status int) Outcome {
	switch {
	case status >= 200 && status < 300:
		return OutcomeDelivered
	case status >= 300 && status < 400:
		return OutcomeRedirect
	case status == http.StatusGone:
		return OutcomeGone
	case status == http.StatusTooManyRequests, status == http.StatusBadGateway, status == http.StatusServiceUnavailable,
		status == http.StatusGatewayTimeout:
		return OutcomeBusy
	default:
		return OutcomeRefused
	}
}

// retryAfter reads Retry-After of a busy receiver: seconds or an instant.
func retryAfter(answer *http.Response, at time.Time) time.Duration {
	if outcomeOf(answer.StatusCode) != OutcomeBusy {
		return 0
	}
	asked := answer.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(asked, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestPause)
	}
	if until, err := http.ParseTime(asked); err == nil {
		return min(max(until.Sub(at), 0), longestPause)
	}
	return 0
}
