package e2e_test

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Two API processes share the count of attempts: whoever guesses at both gets no more guesses than at one (I5). The stack is its own:
// guesses count for the address too, from which all other tests fetch.
func TestI5_GuessingIsLimitedAcrossTwoProcesses(t *testing.T) {
	w := newWorld(t, all.get(t, "guessed", stack.Options{}))
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	c := w.confirmed(o.ID)
	w.paid(w.director, caller.OfConfirmation(c.ID))
	w.issued(p, o.ID)
	credentials, err := p.Credentials(t.Context(), o.ID)
	require.NoError(t, err)

	second, stop, err := w.stack.SecondAPI(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	processes := []*caller.Caller{{Base: w.stack.URLs.API, HTTP: http.DefaultClient}, {Base: second, HTTP: http.DefaultClient}}

	allowed := storage.DefaultLimits().PerLogin[0].Attempts
	for i := range allowed {
		_, err := processes[i%2].Fetch(t.Context(), credentials.Login, "0000-0000-0000-0000", "cer")
		require.Equal(t, http.StatusForbidden, statusOf(t, err), "guess %d", i+1)
	}
	for i, process := range processes {
		_, err := process.Fetch(t.Context(), credentials.Login, credentials.Password, "cer")
		require.Equal(t, http.StatusTooManyRequests, statusOf(t, err), "process %d", i+1)
	}

	// The owner, who comes from another address of this machine, is not locked out.
	elsewhere := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}
	t.Cleanup(elsewhere.CloseIdleConnections)
	for _, process := range processes {
		owner := &caller.Caller{Base: process.Base, HTTP: &http.Client{Transport: elsewhere}}
		_, err := owner.Fetch(t.Context(), credentials.Login, credentials.Password, "cer")
		require.NoError(t, err)
	}
}

func statusOf(t *testing.T, err error) int {
	t.Helper()
	var refused *caller.Problem
	require.True(t, errors.As(err, &refused), "%v", err)
	return refused.Status
}
