package api

import (
	"net/http"
	"strings"

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
	entry, err := LedgerEntry(payment)
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
	var wrong []string
	source, err := payments.ParseSource(string(in.Source))
	if err != nil || source == payments.SourceManual {
		wrong = append(wrong, "source")
	}
	if strings.TrimSpace(in.ExternalID) == "" || web.Longer(in.ExternalID, 128) {
		wrong = append(wrong, "externalId")
	}
	if web.Longer(in.Number, 256) {
		wrong = append(wrong, "number")
	}
	amount, err := order.ParseKopecks(in.Amount)
	if err != nil || web.Longer(in.Amount, 20) {
		wrong = append(wrong, "amount")
	}
	if len(in.Currency) != 3 {
		wrong = append(wrong, "currency")
	}
	if web.Longer(in.PayerUNP, 16) {
		wrong = append(wrong, "payerUnp")
	}
	if in.OccurredAt.IsZero() {
		wrong = append(wrong, "occurredAt")
	}
	if wrong != nil {
		return payments.Notification{}, web.Invalid(wrong...)
	}
	return payments.Notification{
		Source: source, Kind: payments.KindPayment, ExternalID: in.ExternalID,
		Bill: payments.BillOf(source, in.ExternalID), Raw: raw, Number: in.Number, Amount: amount, Currency: in.Currency, PayerUNP: in.PayerUNP, ReceivedAt: g.now(), OccurredAt: in.OccurredAt,
	}, nil
}
