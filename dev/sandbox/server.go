package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/registers"
)

// Options are what the doors lead to.
type Options struct {
	// Listen is the address, e.g. 127.0.0.1:8096; port 0 takes a free one.
	Listen string
	// Addresses are those of the stack's parts, by name, for the answer to GET /sandbox.
	Addresses func() map[string]string
	Clock     *Clock
	Registers *registers.Server
	Gateways  *gateways.Server
	Issuer    *oidc.Server
	// Inbox is the address of the inboxes of mail and SMS.
	Inbox string
	// Holders are the sample persons, Renew gives one of them a new certificate.
	Holders func() []persons.Holder
	Renew   func(id string) (persons.Holder, error)
}

// Server serves the doors.
type Server struct {
	o         Options
	url       string
	http      *http.Server
	ended     chan struct{}
	differing differing
}

// Start serves.
func Start(o Options) (*Server, error) {
	inbox, err := url.Parse(o.Inbox)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Server{o: o, url: "http://" + l.Addr().String() + "/sandbox", ended: make(chan struct{})}
	s.http = &http.Server{Handler: s.routes(inbox), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(l)
	}()
	return s, nil
}

// URL is the address that the doors are under.
func (s *Server) URL() string { return s.url }

// Close stops the server; what is under way is broken off.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.ended
	return err
}

func (s *Server) routes(inbox *url.URL) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sandbox", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.o.Addresses()) })
	mux.HandleFunc("GET /sandbox/clock", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.time()) })
	mux.HandleFunc("POST /sandbox/clock/advance", door(s.advance))
	mux.HandleFunc("GET /sandbox/registers", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.registersNow()) })
	mux.HandleFunc("POST /sandbox/registers/{register}", door(s.misbehave))
	mux.HandleFunc("POST /sandbox/payments/{way}", door(s.pay))
	mux.HandleFunc("GET /sandbox/persons", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.people()) })
	mux.HandleFunc("POST /sandbox/persons/{person}/token", door(s.token))
	mux.HandleFunc("POST /sandbox/persons/{person}/request", s.request)
	mux.HandleFunc("POST /sandbox/persons/{person}/signature", s.signature)
	mux.HandleFunc("POST /sandbox/persons/{person}/certificate", door(s.certificate))
	to := func(path string) *httputil.ReverseProxy {
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(inbox)
			r.Out.URL.Path = path
		}}
	}
	mux.Handle("/sandbox/messages", to("/api/messages"))
	mux.Handle("/sandbox/messages/faults", to("/api/faults"))
	return mux
}

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// notFound is an error that is answered with 404.
type notFound string

func (e notFound) Error() string { return string(e) }

// door makes a handler of JSON out of what is asked and done; no body is an empty object.
func door[In, Out any](do func(ctx context.Context, r *http.Request, in In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := read(w, r, &in); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		out, err := do(r.Context(), r, in)
		if err != nil {
			refuse(w, statusOf(err), err)
			return
		}
		answer(w, out)
	}
}

func read(w http.ResponseWriter, r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body: %w", err)
	}
	return nil
}

func statusOf(err error) int {
	var unknown notFound
	switch {
	case errors.As(err, &unknown), errors.Is(err, registers.ErrUnknown), errors.Is(err, oidc.ErrUnknownPerson):
		return http.StatusNotFound
	case errors.Is(err, ErrFixed):
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// clockState is what the clock shows.
type clockState struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"`
}

func (s *Server) time() clockState {
	return clockState{Now: s.o.Clock.Now().Truncate(time.Second), Ahead: s.o.Clock.Ahead().String()}
}

// passing is how much time is to pass: days and hours, or until an instant.
type passing struct {
	Days  int       `json:"days"`
	Hours int       `json:"hours"`
	Until time.Time `json:"until"`
}

func (s *Server) advance(ctx context.Context, _ *http.Request, p passing) (Advanced, error) {
	d := time.Duration(p.Days)*24*time.Hour + time.Duration(p.Hours)*time.Hour
	switch {
	case p.Days < 0 || p.Hours < 0 || p.Days > 10_000 || p.Hours > 240_000:
		return Advanced{}, errors.New("time passes in one direction, and not that far")
	case !p.Until.IsZero() && d != 0:
		return Advanced{}, errors.New("want days and hours, or until")
	case !p.Until.IsZero():
		d = p.Until.Sub(s.o.Clock.Now())
	}
	return s.o.Clock.Advance(ctx, d)
}
