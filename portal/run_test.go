package portal

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/netutil"
)

// Two hundred slow clients hold neither places nor goroutines after their
// deadline, the bodies that no page asks for included: there are fewer places
// than clients, and somebody is served all the same.
func TestTwoHundredSlowClientsHoldNothing(t *testing.T) {
	page := strings.Repeat("x", 16<<20)
	for name, sent := range map[string]string{
		"nothing": "", "a part of the header": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"a body that nobody wants": "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na part",
		"a part of a form":         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na part",
		"and does not read":        "GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") })
			mux.HandleFunc("GET /large", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
			mux.HandleFunc("POST /", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			short := deadlines{header: 300 * time.Millisecond, exchange: 300 * time.Millisecond, idle: 300 * time.Millisecond}
			go func() { done <- short.serve(ctx, netutil.LimitListener(listener, 100), mux) }()
			defer func() {
				cancel()
				require.NoError(t, <-done)
			}()
			before := runtime.NumGoroutine()
			for range 200 {
				conn, err := net.Dial("tcp", listener.Addr().String())
				require.NoError(t, err)
				defer conn.Close()
				fmt.Fprint(conn, sent)
			}
			client := http.Client{Timeout: 20 * time.Second}
			res, err := client.Get("http://" + listener.Addr().String() + "/")
			require.NoError(t, err, "it comes after two hundred others")
			answer, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, "a page", string(answer))
			client.CloseIdleConnections()
			require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+5 }, 20*time.Second, 20*time.Millisecond, "goroutines are held")
		})
	}
}
