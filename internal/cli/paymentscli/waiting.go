package paymentscli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// waiting finds the payment that is meant: by its id, or by the payment number
// (NOAIS000092239) under which exactly one waits for an operator.
func waiting(ctx context.Context, ledger *postgres.Ledger, text string) (string, error) {
	if _, err := order.ParseID(text); err == nil {
		return text, nil
	}
	n, err := payments.NormalizeNumber(text)
	if err != nil {
		return "", fmt.Errorf("%q: want the id of a payment or a payment number (%s)", text, order.PaymentNumber(123).ERIP())
	}
	unapplied, err := list(ctx, ledger, payments.PaymentUnapplied)
	if err != nil {
		return "", err
	}
	var ids []string
	for _, e := range unapplied {
		if carries(e.Number, n) {
			ids = append(ids, e.ID.String())
		}
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("no payment waits under %s: issuance payments list shows those that do", n.ERIP())
	case 1:
		return ids[0], nil
	default:
		return "", fmt.Errorf("%d payments wait under %s; name one by its id: %s", len(ids), n.ERIP(), strings.Join(ids, ", "))
	}
}

// carries tells whether the number stands in what the payer has written.
func carries(written string, n order.PaymentNumber) bool {
	if found, err := payments.NormalizeNumber(written); err == nil {
		return found == n
	}
	return slices.Contains(payments.FindTokens(written), n.ERIP()) || slices.Contains(payments.FindTokens(written), n.ClientBank())
}
