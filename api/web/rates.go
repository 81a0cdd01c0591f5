package web

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/time/rate"
)

// Action is what a person may do only so often.
type Action string

// The actions with a rate.
const (
	ActionOpen     Action = "open"
	ActionUpload   Action = "upload"
	ActionMakeList Action = "list"
	// ActionNotify is whatever sends a letter: a withdrawal, a rejection.
	ActionNotify Action = "notify"
	// ActionWebhook is whatever makes a webhook be called, or its address be looked up.
	ActionWebhook Action = "webhook"
	// ActionCorrect sends credentials anew.
	ActionCorrect Action = "correct-contacts"
	// ActionDiagnose asks the state registers before there is an order.
	ActionDiagnose Action = "diagnose"
	// ActionPaymentStatus is a question of anybody about a payment number.
	ActionPaymentStatus Action = "payment-status"
	// ActionMakeCard gathers a card for evidence; ActionVerifyCard is of anybody.
	ActionMakeCard   Action = "card"
	ActionVerifyCard Action = "verify-card"
)

// Rate is how often something may be done: Burst times at once, and then
// again once Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// DefaultRates are generous to people and mean to programs that loop.
func DefaultRates() map[Action]Rate {
	return map[Action]Rate{
		ActionOpen:     {Burst: 30, Every: time.Minute},
		ActionUpload:   {Burst: 30, Every: 20 * time.Second},
		ActionMakeList: {Burst: 60, Every: 30 * time.Second},
		ActionNotify:   {Burst: 200, Every: time.Minute},
		ActionWebhook:  {Burst: 60, Every: 10 * time.Second},
		ActionCorrect:  {Burst: 5, Every: 10 * time.Minute},
		ActionDiagnose: {Burst: 10, Every: time.Minute},
		// An office behind one address, not somebody who walks through the numbers.
		ActionPaymentStatus: {Burst: 60, Every: 10 * time.Second},
		ActionMakeCard:      {Burst: 20, Every: 30 * time.Second},
		ActionVerifyCard:    {Burst: 10, Every: 20 * time.Second},
	}
}

// personsRemembered and rememberedFor bound the memory of rates; who is
// forgotten begins anew.
const (
	personsRemembered = 100_000
	rememberedFor     = time.Hour
)

// Rates hold persons to their rates, in this process.
type Rates struct {
	allowed map[Action]Rate

	mu    sync.Mutex
	spent *expirable.LRU[string, *rate.Limiter]
}

// NewRates holds to the rates; an action without one is free.
func NewRates(allowed map[Action]Rate) *Rates {
	return &Rates{allowed: allowed, spent: expirable.NewLRU[string, *rate.Limiter](personsRemembered, nil, rememberedFor)}
}

// Spend counts an action of a person; a *Problem when it comes too soon.
func (r *Rates) Spend(action Action, person string, now time.Time) error {
	allowed, ok := r.allowed[action]
	if !ok {
		return nil
	}
	limiter := r.limiter(string(action)+"\x00"+person, allowed)
	if limiter.AllowN(now, 1) {
		return nil
	}
	p := Refuse(ProblemTooMany, nil)
	reservation := limiter.ReserveN(now, 1)
	p.RetryAfter = max(reservation.DelayFrom(now), time.Second)
	reservation.CancelAt(now)
	return p
}

func (r *Rates) limiter(key string, allowed Rate) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.spent.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(allowed.Every), allowed.Burst)
		r.spent.Add(key, l)
	}
	return l
}

// Seats bound how many long polls one person holds at a time.
type Seats struct {
	most int

	mu    sync.Mutex
	taken map[string]int
}

// NewSeats lets each person hold so many.
func NewSeats(most int) *Seats { return &Seats{most: most, taken: make(map[string]int)} }

// DefaultSeats is enough for a person's devices and the tabs on them.
const DefaultSeats = 12

// seatFree is when to ask again for a seat.
const seatFree = 5 * time.Second

// Take takes a seat, which the function gives back; a *Problem when there is none.
func (s *Seats) Take(person string) (func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[person] >= s.most {
		p := Refuse(ProblemTooMany, nil)
		p.RetryAfter = seatFree
		return nil, p
	}
	s.taken[person]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.taken[person]--; s.taken[person] == 0 {
			delete(s.taken, person)
		}
	}, nil
}
