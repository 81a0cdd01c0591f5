package intake

import (
	"context"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// Cards asks ASSIST for the money that moved under a number: it implements
// payments.CardGateway.
type Cards struct{ Gateway *assist.Gateway }

// clocksDiffer is by how much the gateway's clock may be behind that of the
// machine that opened the payment. The number is asked for, which is of this
// payment alone: an early beginning finds nothing else.
const clocksDiffer = 24 * time.Hour

// Events gives every attempt, refund and time-out under the number, with the
// ids that pushes of the same events have. Reversals come first: a payment that
// was taken back in the meantime must not pay even for a moment.
func (c Cards) Events(ctx context.Context, number order.PaymentNumber, created time.Time) ([]payments.Notification, error) {
	status, err := c.Gateway.OrderResult(ctx, number, created.Add(-clocksDiffer))
	if err != nil {
		return nil, err
	}
	events := c.Gateway.Notifications(status)
	slices.SortStableFunc(events, func(a, b payments.Notification) int { return rank(a) - rank(b) })
	return events, nil
}

func rank(n payments.Notification) int {
	if n.Kind == payments.KindReversal {
		return 0
	}
	return 1
}
