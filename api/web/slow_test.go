package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/netutil"
)

// counted is a listener that knows how many of its connections are open.
type counted struct {
	net.Listener
	open, accepted atomic.Int64
}

// Accept counts.
func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.accepted.Add(1)
	c.open.Add(1)
	return &countedConn{Conn: conn, of: c}, nil
}

type countedConn struct {
	net.Conn
	of     *counted
	closed atomic.Bool
}

// Close counts once.
func (c *countedConn) Close() error {
	if !c.closed.Swap(true) {
		c.of.open.Add(-1)
	}
	return c.Conn.Close()
}

// slowServer is the server of production with short deadlines.
func slowServer(t *testing.T) (address string, connections *counted) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(deadlines(300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond))
	router.POST("/", func(c *gin.Context) {
		n, err := io.Copy(io.Discard, c.Request.Body)
		c.String(http.StatusOK, "%d %v", n, err)
	})
	// More than the buffers of two kernels hold.
	answer := strings.Repeat("x", 32<<20)
	router.GET("/", func(c *gin.Context) { c.String(http.StatusOK, answer) })
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	connections = &counted{Listener: listener}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	short := limits{header: 300 * time.Millisecond, idle: 300 * time.Millisecond}
	go func() { done <- short.serve(ctx, netutil.LimitListener(connections, 1000), router, time.Second) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return listener.Addr().String(), connections
}

// Two hundred clients that are slow in each way there is: after their deadline
// the server has neither a connection nor a goroutine of theirs, although none of
// them hangs up, and serves whoever comes.
func TestTwoHundredSlowClientsHoldNothing(t *testing.T) {
	for name, send := range map[string]func(net.Conn){
		"say nothing":        func(net.Conn) {},
		"stop in the header": func(c net.Conn) { fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ") },
		"drop by drop":       drip,
		"stop in the body":   func(c net.Conn) { fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na part") },
		"stop in a chunk": func(c net.Conn) {
			fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\na part")
		},
		"do not read":          func(c net.Conn) { fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") },
		"ask and ask":          func(c net.Conn) { fmt.Fprint(c, strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 5)) },
		"stay after an answer": stay,
	} {
		t.Run(name, func(t *testing.T) {
			address, connections := slowServer(t)
			before := runtime.NumGoroutine()
			const clients = 200
			for range clients {
				conn, err := net.Dial("tcp", address)
				require.NoError(t, err)
				defer conn.Close()
				send(conn)
			}
			require.Eventually(t, func() bool { return connections.accepted.Load() == clients }, 10*time.Second, 10*time.Millisecond)
			require.Eventually(t, func() bool { return connections.open.Load() == 0 }, 10*time.Second, 20*time.Millisecond, "connections are held")
			require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+5 }, 10*time.Second, 20*time.Millisecond, "goroutines are held")
			res, err := http.Post("http://"+address+"/", "text/plain", strings.NewReader("hello"))
			require.NoError(t, err)
			defer res.Body.Close()
			require.Equal(t, http.StatusOK, res.StatusCode)
			http.DefaultClient.CloseIdleConnections()
		})
	}
}

// drip sends a header so slowly that it never ends.
func drip(c net.Conn) {
	fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\n")
	go func() {
		for {
			if _, err := fmt.Fprint(c, "X"); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
}

// stay keeps a connection open on which everything was answered.
func stay(c net.Conn) {
	fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
	if res, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}
