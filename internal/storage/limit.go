package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Limit allows so many attempts in a window of time. Windows are fixed, cut at
// multiples of their length, so that one atomic counter in the shared store
// is enough; across a boundary up to twice as many get through.
type Limit struct {
	Attempts int
	Window   time.Duration
}

// Limits are all those in force, short windows first. Every attempt that is
// heard counts, a good one too.
type Limits struct {
	PerLogin   []Limit
	PerAddress []Limit
}

// DefaultLimits let a person mistype and an office share an address, and leave
// a guesser of 80 bits with 30 attempts a day for one login.
func DefaultLimits() Limits {
	return Limits{
		PerLogin:   []Limit{{Attempts: 10, Window: 15 * time.Minute}, {Attempts: 30, Window: 24 * time.Hour}},
		PerAddress: []Limit{{Attempts: 30, Window: 15 * time.Minute}, {Attempts: 300, Window: 24 * time.Hour}},
	}
}

// Counter is one number in the shared store: how often Key was attempted from
// Start until End. Key is a keyed hash: neither address nor login is stored.
type Counter struct {
	Key   string
	Start time.Time
	End   time.Time
}

// Attempts are the counters that all API processes share.
type Attempts interface {
	// Register adds one to the counter, made when it is not there, and returns
	// the number it now has: one atomic statement, committed before it returns,
	// whatever becomes of the attempt. Counters may be deleted after their End.
	Register(ctx context.Context, counter Counter) (int, error)
}

// LimitedError says that there were too many attempts; it tells nothing about
// whether the login exists.
type LimitedError struct {
	// Until is when the next attempt is heard.
	Until time.Time
}

// Error does not name the login or the address.
func (e *LimitedError) Error() string { return "too many attempts" }

// Limiter counts attempts.
type Limiter struct {
	attempts Attempts
	limits   Limits
	secret   []byte
}

// NewLimiter needs a secret of at least 16 octets, the same in all processes,
// under which logins and addresses are hashed in the shared store.
func NewLimiter(attempts Attempts, limits Limits, secret []byte) (*Limiter, error) {
	if attempts == nil || len(secret) < 16 {
		return nil, errors.New("attempt limiter: want a store of attempts and a secret of at least 16 octets")
	}
	if len(limits.PerLogin) == 0 || len(limits.PerAddress) == 0 {
		return nil, errors.New("attempt limiter: want a limit per login and one per address")
	}
	for _, l := range append(append([]Limit{}, limits.PerLogin...), limits.PerAddress...) {
		if l.Attempts < 1 || l.Window < time.Second {
			return nil, errors.New("attempt limiter: a limit allows at least one attempt in at least a second")
		}
	}
	return &Limiter{attempts: attempts, limits: limits, secret: secret}, nil
}

// Register counts one attempt and returns LimitedError when it is one too
// many. The address comes first: who is over its limit cannot use up the
// attempts of a login that belongs to somebody else.
func (l *Limiter) Register(ctx context.Context, login string, address netip.Addr, at time.Time) error {
	if err := l.count(ctx, "address", network(address), l.limits.PerAddress, at); err != nil {
		return err
	}
	return l.count(ctx, "login", login, l.limits.PerLogin, at)
}

func (l *Limiter) count(ctx context.Context, kind, value string, limits []Limit, at time.Time) error {
	for _, limit := range limits {
		counter := l.counter(kind, value, limit, at)
		n, err := l.attempts.Register(ctx, counter)
		if err != nil {
			return fmt.Errorf("count an attempt: %w", err)
		}
		// What a short window refuses does not use up the longer one as well.
		if n > limit.Attempts {
			return &LimitedError{Until: counter.End}
		}
	}
	return nil
}

func (l *Limiter) counter(kind, value string, limit Limit, at time.Time) Counter {
	mac := hmac.New(sha256.New, l.secret)
	fmt.Fprintf(mac, "%s\x00%s\x00%s", kind, limit.Window, value)
	start := at.UTC().Truncate(limit.Window)
	return Counter{Key: hex.EncodeToString(mac.Sum(nil)), Start: start, End: start.Add(limit.Window)}
}

// network is the address, or its /64 for IPv6: a subscriber owns all of that.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
