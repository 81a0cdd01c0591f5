package portaltest

import (
	"net/http"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
)

func (o *Organisation) payment(w http.ResponseWriter, _ *http.Request, c *confirmation) {
	if c.Number == "" {
		refuse(w, http.StatusConflict, "nothing-to-pay")
		return
	}
	answer(w, http.StatusOK, c.bill())
}

// bill is what the payer sees by the method that is chosen.
func (c *confirmation) bill() contract.Payment {
	p := contract.Payment{
		Number: c.Number, Amount: c.Total, Currency: "BYN", State: contract.Open, PayBy: c.PayBy, Method: c.method,
		Methods: []contract.PaymentMethod{contract.PaymentMethodAssist, contract.PaymentMethodERIP, contract.PaymentMethodClientBank},
	}
	for _, l := range c.Orders {
		p.Lines = append(p.Lines, contract.PaymentLine{OrderID: l.ID, Name: l.Name, Years: l.Years, Amount: l.Amount})
	}
	if c.paid {
		p.State = contract.Paid
		return p
	}
	switch c.method {
	case contract.PaymentMethodAssist:
		p.Assist = contract.AssistPayment{URL: "https://pay.example.by/pay", Fields: map[string]string{"OrderNumber": c.Number, "OrderAmount": c.Total}}
	case contract.PaymentMethodERIP:
		p.ERIP = contract.ERIPPayment{
			Number: c.Number, Path: []string{"ЕРИП", "Электронное правительство", "Услуги без сборного платежа"}, QR: "https://pay.example.by/" + c.Number,
			QRSVG: drawing,
		}
	case contract.PaymentMethodClientBank:
		p.Number = strings.Replace(c.Number, "NOAIS", "ROAIS", 1)
		p.ClientBank = contract.BankPayment{
			Purpose: p.Number + " оплата услуг по изданию сертификатов", Invoice: "/v1/confirmations/" + c.ID.String() + "/invoice",
			Beneficiary: contract.Beneficiary{Name: "Получатель", Account: "BY13NBRB3600900000002Z00AB00", Bank: "Банк", BIC: "NBRBBY2X", UNP: "190000018"},
		}
	}
	return p
}

func (o *Organisation) chooseMethod(w http.ResponseWriter, r *http.Request, c *confirmation) {
	in, ok := wanted[contract.ChoosePaymentMethod](w, r)
	if ok {
		c.method = in.Method
		answer(w, http.StatusOK, c.bill())
	}
}

func (o *Organisation) invoice(w http.ResponseWriter, _ *http.Request, c *confirmation) {
	if c.paid {
		refuse(w, http.StatusConflict, "nothing-to-pay")
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write([]byte("%PDF-1.7 invoice"))
}
