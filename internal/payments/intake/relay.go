package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/loop"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// RelayInterval is how often the ledger is looked into without a wake-up.
const RelayInterval = 5 * time.Second

// ErrNobodyWaits is returned by a Teller whose workflow is closed or never was.
var ErrNobodyWaits = errors.New("nobody waits for the payment")

// Deliveries is where payments wait until their workflows know of them.
type Deliveries interface {
	// Undelivered claims payments, the oldest first; telling twice is harmless.
	Undelivered(ctx context.Context, limit int) ([]payments.Delivery, error)
	MarkDelivered(ctx context.Context, paymentID string) error
}

// Teller tells workflows of their payment; ErrNobodyWaits when nobody is there.
// Closed are the workflows of orders that could not be told.
type Teller interface {
	TellPayment(ctx context.Context, d payments.Delivery) (closed []string, err error)
}

// Unapplier keeps a whole payment that nobody can use for an operator (P4).
type Unapplier interface {
	Unapply(ctx context.Context, paymentID string, reason payments.Reason) error
}

// relayBatch is how many payments are told at a time.
const relayBatch = 100

// Relay tells workflows of the payments that the ledger has applied, again and
// again until each has been told: a payment is never lost on its way (P6).
type Relay struct {
	Ledger    Deliveries
	Workflows Teller
	Unapplied Unapplier
	// Wake tells that a payment was applied; Interval is how often the ledger
	// is looked into anyway.
	Wake     <-chan struct{}
	Interval time.Duration
	Log      *slog.Logger
}

// Run works until the context ends.
func (r *Relay) Run(ctx context.Context) {
	loop.Every{
		Interval: r.Interval, Wake: r.Wake, Log: r.Log, Failed: "payments not told to their workflows, tried again",
	}.Run(ctx, r.Sweep)
}

// Sweep tells every payment that waits, once.
func (r *Relay) Sweep(ctx context.Context) error {
	for {
		batch, err := r.Ledger.Undelivered(ctx, relayBatch)
		if err != nil {
			return err
		}
		failures := make([]error, 0, len(batch))
		for _, d := range batch {
			failures = append(failures, r.tell(ctx, d))
		}
		if err := errors.Join(failures...); err != nil || len(batch) < relayBatch {
			return err
		}
	}
}

func (r *Relay) tell(ctx context.Context, d payments.Delivery) error {
	closed, err := r.Workflows.TellPayment(ctx, d)
	for _, id := range closed {
		r.Log.ErrorContext(ctx, "the workflow of a paid order is closed although the order is not: start it again", "payment", d.PaymentID, "workflow", id)
	}
	if errors.Is(err, ErrNobodyWaits) && d.Open {
		return fmt.Errorf("payment %s: workflow %s has to run and does not, start it again: %w", d.PaymentID, d.WorkflowID, err)
	}
	if errors.Is(err, ErrNobodyWaits) {
		r.Log.WarnContext(ctx, "payment for a closed workflow is kept as unapplied", "payment", d.PaymentID, "workflow", d.WorkflowID)
		err = r.Unapplied.Unapply(ctx, d.PaymentID, payments.ReasonClosed)
	}
	if err != nil {
		return err
	}
	return r.Ledger.MarkDelivered(ctx, d.PaymentID)
}
