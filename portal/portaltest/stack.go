package portaltest

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/portal"
)

// Stack is a portal with an API and an issuer of its own.
type Stack struct {
	// URL is the address of the portal.
	URL    string
	API    *API
	Issuer *Issuer

	api  *httptest.Server
	site *http.Server
}

// Options describe a stack.
type Options struct {
	// Listen is the address of the portal; empty takes a free one.
	Listen string
	// Log takes the log; nil discards it.
	Log io.Writer
	// Wrap, when set, goes around the API.
	Wrap func(http.Handler) http.Handler
	// Now is the time from which orders stand as they do; the zero time for the true one.
	Now time.Time
	// Settings take the place of those of the portal.
	Settings map[string]string
}

// Start starts a stack.
func Start(o Options) (*Stack, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	s := &Stack{API: NewAPI(o.Now)}
	s.API.Organisation = NewOrganisation(o.Now)
	var handler http.Handler = s.API
	if o.Wrap != nil {
		handler = o.Wrap(handler)
	}
	var err error
	if s.Issuer, err = NewIssuer(); err != nil {
		return nil, err
	}
	s.api = httptest.NewServer(handler)
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, err
	}
	s.URL = "http://" + listener.Addr().String()
	key := make([]byte, 32)
	// It never fails: the program ends when the system has no randomness.
	_, _ = rand.Read(key)
	settings := map[string]string{
		"PORTAL_URL": s.URL, "PORTAL_API_URL": s.api.URL, "OIDC_ISSUER": s.Issuer.URL, "PORTAL_SHOW_KEYS": "true",
		"PORTAL_SESSION_KEYS": "k1:" + base64.StdEncoding.EncodeToString(key),
	}
	for name, value := range o.Settings {
		settings[name] = value
	}
	c, err := config.LoadSite(settings)
	if err != nil {
		return nil, fmt.Errorf("portal for tests: %w", err)
	}
	site, err := portal.New(c, slog.New(slog.NewTextHandler(o.Log, nil)), &http.Client{Timeout: time.Minute})
	if err != nil {
		return nil, err
	}
	s.site = &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.site.Serve(listener) }()
	return s, nil
}

// CloseAPI takes the API away.
func (s *Stack) CloseAPI() { s.api.CloseClientConnections(); s.api.Close() }

// Close ends all of it.
func (s *Stack) Close() {
	_ = s.site.Close()
	s.api.CloseClientConnections()
	s.api.Close()
	s.Issuer.Close()
}
