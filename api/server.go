package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/internal/storage"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// Offer are the documents of S1 in the versions on offer.
type Offer = contract.Terms

// Dependencies are what the API is put together from.
type Dependencies struct {
	Log  *slog.Logger
	Auth web.Authenticator
	// Issuer says why the issuer of tokens has never answered, and nothing once
	// it has; nil where no issuer is asked.
	Issuer func(context.Context) error
	Trust  admission.Validator
	Heads  Heads
	// Registers answer before an order.
	Registers Registers

	Drafts        Drafts
	Approvals     Approvals
	Orders        Orders
	Confirmations Confirmations
	Documents     Documents
	Payables      Payables
	Ledger        Ledger
	Answers       web.Answers
	Audit         Audit
	Changes       web.Changes
	Secrets       Secrets
	Renewals      Renewals
	Activations   Activations
	Reminders     Reminders
	// Cards are for evidence; nil where none are made.
	Cards    *EvidenceCards
	Events   Events
	Webhooks Webhooks
	// WebhookReach is where webhooks may lead.
	WebhookReach webhook.Reach
	Tariff       Tariff
	Methods      PaymentMethods
	// Renewal are the endpoints of STB 34.101.78; nil where they are not offered.
	Renewal *RenewalProtocol

	// Temporal carries wishes to the workflows of orders; Starter starts those
	// that were not started.
	Temporal client.Client
	Starter  draft.Starter
	// Look tells whether anything needs an operator.
	Look Looker
	// Database answers when it can be reached.
	Database Pinger

	// PublicURL is the API's own address as its callers see it; the types of problems are below it.
	PublicURL string
	// StorageURL is the public address of the certificate storage.
	StorageURL string
	// Hash is the keyed hash of personal data for ids.
	Hash   func(text string) string
	Offer  Offer
	Help   Help
	Limits Limits
	// Rates are how often a person may do what; nil means web.DefaultRates.
	Rates map[web.Action]web.Rate
	// Reach is which e-mail addresses letters can go to.
	Reach mailbox.Reach
	// Mount are handlers of other packages by path prefix: the storage page,
	// the codec of the Temporal UI, gateways' own formats.
	Mount map[string]http.Handler
	// Trace begins the span of a request and gives what ends it; nil for none.
	Trace func(r *http.Request) (ctx context.Context, end func(route, subject string, status int))
	// Address tells where a request comes from; nil means the connection's other end.
	Address func(*http.Request) netip.Addr
	// Observe is told method, route template, status and duration of each request.
	Observe func(method, route string, status int, took time.Duration)
	Now     func() time.Time
}

// Server answers the HTTP API: one group of handlers for each scope.
type Server struct {
	*plumbing
	pages      *web.Pages
	tokens     web.Authenticator
	limits     Limits
	mount      map[string]http.Handler
	observed   func(method, route string, status int, took time.Duration)
	traced     func(r *http.Request) (ctx context.Context, end func(route, subject string, status int))
	health     health
	applicants *applicants
	managers   *managers
	gateways   *gateways
	operators  *operators
	clients    *clients
	// renewals is nil where the protocol is not offered.
	renewals *renewals
	public   *public
}

// New puts the API together. It fails only when its own texts are broken.
func New(d Dependencies) (*Server, error) {
	responder, err := web.NewResponder(d.Log, d.PublicURL)
	if err != nil {
		return nil, err
	}
	pages, err := problemPages(d.PublicURL)
	if err != nil {
		return nil, err
	}
	if d.Now == nil {
		d.Now = clock.Now
	}
	if d.Address == nil {
		d.Address = storage.BehindProxies(nil)
	}
	if d.Rates == nil {
		d.Rates = web.DefaultRates()
	}
	messages := workflowMessages{temporal: d.Temporal, starter: d.Starter}
	shared := &plumbing{
		Responder: responder, identities: identities{trust: d.Trust, heads: d.Heads, hash: d.Hash, now: d.Now},
		idempotency: web.Idempotency{Answers: d.Answers, Log: d.Log}, rates: web.NewRates(d.Rates),
		seats: web.NewSeats(web.DefaultSeats), changes: d.Changes, audit: d.Audit, reach: d.Reach, log: d.Log,
	}
	evidence := newCards(shared, d.Cards)
	paid := &payers{payables: d.Payables, methods: d.Methods}
	var protocol *renewals
	if d.Renewal != nil {
		protocol = &renewals{plumbing: shared, RenewalProtocol: *d.Renewal, drafts: d.Drafts, orders: d.Orders, offer: d.Offer, seen: newSeenWork()}
	}
	return &Server{
		plumbing: shared, pages: pages, tokens: d.Auth, limits: d.Limits, mount: d.Mount, observed: d.Observe, traced: d.Trace,
		renewals: protocol,
		health:   health{database: d.Database, temporal: messages, issuer: d.Issuer},
		applicants: &applicants{
			plumbing: shared, drafts: d.Drafts, withdrawals: messages, orders: d.Orders, payments: paid,
			credentials: credentials{secrets: d.Secrets, renewals: d.Renewals, storageURL: d.StorageURL}, activations: d.Activations, reminders: d.Reminders,
			offer: d.Offer, file: d.Limits.File, cards: evidence, registers: d.Registers,
		},
		managers: &managers{
			plumbing: shared, orders: d.Orders, confirmations: d.Confirmations, approvals: d.Approvals, rejections: messages,
			documents: d.Documents, payments: paid, tariff: d.Tariff, decisionWait: defaultDecisionWait, cards: evidence,
		},
		public:   &public{plumbing: shared, payables: d.Payables, tariff: d.Tariff, help: d.Help, address: d.Address, cards: evidence},
		gateways: &gateways{plumbing: shared, ledger: d.Ledger}, operators: &operators{
			plumbing: shared, ledger: d.Ledger, look: d.Look, statements: intake.Statements{
				Ledger: d.Ledger, Own: payments.NewAccounts(d.Methods.Beneficiary.IBAN), Now: d.Now, Log: d.Log,
			},
		},
		clients: &clients{plumbing: shared, events: d.Events, webhooks: d.Webhooks, reach: d.WebhookReach},
	}, nil
}

