package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// Errors of answers.
var (
	// ErrClock: the service's time is another one.
	ErrClock = errors.New("the clock of this machine differs from the service's: set it and try again")
	// ErrAnswer: an answer that the agent has not signed, or to something else.
	ErrAnswer = errors.New("the answer is not the service's answer to this request")
)

// RejectedError is a refusal that the agent has signed.
type RejectedError struct {
	Failure  bpki.Failure
	Comments []string
}

// Error gives what the service says.
func (e *RejectedError) Error() string { return "the service refuses the request" }

// Standing is where an order stands while its request waits. It comes in headers,
// which are not signed: only the connection vouches for it.
type Standing struct {
	Number, Stage                           string
	PaymentNumber, PaymentTotal, PaymentDue string
}

// Answer is what became of a request: either the container of the certificate, or
// the time after which to ask again.
type Answer struct {
	Container []byte
	After     time.Duration
	Standing  Standing
}

// Spawn sends a request; sending it again is safe. Errors: *RejectedError, ErrClock,
// ErrAnswer, and the context's.
func (c *Client) Spawn(ctx context.Context, s Service, container []byte) (Answer, error) {
	return c.ask(ctx, s, s.Spawn, container, bpki.RequestIDOf(container), nil)
}

// Retrieve asks what became of a request; errors as for Spawn.
func (c *Client) Retrieve(ctx context.Context, s Service, id bpki.RequestID) (Answer, error) {
	q, der, err := retrieveRequest(id)
	if err != nil {
		return Answer{}, err
	}
	return c.ask(ctx, s, s.Retrieve, der, id, q.Nonce[:])
}

func (c *Client) ask(ctx context.Context, s Service, address string, body []byte, id bpki.RequestID, nonce []byte) (Answer, error) {
	res, content, err := c.send(ctx, s, address, body)
	if err != nil {
		return Answer{}, err
	}
	h := res.header
	a := Answer{After: retryAfter(h, time.Minute), Standing: Standing{
		Number: plain(h.Get("Order-Number")), Stage: plain(h.Get("Order-Stage")), PaymentNumber: plain(h.Get("Payment-Number")),
		PaymentTotal: plain(h.Get("Payment-Total")), PaymentDue: plain(h.Get("Payment-Due")),
	}}
	if res.code == http.StatusOK {
		a.Container = content
		return a, nil
	}
	response, signed, err := bpki.OpenResponse(content)
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%w: %s: %w", ErrAnswer, res.status, err)
	case !bytes.Equal(signed.Certificate.Raw, s.Agent.Raw) || response.Answers(id, nonce) != nil:
		return Answer{}, ErrAnswer
	case response.Status == bpki.StatusRejection:
		return Answer{}, &RejectedError{Failure: response.Failure, Comments: response.Comments}
	case response.Status != bpki.StatusWaiting:
		return Answer{}, ErrAnswer
	default:
		return a, nil
	}
}

// plain keeps a header from a terminal unless it is a short line of ASCII.
func plain(s string) string {
	const longest = 64
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ""
		}
	}
	return s[:min(len(s), longest)]
}

// send sends a message until it is answered about: what says "not now" and what
// breaks on the way is tried again until the context ends.
func (c *Client) send(ctx context.Context, s Service, address string, body []byte) (reply, []byte, error) {
	level := s.Work
	for {
		res, content, err := c.once(ctx, level, address, body)
		wait := pause
		switch {
		case ctx.Err() != nil:
			return reply{}, nil, ctx.Err()
		case errors.Is(err, bpki.ErrWork):
			return reply{}, nil, err
		case err != nil:
			c.report("no answer, trying again: " + err.Error())
		case res.code == http.StatusPreconditionRequired:
			if level, err = bpki.ParseLevel(res.header.Get("Nonce")); err != nil {
				return reply{}, nil, fmt.Errorf("%w: %w", ErrAnswer, err)
			}
			wait = time.Second
		case res.code == http.StatusRequestTimeout:
			return reply{}, nil, ErrClock
		case later(res):
			wait = retryAfter(res.header, pause)
			c.report(fmt.Sprintf("the service answers %s, trying again in %s", res.status, wait))
		default:
			return res, content, nil
		}
		if err := sleep(ctx, wait); err != nil {
			return reply{}, nil, err
		}
	}
}

// pause is the time between tries where the service names none.
const pause = 5 * time.Second

// later tells an answer that says nothing of the request yet.
func later(res reply) bool {
	problem := res.header.Get("Content-Type") != mediaTypeCMS
	return res.code >= http.StatusInternalServerError || res.code == http.StatusTooManyRequests ||
		res.code == http.StatusConflict && problem
}

const mediaTypeCMS = "application/cms"

func (c *Client) once(ctx context.Context, level int, address string, body []byte) (reply, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return reply{}, nil, err
	}
	r.Header.Set("Content-Type", mediaTypeCMS)
	if c.Language != "" {
		r.Header.Set("Accept-Language", c.Language)
	}
	if level > 0 {
		date := c.Now().UTC().Format(http.TimeFormat)
		nonce, err := bpki.Work(ctx, level, date, address, body, nil)
		if err != nil {
			return reply{}, nil, err
		}
		r.Header.Set("Date", date)
		r.Header.Set("Nonce", nonce.String())
	}
	res, err := c.HTTP.Do(r)
	if err != nil {
		return reply{}, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return reply{code: res.StatusCode, status: res.Status, header: res.Header}, content, err
}

// reply is the head of an answer whose body was read.
type reply struct {
	code   int
	status string
	header http.Header
}

// longestWait bounds what a service can make a program wait for.
const longestWait = time.Hour

// retryAfter reads the header in seconds.
func retryAfter(h http.Header, otherwise time.Duration) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return otherwise
	}
	return min(time.Duration(min(seconds, int(longestWait/time.Second)))*time.Second, longestWait)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (c *Client) report(text string) {
	if c.Report != nil {
		c.Report(text)
	}
}
