package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Ledger is where payments wait until their workflows know of them.
type Ledger interface {
	Undelivered(ctx context.Context, limit int) ([]postgres.Delivery, error)
	MarkDelivered(ctx context.Context, paymentID string) error
}

// PaymentSignals tells workflows of payments; ErrClosed when nobody is there.
type PaymentSignals interface {
	SignalPayment(ctx context.Context, workflowID, paymentID string) error
}

// Unapplier keeps payments that nobody can use for an operator.
type Unapplier interface {
	Unapply(ctx context.Context, paymentID string, reason payments.Reason) error
}

// relayBatch is how many payments are told at a time.
const relayBatch = 100

// Relay tells workflows of the payments that the ledger has applied, again and
// again until each has been told: a payment is never lost on its way (P6).
type Relay struct {
	Ledger    Ledger
	Signals   PaymentSignals
	Unapplied Unapplier
	// Wake tells that a payment was applied; Interval is how often the ledger
	// is looked into anyway.
	Wake     <-chan struct{}
	Interval time.Duration
	Log      *slog.Logger
}

// Run works until the context ends.
func (r *Relay) Run(ctx context.Context) {
	tick := time.NewTicker(r.Interval)
	defer tick.Stop()
	for {
		if err := r.Sweep(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("payments not told to their workflows, tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.Wake:
		}
	}
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

func (r *Relay) tell(ctx context.Context, d postgres.Delivery) error {
	err := r.Signals.SignalPayment(ctx, d.WorkflowID, d.PaymentID)
	if errors.Is(err, ErrClosed) {
		r.Log.Warn("payment for a closed workflow is kept as unapplied", "payment", d.PaymentID, "workflow", d.WorkflowID)
		err = r.Unapplied.Unapply(ctx, d.PaymentID, payments.ReasonClosed)
	}
	if err != nil {
		return err
	}
	return r.Ledger.MarkDelivered(ctx, d.PaymentID)
}
