package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// startedBy is how long the API has to start a workflow itself.
const startedBy = 5 * time.Second

// starter starts workflows; one that runs already is no error.
type starter interface {
	StartOrder(ctx context.Context, o order.Record) error
	StartConfirmation(ctx context.Context, c order.Confirmation) error
}

// unstartedOrders are orders whose workflow nobody has started.
type unstartedOrders interface {
	Unstarted(ctx context.Context, before time.Time, limit int) ([]order.Record, error)
	MarkStarted(ctx context.Context, id order.ID) error
}

// unstartedConfirmations are confirmations whose workflow nobody has started.
type unstartedConfirmations interface {
	Unstarted(ctx context.Context, before time.Time, limit int) ([]order.Confirmation, error)
	MarkStarted(ctx context.Context, id order.ID) error
}

// starts starts workflows that the API has not: it ended, or Temporal did not
// answer, between the commit and the start.
type starts struct {
	starter       starter
	orders        unstartedOrders
	confirmations unstartedConfirmations
	log           *slog.Logger
}

func (s starts) start(ctx context.Context, at time.Time) error {
	orders, err := s.orders.Unstarted(ctx, at.Add(-startedBy), jobBatch)
	errs := []error{err}
	for _, o := range orders {
		err := s.starter.StartOrder(ctx, o)
		if err == nil {
			s.log.WarnContext(ctx, "workflow of an order started late", "order", o.ID.String())
			err = s.orders.MarkStarted(ctx, o.ID)
		}
		errs = append(errs, err)
	}
	confirmations, err := s.confirmations.Unstarted(ctx, at.Add(-startedBy), jobBatch)
	errs = append(errs, err)
	for _, c := range confirmations {
		err := s.starter.StartConfirmation(ctx, c)
		if err == nil {
			s.log.WarnContext(ctx, "workflow of a confirmation started late", "confirmation", c.ID.String())
			err = s.confirmations.MarkStarted(ctx, c.ID)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
