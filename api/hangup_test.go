package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever hangs up, at whatever moment, on any route: what was broken off is no mistake of ours, and alerts nobody.
func TestAClientThatHangsUpIsNoFailureOfOurs(t *testing.T) {
	p := newPortal(t)
	m, all := newMatrix(t, p), everyIdentity(p, newCast(t))
	asked := 0
	for _, after := range []time.Duration{0, 50 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 3 * time.Millisecond} {
		for _, c := range m.cells {
			who := allowed(all, c.group)
			if who == nil {
				continue
			}
			m.egr.head = register()
			if who.egr != nil {
				m.egr.head = *who.egr
			}
			asked++
			require.NotEqual(t, http.StatusInternalServerError, m.hangUp(t, c, who.token, after), "%s %s after %s: %s", c.method, c.path, after, m.logs)
		}
	}
	require.GreaterOrEqual(t, asked, 6*50, "most routes")
	require.NotContains(t, m.logs.String(), "level=ERROR")
}

// allowed is somebody who is let in; nil for nobody.
func allowed(all []identity, g group) *identity {
	for i := range all {
		if all[i].may[g] == letIn {
			return &all[i]
		}
	}
	return nil
}

// hangUp sends a cell, hangs up after so long, and gives the status that nobody reads.
func (m *matrix) hangUp(t *testing.T, c cell, token string, after time.Duration) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, c.method, c.path, strings.NewReader(c.body))
	r.Header.Set("Authorization", token)
	if c.mediaType != "" && c.body != "" {
		r.Header.Set("Content-Type", c.mediaType)
	}
	w := httptest.NewRecorder()
	if after == 0 {
		cancel()
	}
	timer := time.AfterFunc(after, cancel)
	defer timer.Stop()
	m.handler.ServeHTTP(w, r)
	return w.Code
}
