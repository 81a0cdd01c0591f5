package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/netutil"

	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
)

// listening is a server with short deadlines that echoes the length of bodies.
func listening(t *testing.T, connections int) (address string, busy func() int) {
	t.Helper()
	responder, err := NewResponder(slog.New(slog.DiscardHandler), "")
	require.NoError(t, err)
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	// Not reading is what slow_test.go is about: a busy machine has time to answer here.
	router.Use(deadlines(200*time.Millisecond, time.Second, 30*time.Second))
	var mu sync.Mutex
	working := 0
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		working += by
	}
	router.POST("/", responder.LimitBody(1<<20), responder.Serve(func(c *gin.Context) error {
		count(1)
		defer count(-1)
		body, err := Body(c)
		if err != nil {
			return err
		}
		c.String(http.StatusOK, "%d", len(body))
		return nil
	}))
	router.GET("/wait", responder.Serve(func(c *gin.Context) error {
		select {
		case <-c.Done():
			return c.Err()
		case <-time.After(500 * time.Millisecond):
			c.String(http.StatusOK, "waited")
			return nil
		}
	}))
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- connectionLimits().serve(ctx, netutil.LimitListener(listener, connections), router, time.Second)
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return listener.Addr().String(), func() int {
		mu.Lock()
		defer mu.Unlock()
		return working
	}
}

func TestSlowClientsHoldNothingAfterTheirDeadline(t *testing.T) {
	address, busy := listening(t, 1000)
	const clients = 200
	answers := make(chan string, clients)
	for range clients {
		go func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				answers <- err.Error()
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly a part")
			answer, _ := io.ReadAll(conn)
			answers <- string(answer)
		}()
	}
	for range clients {
		answer := <-answers
		require.Contains(t, answer, "HTTP/1.1 408", "%s", answer)
		require.Contains(t, answer, "body-too-slow")
	}
	require.Eventually(t, func() bool { return busy() == 0 }, time.Second, 10*time.Millisecond)
	// Whoever comes in time is served.
	res, err := http.Post("http://"+address+"/", "text/plain", strings.NewReader("hello"))
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
}

func TestTheDeadlineOfTheBodyDoesNotEndAWait(t *testing.T) {
	address, _ := listening(t, 10)
	for _, body := range []io.Reader{nil, strings.NewReader("x")} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/", body)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		require.Equal(t, http.StatusOK, res.StatusCode)
		// The same connection waits longer than a body may take.
		r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/wait", nil)
		require.NoError(t, err)
		res, err = http.DefaultClient.Do(r)
		require.NoError(t, err)
		answer, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		res.Body.Close()
		require.Equal(t, "waited", string(answer))
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	address, _ := listening(t, 1)
	first, err := net.Dial("tcp", address)
	require.NoError(t, err)
	fmt.Fprintf(first, "GET /wait HTTP/1.1\r\nHost: x\r\n")
	second, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer second.Close()
	fmt.Fprintf(second, "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	require.NoError(t, second.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = second.Read(make([]byte, 1))
	require.Error(t, err, "it waits to be accepted")
	first.Close()
	require.NoError(t, second.SetReadDeadline(time.Now().Add(5*time.Second)))
	answer, err := io.ReadAll(second)
	require.NoError(t, err)
	require.Contains(t, string(answer), "waited")
}

func TestRatesOfOnePerson(t *testing.T) {
	rates := NewRates(map[Action]Rate{ActionOpen: {Burst: 3, Every: time.Minute}})
	now := time.Now()
	for range 3 {
		require.NoError(t, rates.Spend(ActionOpen, "a", now))
	}
	var p *Problem
	require.ErrorAs(t, rates.Spend(ActionOpen, "a", now), &p)
	require.Equal(t, ProblemTooMany, p.Slug)
	require.Equal(t, time.Minute, p.RetryAfter)
	require.ErrorAs(t, rates.Spend(ActionOpen, "a", now.Add(30*time.Second)), &p)
	require.Equal(t, 30*time.Second, p.RetryAfter, "asking too soon costs nothing")
	require.NoError(t, rates.Spend(ActionOpen, "b", now), "another person")
	require.NoError(t, rates.Spend(ActionUpload, "a", now), "an action without a rate")
	require.NoError(t, rates.Spend(ActionOpen, "a", now.Add(time.Minute)))
	require.Error(t, rates.Spend(ActionOpen, "a", now.Add(time.Minute)))
}

func TestEveryActionHasARate(t *testing.T) {
	for _, action := range sourcetest.Constants(t, "rates.go", "Action") {
		r, ok := DefaultRates()[Action(action)]
		require.True(t, ok, action)
		require.Positive(t, r.Burst)
		require.Positive(t, r.Every)
	}
}
