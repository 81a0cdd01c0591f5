package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// getPaymentStatus tells whoever has a payment number how it stands.
func (p *public) getPaymentStatus(c *gin.Context) error {
	if err := p.spend(c, web.ActionPaymentStatus); err != nil {
		return err
	}
	number, err := payments.NormalizeNumber(c.Param("number"))
	if err != nil {
		return web.Invalid("number")
	}
	status, err := p.payables.Status(c.Request.Context(), number)
	switch {
	case errors.Is(err, order.ErrNotFound):
		return web.Refuse(web.ProblemUnknownNumber, nil)
	case err != nil:
		return err
	}
	c.JSON(http.StatusOK, paymentStatusView(status, p.Texts(c)))
	return nil
}

func paymentStatusView(s postgres.PaymentStatus, t *web.Texts) contract.PaymentStatus {
	v := contract.PaymentStatus{
		Number: s.Number.ERIP(), Amount: s.Total.String(), Currency: payments.BYN, State: contract.PaymentState(s.State),
		Received: s.Applied.String(), Waiting: s.Waiting.String(),
	}
	key := string(s.State)
	switch s.State {
	case payments.PayableOpen:
		v.PayBy = inMinsk(s.Due)
		v.Next.WaitsFor, v.Next.Until = order.ActorPayer, v.PayBy
	case payments.PayablePaid:
		v.Next.WaitsFor = order.ActorSystem
	case payments.PayableClosed:
		v.Next.WaitsFor = order.ActorNobody
	}
	if s.Waiting > 0 {
		key += "-waiting"
		v.Next.WaitsFor = order.ActorSystem
	}
	v.Next.Text = t.Payments[key]
	return v
}
