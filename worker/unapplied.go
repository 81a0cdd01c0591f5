package worker

import (
	"context"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// unapplied keeps payments that no workflow can use.
type unapplied struct{ payables *postgres.Payables }

// Unapply takes the whole payment from what it paid for.
func (u unapplied) Unapply(ctx context.Context, paymentID string, reason payments.Reason) error {
	id, err := order.ParseID(paymentID)
	if err != nil {
		return fmt.Errorf("payment %q: %w", paymentID, err)
	}
	return u.payables.ReportUnapplied(ctx, id, order.ID{}, reason)
}
