package notify

import (
	"bufio"
	"crypto/tls"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// smtpServer is a mail server of a few verbs. Replies override what a verb, or the
// end of the data ("."), is answered with.
type smtpServer struct {
	listener net.Listener
	replies  map[string]string
	offers   []string
	// tls, when set, is spoken after STARTTLS.
	tls *tls.Config

	mu       sync.Mutex
	messages []string
	verbs    []string
	lines    []string
	open     []net.Conn
}

func newSMTPServer(t *testing.T, offers []string, replies map[string]string) *smtpServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &smtpServer{listener: listener, replies: replies, offers: offers}
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open = append(s.open, conn)
			s.mu.Unlock()
			sessions.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); s.hangUp(); sessions.Wait() })
	return s
}

// hangUp ends the sessions that a client has left open.
func (s *smtpServer) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.open {
		_ = conn.Close()
	}
}

func (s *smtpServer) options(t *testing.T) MailOptions {
	t.Helper()
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return MailOptions{
		Host: host, Port: n, TLS: TLSNone, From: "no-reply@issuance.example", FromName: "Служба издания",
		Timeout: 5 * time.Second,
	}
}

func (s *smtpServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 mail.example ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		s.note(verb, "")
		s.mu.Lock()
		s.lines = append(s.lines, strings.TrimSpace(line))
		s.mu.Unlock()
		reply, special := s.replies[verb]
		switch {
		case special:
			say(reply)
		case verb == "STARTTLS" && s.tls != nil:
			say("220 go on")
			secure := tls.Server(conn, s.tls)
			in, say = bufio.NewReader(secure), func(line string) { _, _ = secure.Write([]byte(line + "\r\n")) }
		case verb == "EHLO":
			say("250-mail.example")
			for _, offer := range s.offers {
				say("250-" + offer)
			}
			say("250 8BITMIME")
		case verb == "DATA":
			say("354 go on")
			s.note("", data(in))
			if reply, special := s.replies["."]; special {
				say(reply)
			} else {
				say("250 2.0.0 queued")
			}
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func data(in *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String()
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (s *smtpServer) note(verb, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if verb != "" {
		s.verbs = append(s.verbs, verb)
		return
	}
	s.messages = append(s.messages, message)
}

func (s *smtpServer) seen() (messages, verbs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.messages...), append([]string(nil), s.verbs...)
}
