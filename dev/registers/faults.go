package registers

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Register names one of the sandboxes.
type Register string

// The registers.
const (
	EGR         Register = "egr"
	GRP         Register = "grp"
	Population  Register = "population"
	Heads       Register = "heads"
	Subscribers Register = "subscribers"
)

// All are the registers.
func All() []Register { return []Register{EGR, GRP, Population, Heads, Subscribers} }

// Fault is how a register misbehaves; the zero value is a healthy one.
type Fault struct {
	// Down answers 503 to everything.
	Down bool `json:"down"`
	// SlowMillis is the delay before each answer, in milliseconds; a caller who gives up ends it.
	SlowMillis int `json:"slowMillis"`
	// PerSecond answers 429 to what goes beyond so many calls a second; 0 means no limit.
	PerSecond int `json:"perSecond"`
	// Garbage answers 200 with something that is not the register's format, as a gateway's error page would.
	Garbage bool `json:"garbage"`
}

// gate counts the calls to one register and lets its faults happen.
type gate struct {
	mu     sync.Mutex
	fault  Fault
	calls  int
	second int64
	within int
}

func (g *gate) set(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault, g.within = f, 0
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// enter counts a call at now and tells the fault that applies to it, and whether it is over the limit.
func (g *gate) enter(now time.Time) (fault Fault, limited bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if now.Unix() != g.second {
		g.second, g.within = now.Unix(), 0
	}
	g.within++
	return g.fault, g.fault.PerSecond > 0 && g.within > g.fault.PerSecond
}

func (g *gate) wrap(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault, limited := g.enter(time.Now())
		if fault.SlowMillis > 0 && !delay(r, time.Duration(fault.SlowMillis)*time.Millisecond) {
			return
		}
		switch {
		case fault.Down:
			http.Error(w, "the register does not work now", http.StatusServiceUnavailable)
		case limited:
			w.Header().Set("Retry-After", strconv.Itoa(1))
			http.Error(w, "too many requests", http.StatusTooManyRequests)
		case fault.Garbage:
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html><body>Maintenance</body></html>"))
		default:
			next(w, r)
		}
	}
}

// delay is false when the caller went away first.
func delay(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
