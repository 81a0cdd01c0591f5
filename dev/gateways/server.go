package gateways

import (
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Options describe the sandboxes; all of them listen on one address.
type Options struct {
	// Listen is the address, e.g. 127.0.0.1:8094; port 0 takes a free one.
	Listen string
	// Targets are where messages go; SetTargets can tell later.
	Targets Targets
	Assist  AssistOptions
	ERIP    ERIPOptions
	// BankAccount is the beneficiary's account in statements.
	BankAccount string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Targets are the addresses of the system that is paid to.
type Targets struct {
	// AssistPush takes the pushes of ASSIST, ERIP the messages of ERIP.
	AssistPush, ERIP string
	// BankUpload takes statements by POST; BankToken, when set, makes the bearer token that goes along.
	BankUpload string
	BankToken  func() (string, error)
	// BankFolder is a watched folder that statements are put into, ERIPFolder one for registers of payments.
	BankFolder, ERIPFolder string
}

// AssistOptions are the merchant's settings at ASSIST.
type AssistOptions struct {
	MerchantID, Login, Password string
	// RequestSalt is asked of the pay page's check value unless it is empty; ResultSalt signs pushes and status answers.
	RequestSalt, ResultSalt string
	// TestMode marks every payment as a test.
	TestMode bool
}

// ERIPOptions are the provider's settings at ERIP.
type ERIPOptions struct {
	ServiceNo int64
	// Salt signs messages in the iPay flavour unless it is empty.
	Salt string
}

// Server runs the sandboxes.
type Server struct {
	opts  Options
	salt  payments.Secret
	url   string
	http  *http.Server
	pages *template.Template
	post  *http.Client
	ended chan struct{}

	mu      sync.Mutex
	targets Targets
	orders  map[string]*cardOrder
	bills   int64
	// refunds are the keys of refunds that were made, each behind its order.
	refunds map[string]bool
	lastID  int64
	taken   []Taken
	credits []Credit
}

// Start serves.
func Start(opts Options) (*Server, error) {
	if opts.Assist.MerchantID == "" || opts.Assist.ResultSalt == "" {
		return nil, errors.New("gateways: ASSIST needs a merchant id and a secret word for results")
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("gateways: %w", err)
	}
	l, err := net.Listen("tcp", opts.Listen)
	if err != nil {
		return nil, fmt.Errorf("gateways: %w", err)
	}
	s := &Server{
		opts: opts, salt: payments.NewSecret(opts.Assist.ResultSalt), url: "http://" + l.Addr().String(), pages: pages,
		post: &http.Client{Timeout: 15 * time.Second}, ended: make(chan struct{}), targets: opts.Targets,
		orders: map[string]*cardOrder{}, refunds: map[string]bool{},
		// Two runs against one ledger must not use the same numbers.
		bills: time.Now().Unix() % 1_000_000_000, lastID: time.Now().UnixMicro(),
	}
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(l)
	}()
	return s, nil
}

// URL is the address of the start page and the host of the ASSIST adapter.
func (s *Server) URL() string { return s.url }

// SetTargets tells where messages go from now on.
func (s *Server) SetTargets(t Targets) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.targets = t
}

func (s *Server) target() Targets {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.targets
}

// Close stops the server; messages that are being delayed are broken off.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.ended
	return err
}
