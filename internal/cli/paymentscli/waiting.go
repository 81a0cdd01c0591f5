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

// waiting finds the payment that is meant: by the payment number
// (NOAIS000092239) under which exactly one waits for an operator, by its
// reference (assist:5999/Approved, the source may be left out), or by its id.
func waiting(ctx context.Context, ledger *postgres.Ledger, text string) (string, error) {
	if _, err := order.ParseID(text); err == nil {
		return text, nil
	}
	n, err := payments.NormalizeNumber(text)
	if err != nil {
		found, err := ledger.ByReference(ctx, text)
		return theOne(text, found, err)
	}
	unapplied, err := list(ctx, ledger, payments.PaymentUnapplied)
	if err != nil {
		return "", err
	}
	var ids, references []string
	for _, e := range unapplied {
		if carries(e.Number, n) {
			ids, references = append(ids, e.ID.String()), append(references, reference(e))
		}
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("no payment waits under %s: issuance payments list shows those that do", n.ERIP())
	case 1:
		return ids[0], nil
	default:
		return "", fmt.Errorf("%d payments wait under %s; name one by its reference: %s", len(ids), n.ERIP(), strings.Join(references, ", "))
	}
}

func theOne(reference string, found []string, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("%q: no payment has this reference; issuance payments list shows them, a payment number (%s) will do too",
			reference, order.PaymentNumber(123).ERIP())
	case len(found) > 1:
		return "", fmt.Errorf("%d payments have the reference %q; name one by its id: %s", len(found), reference, strings.Join(found, ", "))
	default:
		return found[0], nil
	}
}

// carries tells whether the number stands in what the payer has written.
func carries(written string, n order.PaymentNumber) bool {
	if found, err := payments.NormalizeNumber(written); err == nil {
		return found == n
	}
	return slices.Contains(payments.FindTokens(written), n.ERIP()) || slices.Contains(payments.FindTokens(written), n.ClientBank())
}
