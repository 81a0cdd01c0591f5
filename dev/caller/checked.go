package caller

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/remote-issuance/remote-issuance/internal/contract"
)

// Checked is a round tripper that holds every exchange with the API against its contract. Addresses outside of it (the storage, the
// gateways, the codec) pass unchecked. It is safe for concurrent use.
type Checked struct {
	// Contract is what exchanges are held against, Violation is told of each that departs from it.
	Contract  *contract.Contract
	Violation func(error)
	// Covered, when set, is told of each operation that was called.
	Covered *Coverage
}

// RoundTrip makes the request and checks the exchange.
func (t *Checked) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || !inContract(r.URL.Path) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if err := t.Contract.Check(r, response, body); err != nil {
		t.Violation(err)
	}
	if id, ok := t.Contract.Operation(r.Method, r.URL.Path); ok && t.Covered != nil {
		t.Covered.add(id)
	}
	return response, nil
}

func inContract(path string) bool {
	for _, outside := range []string{"/storage", "/gateways", "/codec"} {
		if strings.HasPrefix(path, outside) {
			return false
		}
	}
	return true
}

// Coverage counts calls by operation. Its zero value is ready, and safe for concurrent use.
type Coverage struct {
	mu    sync.Mutex
	calls map[string]int
}

func (c *Coverage) add(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[id]++
}

// Operations are those that were called, in order.
func (c *Coverage) Operations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.calls))
}
