package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// gateways answer payment gateways that speak this API (scope gateway); those
// with a format of their own are in gateway_formats.go.
type gateways struct {
	*plumbing
	ledger Ledger
}

func (g *gateways) route(r *gin.RouterGroup) { r.POST("/payments/notifications", g.Serve(g.notify)) }

// notify keeps what a gateway reports; it is answered when the payment is on
// disk (P6). The worker tells the workflow.
func (g *gateways) notify(c *gin.Context) error {
	if err := web.MediaType(c, "application/json"); err != nil {
		return err
	}
	raw, err := web.Body(c)
	if err != nil {
		return err
	}
	n, err := g.notification(raw)
	if err != nil {
		return err
	}
	decision, err := g.ledger.Record(c, n)
	if err != nil {
		return err
	}
	payment, err := g.ledger.Payment(c, decision.PaymentID)
	if err != nil {
		return err
	}
	entry, err := ledgerEntry(payment)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entry)
	return nil
}

func (g *gateways) notification(raw []byte) (payments.Notification, error) {
	var in contract.PaymentNotification
	if err := web.DecodeForeign(raw, &in); err != nil {
		return payments.Notification{}, err
	}
	source, err := payments.ParseSource(string(in.Source))
	if err != nil || source == payments.SourceManual || in.ExternalID == "" || in.OccurredAt.IsZero() || len(in.Currency) != 3 ||
		web.Longer(in.ExternalID, 128) || web.Longer(in.Number, 256) || web.Longer(in.Amount, 20) || web.Longer(in.PayerUNP, 16) {
		return payments.Notification{}, web.Invalid("body")
	}
	amount, err := order.ParseKopecks(in.Amount)
	if err != nil {
		return payments.Notification{}, web.Invalid("amount")
	}
	return payments.Notification{
		Source: source, Kind: payments.KindPayment, ExternalID: in.ExternalID,
		Bill: payments.BillOf(source, in.ExternalID), Raw: raw, Number: in.Number, Amount: amount, Currency: in.Currency, PayerUNP: in.PayerUNP, ReceivedAt: g.now(), OccurredAt: in.OccurredAt,
	}, nil
}
