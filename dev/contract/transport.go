package contract

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// Transport is a round tripper that checks every response that passes through it. It is safe for concurrent use.
type Transport struct {
	// Contract is what responses are held against; Base makes the requests, nil means http.DefaultTransport.
	Contract *Contract
	Base     http.RoundTripper
	// Skip leaves out requests that are no part of the contract; nil leaves out none.
	Skip func(*http.Request) bool
	// Violation is told of each response that departs from the contract.
	Violation func(error)

	mu      sync.Mutex
	covered map[string]int
}

// RoundTrip makes the request and checks the response.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	response, err := base.RoundTrip(r)
	if err != nil || t.Skip != nil && t.Skip(r) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	id, err := t.Contract.Check(r.Method, r.URL.Path, response.StatusCode, response.Header.Get("Content-Type"), body)
	if err != nil {
		t.Violation(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.covered == nil {
		t.covered = map[string]int{}
	}
	t.covered[id]++
	return response, nil
}

// Covered are the operations that were called, in order.
func (t *Transport) Covered() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.covered))
}
