package registers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// maxAnswer caps what is read of an answer; real ones are a few kilobytes.
const maxAnswer = 256 << 10

// Options configure the client of one register.
type Options struct {
	// BaseURL is the address that paths are appended to, http or https, without query.
	BaseURL string
	// HTTPClient makes the requests; nil is a client of our own. Redirects are never
	// followed, whatever it says: they would carry personal numbers elsewhere.
	HTTPClient *http.Client
	// Timeout limits one request; zero is 20 seconds.
	Timeout time.Duration
	// Interval is the least time between two requests of this client; zero is no limit.
	Interval time.Duration
	// CacheFor is how long an answer is used again; zero is not at all.
	CacheFor time.Duration
}

// EGROptions suit the public EGR: slow, often down, at most one request a second.
func EGROptions(baseURL string) Options {
	return Options{BaseURL: baseURL, Timeout: 25 * time.Second, Interval: time.Second, CacheFor: 10 * time.Minute}
}

// client is what the adapters have in common.
type client struct {
	register string
	base     string
	http     http.Client
	pace     *pace
	cache    *cache
	// asked are the questions under way whose answers will be kept.
	asked singleflight.Group
	// definite404 is set where 404 is the agreed way to say "no such record". The
	// public registers say it with an empty answer; a 404 there means a moved page,
	// and must not refuse anybody's order.
	definite404 bool
}

func newClient(register string, o Options) (*client, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%s: the base URL is not an http or https address without query", register)
	}
	if o.Timeout < 0 || o.Interval < 0 || o.CacheFor < 0 {
		return nil, fmt.Errorf("%s: timeout, interval and cache time cannot be negative", register)
	}
	c := &client{
		register: register,
		base:     strings.TrimRight(o.BaseURL, "/"),
		pace:     newPace(o.Interval),
		cache:    newCache(o.CacheFor),
	}
	if o.HTTPClient != nil {
		c.http = *o.HTTPClient
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http.Timeout = o.Timeout
	if o.Timeout == 0 {
		c.http.Timeout = 20 * time.Second
	}
	return c, nil
}

// fetch asks for the path, unless a fresh answer is at hand, and parses the
// answer. Only what parses is kept. The strings of the record can be stored and
// shown, whatever the register sent: a mangled value differs from every good one,
// and the check says so.
func fetch[T any](ctx context.Context, c *client, path string, parse func([]byte) (T, error)) (T, error) {
	var none T
	body, err := c.answer(ctx, path, func(body []byte) bool { _, err := parse(body); return err == nil })
	if err != nil {
		return none, err
	}
	record, err := parse(body)
	switch {
	case errors.Is(err, ErrNotFound):
		return none, fmt.Errorf("%s: %w", c.register, ErrNotFound)
	case err != nil:
		return none, unavailable(c.register, err.Error())
	}
	text.ReplaceIn(&record)
	return record, nil
}

// answer is a fresh answer to the path, kept for others when it is good. Where
// answers are kept, everybody who asks the same at the same time waits for one
// question: the employees of an organisation come together, and each would wait
// a turn longer than the one before. Who goes away leaves the question to the others.
func (c *client) answer(ctx context.Context, path string, good func([]byte) bool) ([]byte, error) {
	if body, known := c.cache.get(path); known {
		return body, nil
	}
	if c.cache.ttl == 0 {
		return c.get(ctx, path)
	}
	asked := c.asked.DoChan(path, func() (any, error) {
		if body, known := c.cache.get(path); known {
			return body, nil
		}
		shared := context.WithoutCancel(ctx)
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			shared, cancel = context.WithDeadline(shared, deadline)
			defer cancel()
		}
		body, err := c.get(shared, path)
		if err == nil && good(body) {
			c.cache.put(path, body)
		}
		return body, err
	})
	select {
	case <-ctx.Done():
		return nil, transportFailure(c.register, ctx.Err())
	case r := <-asked:
		body, _ := r.Val.([]byte)
		return body, r.Err
	}
}

// get makes one request. An answer without content comes back as no bytes.
func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	if err := c.pace.wait(ctx); err != nil {
		return nil, transportFailure(c.register, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, unavailable(c.register, "the request cannot be built")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, transportFailure(c.register, err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNoContent:
		return nil, nil
	default:
		if resp.StatusCode == http.StatusNotFound && c.definite404 {
			return nil, fmt.Errorf("%s: %w", c.register, ErrNotFound)
		}
		return nil, unavailable(c.register, "status "+strconv.Itoa(resp.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, transportFailure(c.register, err)
	}
	if len(body) > maxAnswer {
		return nil, unavailable(c.register, "the answer is too large")
	}
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))), nil
}
