package invoice

import (
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/qr"
)

// Office makes the documents of each payment method with what is configured for it.
type Office struct {
	// Assist is the card gateway; nil when cards are not taken.
	Assist *assist.Gateway
	// ERIPServiceCode is our leaf of the ERIP tree.
	ERIPServiceCode string
	// ERIPPaths are the paths to the leaf by service, as ERIP shows them (P2).
	ERIPPaths   map[order.Service][]string
	Beneficiary Beneficiary
}

// CardDocument is how to pay by card.
type CardDocument struct {
	// Page is the form that takes the payer's browser to the pay page.
	Page assist.PayPage
}

// Return tells where the payer's browser goes after the attempt.
type Return struct {
	// OK and Failed are where it goes after a payment and after anything else;
	// at most 256 characters each.
	OK, Failed string
	Language   assist.Language
}

// Card makes the form of the pay page.
func (o Office) Card(i Invoice, back Return) (CardDocument, error) {
	if o.Assist == nil {
		return CardDocument{}, errors.New("invoice: payment by card is not configured")
	}
	page, err := o.Assist.PayPage(assist.Order{
		Number: i.number, Amount: i.total, Language: back.Language, ReturnURL: back.Failed, ReturnOK: back.OK, ReturnNo: back.Failed,
	})
	if err != nil {
		return CardDocument{}, fmt.Errorf("invoice: %w", err)
	}
	return CardDocument{Page: page}, nil
}

// ERIPDocument is how to pay in ERIP.
type ERIPDocument struct {
	// Number is what the payer types, NOAIS and nine digits.
	Number string
	// Tree is the path in ERIP, from its root.
	Tree []string
	// Link opens the payment in a banking program; QR codes carry it.
	Link string
	// SVG and PNG are the QR code.
	SVG, PNG []byte
}

// pngScale makes a picture large enough to scan from a screen and from paper.
const pngScale = 6

// ERIP makes the number, the path of the service and the QR code.
func (o Office) ERIP(i Invoice, service order.Service) (ERIPDocument, error) {
	payload, err := qr.Payload(qr.Payment{
		ServiceCode: o.ERIPServiceCode, Account: i.number.ERIP(), Amount: i.total, UNP: o.Beneficiary.UNP(),
	})
	if err != nil {
		return ERIPDocument{}, fmt.Errorf("invoice: %w", err)
	}
	d := ERIPDocument{Number: i.number.ERIP(), Tree: o.ERIPPaths[service], Link: qr.Link(payload)}
	if len(d.Tree) == 0 {
		return ERIPDocument{}, fmt.Errorf("invoice: no path in ERIP is configured for %s", service)
	}
	if d.SVG, err = qr.SVG(d.Link, "ЕРИП "+d.Number); err != nil {
		return ERIPDocument{}, fmt.Errorf("invoice: %w", err)
	}
	if d.PNG, err = qr.PNG(d.Link, pngScale); err != nil {
		return ERIPDocument{}, fmt.Errorf("invoice: %w", err)
	}
	return d, nil
}

// BankDocument is how to pay by bank transfer.
type BankDocument struct {
	// Purpose is the exact text to write into the purpose of payment.
	Purpose string
	// FileName is a name for the PDF, in ASCII.
	FileName string
	PDF      []byte
}

// Bank makes the invoice. The payer must be known, because only their own
// transfer is accepted (P3).
func (o Office) Bank(i Invoice) (BankDocument, error) {
	if i.payer.Name == "" || i.payer.UNP == "" {
		return BankDocument{}, errors.New("invoice: the payer of a bank transfer must be known")
	}
	if o.Beneficiary == (Beneficiary{}) {
		return BankDocument{}, errors.New("invoice: payment by bank transfer is not configured")
	}
	pdf, err := PDF(i, o.Beneficiary)
	if err != nil {
		return BankDocument{}, err
	}
	return BankDocument{Purpose: o.Beneficiary.Purpose(i.number), FileName: "invoice-" + i.number.ClientBank() + ".pdf", PDF: pdf}, nil
}
