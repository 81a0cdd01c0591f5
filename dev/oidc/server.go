package oidc

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Audience is the audience of the product's tokens.
const Audience = "remote-issuance"

//go:embed page.html choose.html
var pages embed.FS

// Person is a sample person, for whom the page and /token have tokens ready.
type Person struct {
	// ID names the person in a token request, e.g. "alena"; Title tells the reader of the page who this is.
	ID, Title string
	Claims    Claims
}

// Options describe the issuer.
type Options struct {
	// Listen is the address, e.g. 127.0.0.1:8090; port 0 takes a free one.
	Listen string
	// DataDir keeps the signing key over restarts (in DataDir/oidc).
	DataDir string
	// Issuer is the issuer's identifier; empty means http:// and the address, as OpenID Connect Discovery wants it.
	Issuer string
	// Lifetime of the tokens; 0 means 12 hours.
	Lifetime time.Duration
	// Persons are the sample persons; more can be added to a running server.
	Persons []Person
	// Files is a folder with certificates and keys of the persons, ID.cer and ID.p8, which the sign-in page names and serves; Password
	// opens the keys.
	Files, Password string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server is a running issuer.
type Server struct {
	opts   Options
	key    jose.JSONWebKey
	signer jose.Signer
	page   *template.Template
	choice *template.Template
	http   *http.Server
	ended  chan struct{}

	mu      sync.Mutex
	persons []Person
	// clients are redirect addresses by client, codes the sign-ins that wait.
	clients map[string]string
	codes   map[string]grant
}

// Start makes or loads the key and serves.
func Start(opts Options) (*Server, error) {
	s, err := start(opts)
	if err != nil {
		return nil, fmt.Errorf("oidc issuer: %w", err)
	}
	return s, nil
}

func start(opts Options) (*Server, error) {
	key, err := loadKey(opts.DataDir)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(pages, "page.html")
	if err != nil {
		return nil, err
	}
	choice, err := template.ParseFS(pages, "choose.html")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", opts.Listen)
	if err != nil {
		return nil, err
	}
	if opts.Issuer == "" {
		opts.Issuer = "http://" + l.Addr().String()
	}
	if opts.Lifetime == 0 {
		opts.Lifetime = 12 * time.Hour
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{opts: opts, key: key, signer: signer, page: page, choice: choice, codes: map[string]grant{}, persons: opts.Persons, ended: make(chan struct{})}
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(l)
	}()
	return s, nil
}

// URL is the issuer's identifier and, unless Options.Issuer says otherwise, its address.
func (s *Server) URL() string { return s.opts.Issuer }

// Close stops the server.
func (s *Server) Close() error {
	err := s.http.Shutdown(context.Background())
	<-s.ended
	return err
}

// Issue makes a token.
func (s *Server) Issue(c Claims) (string, error) {
	registered := c.registered(s.opts.Issuer, Audience, s.opts.Now(), s.opts.Lifetime)
	token, err := jwt.Signed(s.signer).Claims(registered).Claims(c.private()).Serialize()
	if err != nil {
		return "", fmt.Errorf("issue a token: %w", err)
	}
	return token, nil
}

// ErrUnknownPerson is returned for a person that is not among the sample persons.
var ErrUnknownPerson = errors.New("no such sample person")

// Token makes a token for a sample person.
func (s *Server) Token(personID string) (string, error) {
	for _, p := range s.list() {
		if p.ID == personID {
			return s.Issue(p.Claims)
		}
	}
	return "", ErrUnknownPerson
}

// PutPerson adds a sample person or replaces the one of the same ID.
func (s *Server) PutPerson(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.persons {
		if s.persons[i].ID == p.ID {
			s.persons[i] = p
			return
		}
	}
	s.persons = append(s.persons, p)
}

func (s *Server) list() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Person(nil), s.persons...)
}
