package process_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/process"
)

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// serve runs a server and waits until it listens.
func serve(t *testing.T, run func() error, address string) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- run() }()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, 10*time.Second, time.Millisecond)
	return ended
}

// slow answers when it is let go, or not at all when its caller is cut off.
type slow struct{ came, letGo chan struct{} }

func (s slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.came <- struct{}{}
	select {
	case <-s.letGo:
		_, _ = io.WriteString(w, "done")
	case <-r.Context().Done():
	}
}

// get asks in the background and gives the body, or nothing after a failure.
func get(address string) <-chan string {
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + address)
		if err != nil {
			answer <- ""
			return
		}
		defer func() { _ = response.Body.Close() }()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	return answer
}

func TestARunningRequestFinishesAfterTheSignalToStop(t *testing.T) {
	address, h := freeAddress(t), slow{make(chan struct{}), make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	ended := serve(t, func() error { return process.Serve(ctx, address, h, time.Minute) }, address)
	answer := get(address)
	<-h.came
	stop()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond, "nothing new is taken on")
	require.Empty(t, ended)
	close(h.letGo)
	require.Equal(t, "done", <-answer)
	require.NoError(t, <-ended)
}

func TestARequestThatNeverEndsIsCutOffAfterTheGrace(t *testing.T) {
	address, h := freeAddress(t), slow{make(chan struct{}), make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	ended := serve(t, func() error { return process.Serve(ctx, address, h, time.Millisecond) }, address)
	answer := get(address)
	<-h.came
	stop()
	require.ErrorIs(t, <-ended, context.DeadlineExceeded)
	require.Empty(t, <-answer)
}

func TestAnAddressInUseIsToldAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	err = process.Serve(t.Context(), l.Addr().String(), http.NotFoundHandler(), time.Second)
	require.ErrorContains(t, err, l.Addr().String())
}
