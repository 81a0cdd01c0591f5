package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Drafts are the applicant's own steps; see draft.Service.
type Drafts interface {
	Admit(a draft.Applicant, service order.Service) error
	Open(ctx context.Context, a draft.Applicant, service order.Service, language string) (rec order.Record, resumed bool, err error)
	AcceptTerms(ctx context.Context, rec order.Record, agreementVersion, contractVersion string) (order.Record, error)
	Upload(ctx context.Context, rec order.Record, a draft.Applicant, u draft.Upload) (order.Record, order.Report, error)
	Withdraw(ctx context.Context, rec order.Record) error
}

// Withdrawals ask the workflow of an order to end at its applicant's wish
// (S10). Errors: order.ErrPaid, order.ErrStage.
type Withdrawals interface {
	Withdraw(ctx context.Context, rec order.Record) error
}

// Orders reads orders. Error: order.ErrNotFound.
type Orders interface {
	Order(ctx context.Context, id order.ID) (postgres.OrderView, error)
	// OrderVersion reads only how often the order has changed.
	OrderVersion(ctx context.Context, id order.ID) (int64, error)
	// OrderAfter reads the record alone of an order that has no newer version.
	OrderAfter(ctx context.Context, id order.ID, version int64) (postgres.OrderView, error)
	OrdersOfApplicant(ctx context.Context, applicantKey string, since time.Time, page, size int) (postgres.OrderPage, error)
	LastContacts(ctx context.Context, applicantKey string) (order.Contacts, bool, error)
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

// shownFor is how long ended orders stay in the list of current ones' history.
const shownFor = 366 * 24 * time.Hour

// applicants answer what an applicant does (scope applicant).
type applicants struct {
	*plumbing
	drafts      Drafts
	withdrawals Withdrawals
	orders      Orders
	payments    *payers
	credentials credentials
	activations Activations
	reminders   Reminders
	offer       Offer
	file        int64
	cards       *cards
	registers   Registers
}

func (a *applicants) route(g *gin.RouterGroup) {
	g.GET("/terms", a.Serve(a.getTerms))
	g.POST("/orders", a.Serve(a.openOrder))
	g.GET("/orders", a.Serve(a.listOrders))
	g.GET("/orders/:id", a.Serve(a.getOrder))
	g.POST("/orders/:id/terms", a.Serve(a.acceptTerms))
	g.POST("/orders/:id/withdrawal", a.Serve(a.withdrawOrder))
	g.GET("/orders/:id/payment", a.Serve(a.getPayment))
	g.POST("/orders/:id/payment", a.Serve(a.choosePayment))
	g.GET("/orders/:id/card", a.Serve(a.getCard))
	g.GET("/orders/:id/credentials", a.Serve(a.getCredentials))
	g.PUT("/orders/:id/contacts", a.Serve(a.correctContacts))
	g.POST("/renewals/:link", a.Serve(a.openRenewal))
	g.GET("/diagnosis", a.Serve(a.getDiagnosis))
	g.POST("/activations", a.Serve(a.reportActivation))
}
