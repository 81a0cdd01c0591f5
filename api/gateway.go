package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

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
	raw, err := web.Body(c)
	if err != nil {
		return err
	}
	var n payments.Notification
	if err = web.MediaType(c, "application/json"); err == nil {
		n, err = g.notification(raw)
	}
	if err != nil {
		return g.keep(c, raw, err)
	}
	decision, err := g.ledger.Record(c.Request.Context(), n)
	if err != nil {
		return err
	}
	payment, err := g.ledger.Payment(c.Request.Context(), decision.PaymentID)
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

// keep has an operator look at a message that cannot be read: its sender was let
// in, so it tells of money (P4). The sender is refused all the same, and hears
// what is wrong; what it sends instead is another event.
func (g *gateways) keep(c *gin.Context, raw []byte, refusal error) error {
	if len(raw) == 0 {
		return refusal
	}
	if _, err := g.ledger.Record(c.Request.Context(), unreadable(raw, g.now())); err != nil {
		return err
	}
	return refusal
}

// unreadable is the message with what of it can be read: the source, manual where
// it names none, and the number.
func unreadable(raw []byte, at time.Time) payments.Notification {
	var in struct{ Source, Number any }
	_ = json.Unmarshal(raw, &in)
	name, _ := in.Source.(string)
	source, err := payments.ParseSource(name)
	if err != nil {
		source = payments.SourceManual
	}
	n := payments.Unreadable(source, raw, at)
	if number, ok := in.Number.(string); ok && !web.Longer(number, maxNumber) {
		n.Number = number
	}
	return n
}

// maxNumber is the longest payment number, with what payers write around it, in characters.
const maxNumber = 256

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
	if web.Longer(in.Number, maxNumber) {
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
