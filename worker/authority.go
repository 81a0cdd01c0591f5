package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// authority is the certification authority as activities see it.
type authority struct{ *issuance.Authority }

// Issue gives the order's one certificate: see activities.Authority.
func (a authority) Issue(ctx context.Context, orderID order.ID) (activities.Issued, error) {
	issued, err := a.Authority.Issue(ctx, orderID)
	if errors.Is(err, issuance.ErrNotProven) {
		return activities.Issued{}, fmt.Errorf("%w: %w", activities.ErrNotProven, err)
	}
	if errors.Is(err, issuance.ErrRevoked) {
		return activities.Issued{}, fmt.Errorf("%w: %w", activities.ErrRevoked, err)
	}
	return activities.Issued{
		SerialNumber: issued.SerialNumber, PaymentID: issued.PaymentID, Channels: channels(issued.Contacts),
	}, err
}

// channels are those by which a person can be reached (I4).
func channels(c order.Contacts) []activities.Channel {
	var out []activities.Channel
	if c.Email != "" {
		out = append(out, activities.ChannelEmail)
	}
	if c.Phone != "" {
		out = append(out, activities.ChannelSMS)
	}
	return out
}
