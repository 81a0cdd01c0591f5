package clientbank

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Report says what a statement holds.
type Report struct {
	Format  Format         `json:"format"`
	Credits []CreditReport `json:"credits"`
	// Passed counts the entries that are no credits, by reason.
	Passed map[Skip]int `json:"passed"`
}

// CreditReport says of one credit which payment number stands in it.
type CreditReport struct {
	OperationID string `json:"operationId"`
	// BookedAt is the posting time as RFC 3339, empty when not told.
	BookedAt string `json:"bookedAt,omitempty"`
	// Amount is in units of the currency: 86.40.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	PayerUNP string `json:"payerUnp,omitempty"`
	// Number is the payment number found, with the prefix it stands there
	// with; empty when there is none or more than one.
	Number string `json:"number,omitempty"`
	// Numbers are all that stand in the purpose when there are several.
	Numbers []string `json:"numbers,omitempty"`
	// Reason tells why there is no number, or why the credit cannot pay
	// whatever its number: another account or currency, a reversal.
	Reason payments.Reason `json:"reason,omitempty"`
}

// DryRun reads a statement and reports every credit in it; own are our
// accounts. It needs no database: whether the number, the payer and the amount
// fit an order is not asked.
func DryRun(data []byte, own payments.Accounts) (Report, error) {
	statement, err := Parse(data)
	if err != nil {
		return Report{}, err
	}
	out := Report{Format: statement.Format, Credits: make([]CreditReport, 0, len(statement.Credits)), Passed: statement.Passed}
	reversed := map[string]int{}
	for _, c := range statement.Credits {
		if bill := c.bill(); c.Reversed && bill != "" {
			reversed[bill]++
		}
	}
	for _, c := range statement.Credits {
		r := report(c, own)
		if bill := c.bill(); r.Reason == payments.ReasonNone && reversed[bill] > 0 {
			reversed[bill]--
			r.Reason = payments.ReasonReversed
		}
		out.Credits = append(out.Credits, r)
	}
	return out, nil
}

func report(c Credit, own payments.Accounts) CreditReport {
	r := CreditReport{OperationID: c.OperationID, Amount: c.Amount.String(), Currency: c.Currency, PayerUNP: c.PayerUNP}
	if !c.BookedAt.IsZero() {
		r.BookedAt = c.BookedAt.Format(time.RFC3339)
	}
	n := c.Notification(time.Time{}, own)
	_, r.Reason = payments.Identify(n)
	switch tokens := payments.FindTokens(c.Purpose); {
	case len(tokens) == 1:
		r.Number = tokens[0]
	case len(tokens) > 1:
		r.Numbers = tokens
	}
	switch {
	case n.OtherAccount:
		r.Reason = payments.ReasonOtherAccount
	case c.Reversed:
		r.Reason = payments.ReasonReversed
	case r.Reason != payments.ReasonNone:
	case c.Currency != payments.BYN:
		r.Reason = payments.ReasonWrongCurrency
	}
	return r
}
