package issuance

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Stored is what the database has about an order in the transaction that
// reserves its certificate: nothing of it was told by a workflow.
type Stored struct {
	// At is the database's clock.
	At        time.Time
	Order     order.Record
	Checked   order.CheckedRequest
	Registers order.Report
	// Approving is the confirmation whose signed list is said to name the
	// order; nil when there is none.
	Approving *order.Confirmation
	Payment   *Payment
	// Documents reads stored documents in the same transaction; those that are
	// not there are left out.
	Documents func(ctx context.Context, ids ...order.ID) (map[order.ID]order.Document, error)
}
