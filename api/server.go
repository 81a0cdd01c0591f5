package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Dependencies are what the API is put together from.
type Dependencies struct {
	Log      *slog.Logger
	Temporal client.Client
	// TaskQueue is where the workers of this service listen.
	TaskQueue string
	Auth      Authenticator
	// Issuer says why the issuer of tokens has never answered, and nothing once
	// it has; nil where no issuer is asked.
	Issuer  func(context.Context) error
	Trust   approval.Validator
	Heads   activities.Heads
	Store   Store
	Keys    KeyManager
	Changes Changes
	Ways    Ways
	Secrets Secrets
	// Activations notes first sign-ins with new certificates.
	Activations Activator
	// StorageURL is the public address of the certificate storage.
	StorageURL string
	// Hash is the keyed hash of personal data for ids.
	Hash   func(text string) string
	Policy order.Policy
	Offer  Offer
	Limits Limits
	// Reach is which e-mail addresses letters can go to.
	Reach mailbox.Reach
	// Mount are handlers of other packages by path prefix: the storage page,
	// the codec of the Temporal UI, gateways' own formats.
	Mount map[string]http.Handler
	// Observe is told method, route template, status and duration of each request.
	Observe func(method, route string, status int, took time.Duration)
	Now     func() time.Time
}

// Limits bound what a request may carry.
type Limits struct {
	// File is the largest request file in octets.
	File int64
	// Body is the largest body of any other request in octets.
	Body int64
	// Statement is the largest bank statement in octets.
	Statement int64
}

// DefaultLimits are 64 KiB, 256 KiB and 20 MiB.
func DefaultLimits() Limits { return Limits{File: 64 << 10, Body: 256 << 10, Statement: 20 << 20} }

// Offer are the documents of S1 in the versions on offer.
type Offer struct {
	Agreement, Contract TermsDocument
}

// TermsDocument is one of them in its present version.
type TermsDocument struct {
	Version string `json:"version"`
	URL     string `json:"url"`
}

// Server answers the HTTP API.
type Server struct {
	Dependencies
	log       *slog.Logger
	catalogue *catalogue
	// decisionWait is how long a rejection waits to be seen in the read model.
	decisionWait time.Duration
}

// New puts the API together. It fails only when its own texts are broken.
func New(d Dependencies) (*Server, error) {
	c, err := loadCatalogue()
	if err != nil {
		return nil, err
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Server{Dependencies: d, log: d.Log, catalogue: c, decisionWait: decisionWait}, nil
}

// Handler is the API with all its routes.
func (s *Server) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.ContextWithFallback = true
	_ = r.SetTrustedProxies(nil)
	r.Use(s.observe, s.recover, secureHeaders)
	r.NoRoute(s.serve(func(*gin.Context) error { return refuse(problemNotFound, nil) }))
	r.NoMethod(s.serve(func(*gin.Context) error { return refuse(problemMethod, nil) }))

	r.GET("/healthz", s.serve(s.getHealth))
	r.GET("/readyz", s.serve(s.getReadiness))
	r.GET("/openapi.yaml", s.serve(s.getContract))
	for prefix, h := range s.Mount {
		r.Any(prefix, gin.WrapH(h))
		r.Any(prefix+"/*rest", gin.WrapH(h))
	}

	v1 := r.Group("/v1", s.limitBody(s.Limits.Body))
	s.routeApplicant(v1.Group("", s.require(auth.ScopeApplicant)))
	s.routeManager(v1.Group("", s.require(auth.ScopeManager)))
	s.routeGateway(v1.Group("", s.require(auth.ScopeGateway)))
	s.routeOperator(v1.Group("", s.require(auth.ScopeOperator)))
	// Two uploads have limits of their own.
	r.POST("/v1/orders/:id/request", s.require(auth.ScopeApplicant), s.limitBody(s.Limits.File+multipartOverhead), s.serve(s.submitRequest))
	r.POST("/v1/payments/statements", s.require(auth.ScopeOperator), s.limitBody(s.Limits.Statement), s.serve(s.importStatement))
	return r
}

func (s *Server) routeApplicant(g *gin.RouterGroup) {
	g.GET("/terms", s.serve(s.getTerms))
	g.POST("/orders", s.idempotent(s.openOrder))
	g.GET("/orders", s.serve(s.listOrders))
	g.GET("/orders/:id", s.serve(s.getOrder))
	g.POST("/orders/:id/terms", s.serve(s.acceptTerms))
	g.POST("/orders/:id/withdrawal", s.serve(s.withdrawOrder))
	g.GET("/orders/:id/payment", s.serve(s.getOrderPayment))
	g.POST("/orders/:id/payment", s.serve(s.chooseOrderPayment))
	g.GET("/orders/:id/credentials", s.serve(s.getCredentials))
	g.POST("/activations", s.serve(s.reportActivation))
}

func (s *Server) routeManager(g *gin.RouterGroup) {
	g.GET("/organisation/orders", s.serve(s.listOrganisationOrders))
	g.POST("/organisation/orders/:id/rejection", s.serve(s.rejectOrder))
	g.POST("/confirmations", s.idempotent(s.makeList))
	g.GET("/confirmations", s.serve(s.listConfirmations))
	g.GET("/confirmations/:id", s.serve(s.getConfirmation))
	g.GET("/confirmations/:id/list", s.serve(s.downloadList))
	g.POST("/confirmations/:id/signature", s.serve(s.signList))
	g.GET("/confirmations/:id/payment", s.serve(s.getConfirmationPayment))
	g.POST("/confirmations/:id/payment", s.serve(s.chooseConfirmationPayment))
	g.GET("/confirmations/:id/invoice", s.serve(s.downloadInvoice))
}

func (s *Server) routeGateway(g *gin.RouterGroup) {
	g.POST("/payments/notifications", s.serve(s.notifyPayment))
}

func (s *Server) routeOperator(g *gin.RouterGroup) {
	g.GET("/payments", s.serve(s.listPayments))
	g.POST("/payments/:id/assignment", s.serve(s.assignPayment))
	g.POST("/payments/:id/return", s.serve(s.returnPayment))
}
