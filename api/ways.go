package api

import (
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/invoice"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// purposeText follows the payment number in the purpose of a bank payment.
const purposeText = "оплата услуг по изданию сертификатов"

// paymentWays makes the offices of the ways that are configured (P1, P9).
func paymentWays(base *process.Base, c config.API) (Ways, error) {
	w := Ways{ReturnURL: c.HTTP.PublicURL.String()}
	if c.Assist.Enabled() {
		gateway, err := process.CardGateway(c.Assist)
		if err != nil {
			return w, err
		}
		w.Office.Assist = gateway
		w.Configured = append(w.Configured, payments.SourceAssist)
	}
	if c.ERIP.Enabled() {
		w.Office.ERIPServiceCode = c.ERIP.ServiceNo
		w.Configured = append(w.Configured, payments.SourceERIP)
	}
	if c.Beneficiary.Enabled() {
		b := c.Beneficiary
		w.Beneficiary = invoice.BeneficiaryDetails{
			Name: b.Name, IBAN: string(b.IBAN), Bank: b.Bank, BIC: string(b.BIC), UNP: string(b.UNP.UNP),
			PurposeCode: b.PurposeCode, PurposeText: purposeText,
		}
		office, err := invoice.NewBeneficiary(w.Beneficiary)
		if err != nil {
			return w, err
		}
		w.Office.Beneficiary = office
		w.Configured = append(w.Configured, payments.SourceClientBank)
	}
	base.Log.Info("ways of payment", "configured", w.Configured)
	return w, nil
}
