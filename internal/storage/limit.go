package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Limit allows so many attempts in a window of time. Windows are fixed, cut at
// multiples of their length, so that one atomic counter in the shared store
// is enough; across a boundary up to twice as many get through.
type Limit struct {
	Attempts int
	Window   time.Duration
}

// Limits bound wrong passwords; a right one costs nothing. They bind the address
// that guesses and never the login alone: nobody can use up the attempts of an
// owner who comes from elsewhere (docs/decisions/0053).
type Limits struct {
	// PerLogin are those of one address at one login, short windows first.
	PerLogin []Limit
	// PerAddress are those of one address at all logins together.
	PerAddress []Limit
	// Attack is how many wrong passwords from all addresses together put a login
	// under attack …
	Attack Limit
	// … at which each address is left with UnderAttack of them in the first window
	// of PerLogin.
	UnderAttack int
}

// DefaultLimits let a person mistype and an office share an address. They leave
// a guesser of 80 bits with 30 guesses a day from one address at one login.
func DefaultLimits() Limits {
	return Limits{
		PerLogin:    []Limit{{Attempts: 10, Window: 15 * time.Minute}, {Attempts: 30, Window: 24 * time.Hour}},
		PerAddress:  []Limit{{Attempts: 30, Window: 15 * time.Minute}, {Attempts: 300, Window: 24 * time.Hour}},
		Attack:      Limit{Attempts: 60, Window: 24 * time.Hour},
		UnderAttack: 3,
	}
}

// Counter is one number in the shared store: how many wrong passwords there were
// for Key from Start until End. Key is a keyed hash: neither address nor login is stored.
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
	// Release takes one away again; nothing happens to a counter that is not there.
	Release(ctx context.Context, counter Counter) error
}

// LimitedError says that there were too many attempts; it tells nothing about
// whether the login exists.
type LimitedError struct {
	// Until is when the next attempt is heard.
	Until time.Time
}

// Error does not name the login or the address.
func (e *LimitedError) Error() string { return "too many attempts" }

// Limiter counts wrong passwords.
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
	if len(limits.PerLogin) == 0 || len(limits.PerAddress) == 0 || limits.UnderAttack < 1 {
		return nil, errors.New("attempt limiter: want limits per login, per address and under attack")
	}
	for _, l := range slices.Concat(limits.PerLogin, limits.PerAddress, []Limit{limits.Attack}) {
		if l.Attempts < 1 || l.Window < time.Second {
			return nil, errors.New("attempt limiter: a limit allows at least one attempt in at least a second")
		}
	}
	return &Limiter{attempts: attempts, limits: limits, secret: secret}, nil
}

// Attempt is one attempt that is heard. It counts as a wrong one until it is released.
type Attempt struct {
	limiter  *Limiter
	counters []Counter
}

// Begin counts an attempt before the password is looked at, so that attempts at
// the same moment, in any number of processes, cannot outrun the limits. It
// returns *LimitedError when it is one too many.
func (l *Limiter) Begin(ctx context.Context, login string, address netip.Addr, at time.Time) (*Attempt, error) {
	from := Network(address)
	a := &Attempt{limiter: l}
	for _, limit := range l.limits.PerAddress {
		if _, err := a.count(ctx, "address", from, limit, at); err != nil {
			return nil, err
		}
	}
	recent := 0
	for i, limit := range l.limits.PerLogin {
		n, err := a.count(ctx, "login", login+"\x00"+from, limit, at)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			recent = n
		}
	}
	_, err := a.count(ctx, "attack", login, l.limits.Attack, at)
	if limited := (*LimitedError)(nil); errors.As(err, &limited) {
		if recent <= l.limits.UnderAttack {
			return a, nil
		}
		return nil, &LimitedError{Until: l.counter("login", "", l.limits.PerLogin[0], at).End}
	}
	return a, err
}

// Release takes the attempt back: the password was right, or nobody looked at it.
func (a *Attempt) Release(ctx context.Context) error {
	var failed error
	for _, counter := range a.counters {
		failed = errors.Join(failed, a.limiter.attempts.Release(ctx, counter))
	}
	return failed
}

// count adds to one counter. What a short window refuses does not use up the
// longer one as well, since the caller stops there.
func (a *Attempt) count(ctx context.Context, kind, value string, limit Limit, at time.Time) (int, error) {
	counter := a.limiter.counter(kind, value, limit, at)
	n, err := a.limiter.attempts.Register(ctx, counter)
	if err != nil {
		return 0, fmt.Errorf("count an attempt: %w", err)
	}
	a.counters = append(a.counters, counter)
	if n > limit.Attempts {
		return n, &LimitedError{Until: counter.End}
	}
	return n, nil
}

func (l *Limiter) counter(kind, value string, limit Limit, at time.Time) Counter {
	mac := hmac.New(sha256.New, l.secret)
	fmt.Fprintf(mac, "%s\x00%s\x00%s", kind, limit.Window, value)
	start := at.UTC().Truncate(limit.Window)
	return Counter{Key: hex.EncodeToString(mac.Sum(nil)), Start: start, End: start.Add(limit.Window)}
}

// Network is what limits count an address by: the address itself, or its /64
// for IPv6, since a subscriber owns all of that.
func Network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
