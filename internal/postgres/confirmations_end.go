package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// change takes a step of a confirmation whose row is locked.
func (s *Confirmations) change(
	ctx context.Context, what string, id order.ID, step func(q *db.Queries, c order.Confirmation, out *changes) error,
) error {
	err := deciding(ctx, s.pool, func(q *db.Queries, out *changes) error {
		c, err := lockConfirmation(ctx, q, id)
		if err != nil {
			return err
		}
		return step(q, c, out)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Paid shows the confirmation as paid by what the ledger has applied to it
// (I1). Repeating it changes nothing. Errors: order.ErrNotFound,
// order.ErrUnpaid when that is nothing, order.ErrStage.
func (s *Confirmations) Paid(ctx context.Context, id order.ID, at time.Time) (order.Confirmation, error) {
	var next order.Confirmation
	err := s.change(ctx, "confirmation paid", id, func(q *db.Queries, c order.Confirmation, out *changes) error {
		next = c
		if c.Stage == order.ConfirmationIssuing || c.Stage == order.ConfirmationFinished {
			return nil
		}
		if c.Stage != order.ConfirmationPayment {
			return order.ErrStage
		}
		y, err := q.LockPayable(ctx, uuid.UUID(id))
		if err != nil {
			return absent(err, "payable")
		}
		payment := idOf(y.PaymentID)
		if payments.PayableState(y.State) != payments.PayablePaid || payment.IsZero() {
			return order.ErrUnpaid
		}
		next.Stage, next.PaymentID, next.Until = order.ConfirmationIssuing, payment, time.Time{}
		next = out.update(c, next, nil, []order.Event{{
			Action: "confirmation-paid", By: order.BySystem, At: at, Evidence: map[string]string{"payment": payment.String()},
		}})
		return nil
	})
	return next, err
}

// Close ends a confirmation that is not paid: as void when every order has
// left or nobody can sign it any more, as lapsed from its due time on; its
// orders can go into another one (P8), and who watches them is woken. Before,
// and when the money was in time (D7), nothing is done. Error:
// order.ErrNotFound.
func (s *Confirmations) Close(ctx context.Context, id order.ID, at time.Time) (order.ConfirmationEnded, error) {
	var ended order.ConfirmationEnded
	err := deciding(ctx, s.pool, func(q *db.Queries, out *changes) error {
		// Whoever ends an order locks its row before the confirmation's.
		if err := q.LockHeldOrders(ctx, uuid.UUID(id)); err != nil {
			return err
		}
		c, err := lockConfirmation(ctx, q, id)
		if err != nil {
			return err
		}
		next, err := closed(ctx, q, c, at, out)
		ended = endedOf(next)
		return err
	})
	if err != nil {
		return order.ConfirmationEnded{}, fmt.Errorf("close confirmation: %w", err)
	}
	return ended, nil
}

func endedOf(c order.Confirmation) order.ConfirmationEnded {
	return order.ConfirmationEnded{Done: !c.Stage.Open(), Stage: c.Stage, Issued: len(c.IssuedIDs)}
}

func closed(ctx context.Context, q *db.Queries, c order.Confirmation, at time.Time, out *changes) (order.Confirmation, error) {
	if c.Stage != order.ConfirmationSigning && c.Stage != order.ConfirmationPayment {
		return c, nil
	}
	y, err := q.LockPayable(ctx, uuid.UUID(c.ID))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, err
	}
	paid, opened := payments.PayableState(y.State) == payments.PayablePaid, err == nil
	if paid || !c.Done() && at.Before(c.Until) {
		return c, nil
	}
	if opened {
		if err := errors.Join(q.ChangeHeldOrders(ctx, y.ID), q.ClosePayable(ctx, y.ID)); err != nil {
			return c, err
		}
	}
	next, notices, action := c, []order.Notice(nil), "confirmation-void"
	next.Stage, next.Until = order.ConfirmationVoid, time.Time{}
	if c.Stage == order.ConfirmationPayment && !c.Done() {
		next.Stage, action = order.ConfirmationLapsed, "confirmation-lapsed"
		notices = []order.Notice{{Kind: order.NoticeConfirmationLapsed, Amount: c.Total, Number: c.Number}}
	}
	return out.update(c, next, notices, []order.Event{{Action: action, By: order.BySystem, At: at}}), nil
}

// Finish ends a confirmation when each of its orders has its certificate or
// has left (M10); before, nothing is done. Error: order.ErrNotFound.
func (s *Confirmations) Finish(ctx context.Context, id order.ID, at time.Time) (order.ConfirmationEnded, error) {
	var ended order.ConfirmationEnded
	err := s.change(ctx, "finish confirmation", id, func(_ *db.Queries, c order.Confirmation, out *changes) error {
		next := c
		if c.Stage == order.ConfirmationIssuing && c.Done() {
			next.Stage, next.Until = order.ConfirmationFinished, time.Time{}
			next = out.update(c, next, []order.Notice{{
				Kind: order.NoticeConfirmationFinished, Number: c.Number, Certificates: len(c.IssuedIDs),
			}}, []order.Event{{Action: "confirmation-finished", By: order.BySystem, At: at}})
		}
		ended = endedOf(next)
		return nil
	})
	return ended, err
}

// Remind tells the manager that the payment is due soon, once; where no
// address of the manager is known, those whose certificates are not paid (D6).
// Nobody is reminded of what is over. Error: order.ErrNotFound.
func (s *Confirmations) Remind(ctx context.Context, id order.ID) error {
	return s.change(ctx, "remind of a confirmation", id, func(q *db.Queries, c order.Confirmation, out *changes) error {
		switch {
		case c.Stage != order.ConfirmationPayment:
			return nil
		case c.Email == "":
			return remindApplicants(ctx, q, c, out)
		default:
			out.tell(confirmationLetter(c, order.Notice{
				Kind: order.NoticeConfirmationReminder, Deadline: c.Until, Amount: c.Total, Number: c.Number, Certificates: c.Certificates(),
			}))
			return nil
		}
	})
}

// remindApplicants asks the applicants of a confirmation to tell their manager.
func remindApplicants(ctx context.Context, q *db.Queries, c order.Confirmation, out *changes) error {
	rows, err := q.OrdersOfConfirmation(ctx, uuid.UUID(c.ID))
	if err != nil {
		return err
	}
	records, err := recordsOf(rows)
	if err != nil {
		return err
	}
	for _, r := range records {
		out.tell(orderLetter(r, order.Notice{Kind: order.NoticeManagerReminder, Deadline: c.Until}))
	}
	return nil
}

// Issued is asked after an order's certificate is committed, or after the
// order has left: it wakes who watches the confirmation and tells whether
// nothing of it is left to be issued. Of several orders that ask at once at
// least one is told so, whether the confirmation is shown as paid already or
// not. An order without a confirmation gives a zero one.
func (s *Confirmations) Issued(ctx context.Context, orderID order.ID) (order.Confirmation, bool, error) {
	row, err := db.New(s.pool).OneMoreIssued(ctx, uuid.UUID(orderID))
	if errors.Is(err, pgx.ErrNoRows) {
		return order.Confirmation{}, false, nil
	}
	if err != nil {
		return order.Confirmation{}, false, fmt.Errorf("look for further certificates: %w", err)
	}
	c, err := confirmationOf(row.Confirmation, row.IssuedIds)
	return c, c.Stage.Open() && c.Done(), err
}

// ExpireLists ends at most limit lists that nobody has signed in time and
// returns how many there were; their orders stay as they are (M7).
func (s *Confirmations) ExpireLists(ctx context.Context, at time.Time, limit int) (int, error) {
	n := 0
	err := deciding(ctx, s.pool, func(q *db.Queries, out *changes) error {
		n = 0
		rows, err := q.LockUnsignedLists(ctx, db.LockUnsignedListsParams{At: at, MaxRows: int32(limit)})
		if err != nil {
			return err
		}
		for _, row := range rows {
			c, err := confirmationOf(row, nil)
			if err != nil {
				return err
			}
			if _, err := closed(ctx, q, c, at, out); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("expire lists: %w", err)
	}
	return n, nil
}
