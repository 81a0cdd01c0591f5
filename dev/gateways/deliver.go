package gateways

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Faults are what goes wrong on the way of one message; the zero value is nothing.
type Faults struct {
	// Repeats is how many times more the message is sent after it was answered.
	Repeats int `json:"repeats,omitempty"`
	// LoseAnswers is how many times the message is sent first over a connection that breaks before the answer is read.
	LoseAnswers int `json:"loseAnswers,omitempty"`
	// DelayMillis is how long each message waits before it is sent, in milliseconds.
	DelayMillis int `json:"delayMillis,omitempty"`
	// BadSignature spoils the check value or the signature.
	BadSignature bool `json:"badSignature,omitempty"`
	// Never sends nothing at all: the other side has to find out by itself.
	Never bool `json:"never,omitempty"`
}

// Answer is what the other side said to one message.
type Answer struct {
	// Lost marks an answer that nobody read.
	Lost   bool   `json:"lost,omitempty"`
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Error  string `json:"error,omitempty"`

	raw    []byte
	header http.Header
}

// message is one HTTP request that can be sent any number of times.
type message struct {
	target string
	body   []byte
	header http.Header
}

// deliver sends a message with its faults and returns every answer in turn.
func (s *Server) deliver(ctx context.Context, m message, f Faults) []Answer {
	if f.Never {
		return nil
	}
	var answers []Answer
	for range f.LoseAnswers {
		pause(ctx, f.DelayMillis)
		answer := Answer{Lost: true}
		if err := sendAndHangUp(ctx, m); err != nil {
			answer.Error = err.Error()
		}
		answers = append(answers, answer)
	}
	for range 1 + f.Repeats {
		pause(ctx, f.DelayMillis)
		answers = append(answers, s.send(ctx, m))
	}
	return answers
}

func pause(ctx context.Context, millis int) {
	if millis <= 0 {
		return
	}
	timer := time.NewTimer(time.Duration(millis) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (m message) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.target, bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	req.Header = m.header.Clone()
	return req, nil
}

func (s *Server) send(ctx context.Context, m message) Answer {
	req, err := m.request(ctx)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	resp, err := s.post.Do(req)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return Answer{Error: err.Error()}
	}
	return Answer{Status: resp.StatusCode, Body: readable(body), raw: body, header: resp.Header}
}

// sendAndHangUp writes a request and breaks the connection, so that the other side may or may not have done its work.
func sendAndHangUp(ctx context.Context, m message) error {
	address, err := url.Parse(m.target)
	if err != nil || address.Scheme != "http" {
		return fmt.Errorf("answers can be lost on http only")
	}
	req, err := m.request(ctx)
	if err != nil {
		return err
	}
	host := address.Host
	if address.Port() == "" {
		host = net.JoinHostPort(address.Hostname(), "80")
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	return req.Write(conn)
}
