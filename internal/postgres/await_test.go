package postgres_test

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// A server that starts later than the process: connections are refused, then they are answered.
func TestAwaitWaitsForAServerThatIsStarting(t *testing.T) {
	t.Parallel()
	real, err := url.Parse(pgtest.New(t).Config().ConnString())
	require.NoError(t, err)
	port := real.Port()
	if host := real.Hostname(); host == "" || host[0] == '/' {
		t.Skip("the test server listens on a socket")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	late := *real
	late.Host = address
	told, pauses := 0, []time.Duration{}
	pool, err := postgres.Await(t.Context(), late.String(), nil, func(err error, pause time.Duration) {
		require.Error(t, err)
		pauses = append(pauses, pause)
		if told++; told == 3 {
			forward(t, address, net.JoinHostPort(real.Hostname(), port))
		}
	})
	require.NoError(t, err)
	pool.Close()
	require.Len(t, pauses, 3)
	require.Equal(t, 2*pauses[0], pauses[1], "pauses grow")
}

// forward carries connections from one address to another until the test ends.
func forward(t *testing.T, from, to string) {
	t.Helper()
	l, err := net.Listen("tcp", from)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = in.(*net.TCPConn).ReadFrom(out) }()
			go func() { _, _ = out.(*net.TCPConn).ReadFrom(in) }()
		}
	}()
}

func TestAwaitDoesNotWaitForWhatWaitingDoesNotMend(t *testing.T) {
	t.Parallel()
	real, err := url.Parse(pgtest.New(t).Config().ConnString())
	require.NoError(t, err)
	absent := *real
	absent.Path = "/there_is_no_such_database"
	for _, address := range []string{"postgres://host:notaport/x", absent.String()} {
		_, err := postgres.Await(t.Context(), address, nil, func(err error, _ time.Duration) { t.Errorf("tried again after %v", err) })
		require.Error(t, err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	_, err = postgres.Await(ctx, "postgres://someone:very-secret@127.0.0.1:1/nothing", nil, func(error, time.Duration) {})
	require.Error(t, err, "the end of the context ends the waiting")
	require.NotContains(t, err.Error(), "very-secret")
}

func TestAListenerThatEndsLetsItsWaitersGo(t *testing.T) {
	t.Parallel()
	l := postgres.NewListener("postgres://127.0.0.1:1/nothing", slog.New(slog.DiscardHandler))
	before, done := l.Subscribe("order")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	l.Run(ctx)
	after, doneAfter := l.Subscribe("order")
	for _, wake := range []<-chan struct{}{before, after} {
		_, open := <-wake
		require.False(t, open)
	}
	done()
	doneAfter()
}