// Handler is the API with all its routes.
func (s *Server) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	// A redirect is no answer of the contract.
	r.RedirectTrailingSlash = false
	_ = r.SetTrustedProxies(nil)
	r.Use(s.observe, s.Recover, web.SecureHeaders, web.Deadlines())
	r.NoRoute(s.Serve(func(*gin.Context) error { return web.Refuse(web.ProblemNotFound, nil) }))
	r.NoMethod(s.Serve(func(*gin.Context) error { return web.Refuse(web.ProblemMethod, nil) }))

	r.GET("/healthz", s.Serve(s.getHealth))
	r.GET("/readyz", s.Serve(s.getReadiness))
	r.GET("/openapi.yaml", s.Serve(s.getContract))
	s.pages.Route(r.Group("", s.PlainTexts))
	for prefix, h := range s.mount {
		// Each bounds what it reads by itself.
		r.Any(prefix, gin.WrapH(h))
		r.Any(prefix+"/*rest", gin.WrapH(h))
	}

	v1 := r.Group("/v1", s.PlainTexts, s.LimitBody(s.limits.Body))
	s.public.route(v1)
	s.applicants.route(v1.Group("", s.Require(s.tokens, auth.ScopeApplicant)))
	s.managers.route(v1.Group("", s.Require(s.tokens, auth.ScopeManager)))
	s.gateways.route(v1.Group("", s.Require(s.tokens, auth.ScopeGateway)))
	s.operators.route(v1.Group("", s.Require(s.tokens, auth.ScopeOperator)))
	s.clients.routeEvents(v1.Group("", s.Require(s.tokens, auth.ScopeEvents)))
	s.clients.routeWebhooks(v1.Group("", s.Require(s.tokens, auth.ScopeWebhooks)))
	if s.renewals != nil {
		s.renewals.route(r.Group("", s.PlainTexts, s.LimitBody(s.limits.File+containerOverhead)))
	}
	// Three uploads have limits of their own.
	r.POST("/v1/cards/verification", s.PlainTexts, s.LimitBody(maxCard), s.Serve(s.public.verifyCard))
	r.POST("/v1/orders/:id/request", s.PlainTexts, s.LimitBody(s.limits.File+multipartOverhead), s.Require(s.tokens, auth.ScopeApplicant),
		s.Serve(s.applicants.submitRequest))
	r.POST("/v1/payments/statements", s.PlainTexts, s.LimitBody(s.limits.Statement), s.Require(s.tokens, auth.ScopeOperator),
		s.Serve(s.operators.importStatement))
	return r
}

func (s *Server) observe(c *gin.Context) {
	started := time.Now()
	end := func(string, string, int) {}
	if s.traced != nil {
		ctx, ended := s.traced(c.Request)
		c.Request, end = c.Request.WithContext(ctx), ended
	}
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	end(route, subjectOf(c), c.Writer.Status())
	if s.observed != nil {
		s.observed(c.Request.Method, route, c.Writer.Status(), time.Since(started))
	}
}

// subjectOf is the id in the path; empty when there is none, or something else.
func subjectOf(c *gin.Context) string {
	id, err := order.ParseID(c.Param("id"))
	if err != nil {
		return ""
	}
	return id.String()
}
