package payments_test

import (
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// A bank transfer pays when the number, the payer and the amount all agree.
func ExampleMatch() {
	due := time.Date(2025, 6, 12, 0, 0, 0, 0, time.UTC)
	payable := &payments.Payable{
		Number: 92239, Amount: 8640, PayerUNP: "190000020", State: payments.PayableOpen, Due: due,
		Methods: []payments.Source{payments.SourceClientBank},
	}
	credit := payments.Notification{
		Source: payments.SourceClientBank, Kind: payments.KindPayment, ExternalID: "OP1", Number: "ROAIS000092239 за сертификаты",
		Amount: 8640, Currency: payments.BYN, PayerUNP: "190000020", OccurredAt: due.AddDate(0, 0, -1),
	}
	paid := payments.Match(credit, payable)
	fmt.Println(paid.Outcome)
	credit.PayerUNP = "191700161"
	kept := payments.Match(credit, payable)
	fmt.Println(kept.Outcome, kept.Reason)
	// Output:
	// applied
	// unapplied wrong-payer
}
