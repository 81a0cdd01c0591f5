package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Approvals make lists and take signatures; see approval.Service.
type Approvals interface {
	Compose(ctx context.Context, in approval.Choice) (order.Confirmation, error)
	Sign(ctx context.Context, c order.Confirmation, signature []byte) (order.Confirmation, error)
}

// Confirmations reads what an organisation's manager works with. Error: order.ErrNotFound.
type Confirmations interface {
	Page(ctx context.Context, unp string, at time.Time, page, size int) (postgres.OrganisationPage, error)
	View(ctx context.Context, id order.ID) (postgres.ConfirmationView, error)
	// ConfirmationVersion reads only how often the confirmation has changed.
	ConfirmationVersion(ctx context.Context, id order.ID) (int64, error)
	Confirmations(ctx context.Context, unp string, since time.Time, page, size int) (postgres.ConfirmationPage, error)
}

// Rejections tell the workflow of an order that its manager said no (M4).
type Rejections interface {
	Reject(ctx context.Context, rec order.Record, managerKey, note string) error
}

// Documents reads documents. Error: order.ErrNotFound.
type Documents interface {
	Get(ctx context.Context, id order.ID) (order.Document, error)
}

// Tariff finds prices (P7).
type Tariff interface {
	Price(service order.Service, kind order.Kind, years int, at time.Time) (order.Kopecks, error)
	Offered(at time.Time) []order.Price
}

// managers answer what the head of an organisation does (scope manager).
type managers struct {
	*plumbing
	orders        Orders
	confirmations Confirmations
	approvals     Approvals
	rejections    Rejections
	documents     Documents
	payments      *payers
	tariff        Tariff
	cards         *cards
	// decisionWait is how long a rejection waits to be seen.
	decisionWait time.Duration
}

func (m *managers) route(g *gin.RouterGroup) {
	g.GET("/organisation/orders", m.Serve(m.listOrders))
	g.GET("/organisation/orders/:id", m.Serve(m.getOrder))
	g.GET("/organisation/orders/:id/card", m.Serve(m.getCard))
	g.POST("/organisation/orders/:id/rejection", m.Serve(m.rejectOrder))
	g.POST("/confirmations", m.Serve(m.makeList))
	g.GET("/confirmations", m.Serve(m.listConfirmations))
	g.GET("/confirmations/:id", m.Serve(m.getConfirmation))
	g.GET("/confirmations/:id/list", m.Serve(m.downloadList))
	g.POST("/confirmations/:id/signature", m.Serve(m.signList))
	g.GET("/confirmations/:id/payment", m.Serve(m.getPayment))
	g.POST("/confirmations/:id/payment", m.Serve(m.choosePayment))
	g.GET("/confirmations/:id/invoice", m.Serve(m.downloadInvoice))
}
