package activities

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Approved tells an order which confirmation has taken it (M6).
type Approved struct {
	ConfirmationID order.ID            `json:"confirmationId"`
	Number         order.PaymentNumber `json:"number"`
	At             time.Time           `json:"at"`
}

// Signals tells workflows to look; ErrClosed when nobody is there to be told.
type Signals interface {
	Approved(ctx context.Context, to order.Record, in Approved) error
	// Issued tells a confirmation that its last certificate is out.
	Issued(ctx context.Context, to order.Confirmation) error
}

// signalsAtOnce bounds how many workflows are told at a time.
const signalsAtOnce = 16

// TellEach tells everybody, whatever becomes of the others. It gives those whose
// workflow is closed (ErrClosed), in their order; the errors of the rest are joined.
func TellEach[T any](everybody []T, tell func(to T) error) (closed []T, err error) {
	outcomes := make([]error, len(everybody))
	var telling errgroup.Group
	telling.SetLimit(signalsAtOnce)
	for i, to := range everybody {
		telling.Go(func() error {
			outcomes[i] = tell(to)
			return nil
		})
	}
	_ = telling.Wait()
	for i, outcome := range outcomes {
		if errors.Is(outcome, ErrClosed) {
			closed, outcomes[i] = append(closed, everybody[i]), nil
		}
	}
	return closed, errors.Join(outcomes...)
}
