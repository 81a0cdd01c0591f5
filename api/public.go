package api

import (
	"net/http"
	"net/netip"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Help is where people find more; empty addresses are left out.
type Help struct{ Instruction, Centres, Support string }

// public answers everybody, without a token: nothing in an answer names or
// belongs to a person.
type public struct {
	*plumbing
	payables Payables
	tariff   Tariff
	help     Help
	cards    *cards
	// address tells who asks, for limits.
	address func(*http.Request) netip.Addr
}

func (p *public) route(r *gin.RouterGroup) {
	r.GET("/payments/status/:number", p.Serve(p.getPaymentStatus))
	r.GET("/tariff", p.Serve(p.getTariff))
	r.GET("/help", p.Serve(p.getHelp))
}

// spend counts a question of a network, so that nobody walks through the numbers.
func (p *public) spend(c *gin.Context, action web.Action) error {
	return p.rates.Spend(action, storage.Network(p.address(c.Request)), p.now())
}

// getTariff tells what certificates cost before anybody orders one (P7).
func (p *public) getTariff(c *gin.Context) error {
	out := contract.Tariff{Currency: payments.BYN, Prices: []contract.Price{}}
	for _, line := range p.tariff.Offered(p.now()) {
		out.Prices = append(out.Prices, contract.Price{
			Service: line.Service, Kind: line.Kind, Years: line.Years, Amount: line.Amount.String(), From: line.From,
		})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

func (p *public) getHelp(c *gin.Context) error {
	c.JSON(http.StatusOK, contract.Help{
		Instruction: p.help.Instruction, RegistrationCentres: p.help.Centres, Support: p.help.Support, Fszn: p.Texts(c).Notes["fszn"],
	})
	return nil
}
