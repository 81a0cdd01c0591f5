package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Why a service is not to be spoken to.
var (
	// ErrAddress: not https, or addresses of another server.
	ErrAddress = errors.New("want the address of the service with https (http only on this machine)")
	// ErrAgent: the certificate is not that of an agent of a trusted CA.
	ErrAgent = errors.New("the service's certificate is not that of a registration authority of a trusted CA")
)

// Terms is a document on offer (S1).
type Terms struct{ Version, URL string }

// Service is what a service says of itself, with its agent checked.
type Service struct {
	Agent           *bpki.Certificate
	Spawn, Retrieve string
	Work            int
	Agreement       Terms
	Contract        Terms
	// Acceptance is what a statement has after terms= to accept both.
	Acceptance     string
	StartAfterDays int
}

// Client speaks to one service.
type Client struct {
	// Base is the address of the service without a slash at its end.
	Base string
	HTTP *http.Client
	// Trust finds paths to trusted CAs.
	Trust *path.Validator
	Now   func() time.Time
	// Language is that of the comments in refusals: ru, be or en; empty for the service's own.
	Language string
	// Report is told in a few words why something is tried again; nil tells nobody.
	Report func(text string)
}

// requestWithin is how long one exchange may take.
const requestWithin = time.Minute

// New makes a client. Redirections are not followed: a signed request goes to whom
// it is for. Error: ErrAddress.
func New(base string, trust *path.Validator, report func(string)) (*Client, error) {
	base = strings.TrimRight(base, "/")
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, ErrAddress
	}
	return &Client{
		Base: base, Trust: trust, Now: clock.Now, Report: report,
		HTTP: &http.Client{Timeout: requestWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// maxAnswer bounds what is read of an answer in octets.
const maxAnswer = 256 << 10

// Service asks a service about itself and checks its agent: a certificate of a
// trusted CA with the role of a registration authority. Errors: ErrAddress, ErrAgent.
func (c *Client) Service(ctx context.Context) (Service, error) {
	var v struct {
		Certificate     []byte
		Spawn, Retrieve string
		Work            int
		Terms           struct{ Agreement, Contract Terms }
		Acceptance      string
		StartAfterDays  int
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base+"/v1/renewal", http.NoBody)
	if err != nil {
		return Service{}, err
	}
	res, err := c.HTTP.Do(r)
	if err != nil {
		return Service{}, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return Service{}, fmt.Errorf("%s answers %s: the service does not offer STB 34.101.78", c.Base+"/v1/renewal", res.Status)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&v); err != nil {
		return Service{}, fmt.Errorf("read what the service says of itself: %w", err)
	}
	if !c.own(v.Spawn) || !c.own(v.Retrieve) {
		return Service{}, fmt.Errorf("%w: the service names addresses of another server", ErrAddress)
	}
	agent, err := c.agent(v.Certificate)
	return Service{
		Agent: agent, Spawn: v.Spawn, Retrieve: v.Retrieve, Work: v.Work, Agreement: v.Terms.Agreement, Contract: v.Terms.Contract,
		Acceptance: v.Acceptance, StartAfterDays: v.StartAfterDays,
	}, err
}

// own tells whether an address is of the server that was named.
func (c *Client) own(address string) bool {
	u, err := url.Parse(address)
	base, _ := url.Parse(c.Base)
	return err == nil && u.Scheme == base.Scheme && u.Host == base.Host
}

func (c *Client) agent(der []byte) (*bpki.Certificate, error) {
	certificate, err := pki.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAgent, err)
	}
	if _, err := c.Trust.Validate(certificate, c.Now()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAgent, err)
	}
	if !slices.ContainsFunc(certificate.Policies, pki.OIDPolicyRegistration.Equal) {
		return nil, fmt.Errorf("%w: another role", ErrAgent)
	}
	return bpki.ParseCertificate(der)
}

// retrieveRequest asks again for a request with a new nonce.
func retrieveRequest(id bpki.RequestID) (bpki.RetrieveRequest, []byte, error) {
	q, err := bpki.NewRetrieveRequest(id, rand.Reader)
	if err != nil {
		return q, nil, err
	}
	der, err := q.Marshal()
	return q, der, err
}
