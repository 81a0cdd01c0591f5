package inbox

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/emersion/go-smtp"
)

// Options describe the inbox.
type Options struct {
	// SMTPListen and HTTPListen are the addresses of the mail server, and of the SMS gateway and the pages; port 0 takes a free one.
	SMTPListen, HTTPListen string
	// DataDir keeps the messages, in DataDir/inbox.
	DataDir string
	// SMSUsername and SMSPassword are the account at the SMS gateway; the password in the clear.
	SMSUsername, SMSPassword string
	// TLS, when set, is offered by STARTTLS.
	TLS *tls.Config
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server is a running inbox.
type Server struct {
	opts     Options
	store    *store
	faults   switches
	pages    *template.Template
	smtp     *smtp.Server
	http     *http.Server
	listener net.Listener
	smtpAddr string
	url      string
	quit     chan struct{}
	ended    chan struct{}
}

// Start reads the messages of earlier runs and serves both channels.
func Start(opts Options) (*Server, error) {
	s, err := start(opts)
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	return s, nil
}

func start(opts Options) (*Server, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	st, err := openStore(filepath.Join(opts.DataDir, "inbox"), opts.Now)
	if err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	mailListener, err := net.Listen("tcp", opts.SMTPListen)
	if err != nil {
		return nil, err
	}
	httpListener, err := net.Listen("tcp", opts.HTTPListen)
	if err != nil {
		return nil, errors.Join(err, mailListener.Close())
	}
	s := &Server{opts: opts, store: st, pages: pages, listener: mailListener, smtpAddr: mailListener.Addr().String(), url: "http://" + httpListener.Addr().String(),
		quit: make(chan struct{}), ended: make(chan struct{}, 2)}
	s.smtp = s.newSMTP()
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_ = s.smtp.Serve(mailListener)
		s.ended <- struct{}{}
	}()
	go func() {
		_ = s.http.Serve(httpListener)
		s.ended <- struct{}{}
	}()
	return s, nil
}

// SMTPAddr is the mail server's host:port; no authentication.
func (s *Server) SMTPAddr() string { return s.smtpAddr }

// URL is the address of the inbox page and the base address of the SMS gateway (/simple/send).
func (s *Server) URL() string { return s.url }

// Messages returns what arrived, newest first, for a recipient (mail address, or phone with or without plus) and a channel; empty
// means any.
func (s *Server) Messages(to string, ch Channel) []Message { return s.store.list(to, ch) }

// SetFaults replaces the faults that are on; the zero Faults ends them all.
func (s *Server) SetFaults(f Faults) { s.faults.set(f) }

// Close stops both servers; delayed answers are broken off.
func (s *Server) Close() error {
	close(s.quit)
	err := errors.Join(s.http.Close(), s.smtp.Close())
	// The mail server forgets a listener that it has not begun to serve when it is closed.
	if closeErr := s.listener.Close(); !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	<-s.ended
	<-s.ended
	return err
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
