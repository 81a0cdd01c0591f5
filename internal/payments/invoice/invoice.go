// Package invoice makes what a payer needs for each way of paying (P1–P3): the
// form of the card gateway, the number, tree path and QR code for ERIP, and
// the invoice for a bank transfer as PDF.
package invoice

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Line is one position of what is to be paid.
type Line struct {
	// Title is written as it is, in Russian.
	Title string
	// Years is the term of a certificate; 0 for what has none.
	Years    int
	Quantity int
	Price    order.Kopecks
}

// Sum is the price of the whole line.
func (l Line) Sum() order.Kopecks { return l.Price * order.Kopecks(l.Quantity) }

// Payer is who has to pay by bank transfer: the organisation itself (P3).
type Payer struct{ Name, UNP string }

// Invoice is what is to be paid, whatever the way. Make one with New.
type Invoice struct {
	number        order.PaymentNumber
	issuedAt, due time.Time
	payer         Payer
	lines         []Line
	total         order.Kopecks
}

// maxLine keeps sums far from the limits of an int64.
const maxLine order.Kopecks = 1_000_000_000_00

// New checks an invoice. Due is the first instant at which it is too late to
// pay; the payer may be empty where a person pays by card or in ERIP.
func New(number order.PaymentNumber, issuedAt, due time.Time, payer Payer, lines []Line) (Invoice, error) {
	if _, err := order.NewPaymentNumber(int64(number)); err != nil {
		return Invoice{}, fmt.Errorf("invoice: %w", err)
	}
	if len(lines) == 0 || !due.After(issuedAt) {
		return Invoice{}, errors.New("invoice: needs lines, and a term after its date")
	}
	inv := Invoice{number: number, issuedAt: issuedAt, due: due, payer: payer, lines: append([]Line(nil), lines...)}
	for i, l := range lines {
		if strings.TrimSpace(l.Title) == "" || l.Quantity < 1 || l.Quantity > 100_000 || l.Years < 0 || l.Price <= 0 || l.Price > maxLine {
			return Invoice{}, fmt.Errorf("invoice: line %d needs a title, a quantity and a price", i+1)
		}
		inv.total += l.Sum()
	}
	return inv, nil
}

// Total is the sum of all lines.
func (i Invoice) Total() order.Kopecks { return i.total }

// Lines are the positions.
func (i Invoice) Lines() []Line { return append([]Line(nil), i.lines...) }

// Beneficiary is who receives bank transfers (P9). Make one with NewBeneficiary.
type Beneficiary struct{ d BeneficiaryDetails }

// BeneficiaryDetails are the details as configured.
type BeneficiaryDetails struct {
	Name string
	// IBAN is the account, with or without blanks.
	IBAN string
	Bank string
	BIC  string
	UNP  string
	// PurposeCode is the code of the purpose of payment; empty when the
	// bank asks for none.
	PurposeCode string
	// PurposeText follows the payment number in the purpose.
	PurposeText string
	// Address, Phone, OKPO and Contract stand on invoices where they are given.
	Address, Phone, OKPO, Contract string
	VAT                            VAT
}

// VAT is what an invoice says about value added tax.
type VAT struct {
	// Said tells whether it says anything.
	Said bool
	// Percent is what prices include; 0 says that there is none.
	Percent int
}

// Included is the tax in an amount, rounded to the nearest kopeck.
func (v VAT) Included(amount order.Kopecks) order.Kopecks {
	whole := order.Kopecks(100 + v.Percent)
	return (amount*order.Kopecks(v.Percent) + whole/2) / whole
}

// NewBeneficiary checks the details: money sent by wrong ones is hard to find.
func NewBeneficiary(d BeneficiaryDetails) (Beneficiary, error) {
	for name, v := range map[string]string{"name": d.Name, "bank": d.Bank, "purpose text": d.PurposeText} {
		if strings.TrimSpace(v) == "" {
			return Beneficiary{}, fmt.Errorf("beneficiary: no %s", name)
		}
	}
	account, err := payments.ParseIBAN(d.IBAN)
	if err != nil {
		return Beneficiary{}, fmt.Errorf("beneficiary: account: %w", err)
	}
	bank, err := payments.ParseBIC(d.BIC)
	if err != nil {
		return Beneficiary{}, fmt.Errorf("beneficiary: bank: %w", err)
	}
	unp, err := order.ParseUNP(d.UNP)
	if err != nil {
		return Beneficiary{}, fmt.Errorf("beneficiary: %w", err)
	}
	if d.VAT.Percent < 0 || d.VAT.Percent > 99 {
		return Beneficiary{}, errors.New("beneficiary: VAT: want 0 to 99 percent")
	}
	d.IBAN, d.BIC, d.UNP = string(account), string(bank), string(unp)
	return Beneficiary{d: d}, nil
}

// UNP is the beneficiary's taxpayer number.
func (b Beneficiary) UNP() string { return b.d.UNP }

// Purpose is the exact text to write into the purpose of payment: the number
// first, with a blank behind it and nothing stuck to it (P3).
func (b Beneficiary) Purpose(n order.PaymentNumber) string {
	return n.ClientBank() + " " + strings.TrimSpace(b.d.PurposeText)
}
