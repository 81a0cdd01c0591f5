package api

import (
	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/invoice"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// PaymentMethods makes the payer's document for each method that is configured (P1).
type PaymentMethods struct {
	Documents invoice.Office
	// Configured are the methods that can be offered at all.
	Configured  []payments.Source
	Beneficiary invoice.BeneficiaryDetails
	// PortalURL is where the payer's browser goes after the card page, to the
	// page of the payment.
	PortalURL string
}

// addDocument adds what the payer needs for the method they have chosen.
func (m PaymentMethods) addDocument(view *contract.Payment, b bill, inv invoice.Invoice) error {
	switch b.payable.Method {
	case payments.SourceAssist:
		card, err := m.Documents.Card(inv, invoice.Return{
			OK: m.PortalURL + b.page + "?card=paid", Failed: m.PortalURL + b.page + "?card=failed", Language: assist.Russian,
		})
		if err != nil {
			return err
		}
		view.Assist = contract.AssistPayment{URL: card.Page.Action, Fields: map[string]string{}}
		for _, f := range card.Page.Fields {
			view.Assist.Fields[f.Name] = f.Value
		}
	case payments.SourceERIP:
		doc, err := m.Documents.ERIP(inv, b.payable.Service)
		if err != nil {
			return err
		}
		view.ERIP = contract.ERIPPayment{Number: doc.Number, Path: doc.Tree, QR: doc.Link, QRSVG: string(doc.SVG)}
	case payments.SourceClientBank:
		d := m.Beneficiary
		view.Number = b.payable.Number.ClientBank()
		view.ClientBank = contract.BankPayment{
			Purpose: m.Documents.Beneficiary.Purpose(b.payable.Number), Invoice: b.invoiceURL,
			Beneficiary: contract.Beneficiary{Name: d.Name, Account: d.IBAN, Bank: d.Bank, BIC: d.BIC, UNP: d.UNP, PurposeCode: d.PurposeCode},
		}
	case payments.SourceManual:
	}
	return nil
}

// purposeText follows the payment number in the purpose of a bank payment.
const purposeText = "оплата услуг по изданию сертификатов"

// configuredMethods makes the documents of the methods that are configured (P1, P9).
func configuredMethods(base *process.Base, c config.API) (PaymentMethods, error) {
	m := PaymentMethods{PortalURL: c.Portal.URL.String(), Documents: invoice.Office{ERIPPaths: c.ERIPPaths.ByService()}}
	if c.Assist.Enabled() {
		gateway, err := process.CardGateway(c.Assist)
		if err != nil {
			return m, err
		}
		m.Documents.Assist = gateway
		m.Configured = append(m.Configured, payments.SourceAssist)
	}
	if c.ERIP.Enabled() {
		m.Documents.ERIPServiceCode = c.ERIP.ServiceNo
		m.Configured = append(m.Configured, payments.SourceERIP)
	}
	if c.Beneficiary.Enabled() {
		b := c.Beneficiary
		m.Beneficiary = invoice.BeneficiaryDetails{
			Name: b.Name, IBAN: string(b.IBAN), Bank: b.Bank, BIC: string(b.BIC), UNP: string(b.UNP.UNP),
			PurposeCode: b.PurposeCode, PurposeText: purposeText,
			Address: b.Address, Phone: b.Phone, OKPO: b.OKPO, Contract: b.Contract, VAT: invoice.VAT(b.VAT),
		}
		beneficiary, err := invoice.NewBeneficiary(m.Beneficiary)
		if err != nil {
			return m, err
		}
		m.Documents.Beneficiary = beneficiary
		m.Configured = append(m.Configured, payments.SourceClientBank)
	}
	base.Log.Info("payment methods", "configured", m.Configured)
	return m, nil
}
