package registers

import (
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
)

// maxCached bounds the memory; beyond it the cache starts anew.
const maxCached = 1024

// cache keeps answers for a short time, so that the checks of several employees
// of one organisation ask a slow register once.
type cache struct {
	ttl time.Duration
	now func() time.Time

	mu      sync.Mutex
	answers map[string]answer
}

type answer struct {
	body    []byte
	expires time.Time
}

func newCache(ttl time.Duration) *cache {
	return &cache{ttl: ttl, now: clock.Now, answers: map[string]answer{}}
}

func (c *cache) get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.answers[key]
	if !ok || !c.now().Before(a.expires) {
		delete(c.answers, key)
		return nil, false
	}
	return a.body, true
}

func (c *cache) put(key string, body []byte) {
	if c.ttl == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) >= maxCached {
		clear(c.answers)
	}
	c.answers[key] = answer{body: body, expires: c.now().Add(c.ttl)}
}
