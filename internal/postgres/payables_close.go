package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// CloseOrder closes an order to money unless something holds it (D7, P4): a
// paid payment always, an open confirmation only with KeepConfirmed.
// Repeating it gives the same answer.
func (p *Payables) CloseOrder(ctx context.Context, in activities.CloseOrderInput) (activities.CloseOrderResult, error) {
	var res activities.CloseOrderResult
	err := inTx(ctx, p.pool, func(q *db.Queries) error {
		var err error
		res, err = closeOrder(ctx, q, in)
		return err
	})
	if err != nil {
		return activities.CloseOrderResult{}, fmt.Errorf("close order: %w", err)
	}
	return res, nil
}

func closeOrder(ctx context.Context, q *db.Queries, in activities.CloseOrderInput) (activities.CloseOrderResult, error) {
	id, err := parseID(in.OrderID)
	if err != nil {
		return activities.CloseOrderResult{}, err
	}
	locked, err := q.LockOrders(ctx, []uuid.UUID{id})
	if err != nil {
		return activities.CloseOrderResult{}, err
	}
	if len(locked) == 0 {
		return activities.CloseOrderResult{}, activities.ErrNotFound
	}
	if o := locked[0]; o.ClosedToMoney {
		return activities.CloseOrderResult{Closed: true, ConfirmationID: textOf(o.LeftID), Share: order.Kopecks(o.LeftShare)}, nil
	}
	line, err := lockHolder(ctx, q, id)
	if err != nil {
		return activities.CloseOrderResult{}, err
	}
	if line != nil && (in.KeepConfirmed || line.state == payments.PayablePaid) {
		return activities.CloseOrderResult{ConfirmationID: line.confirmation(id)}, nil
	}
	return leave(ctx, q, id, line)
}

// heldLine is the line that holds an order, with its payable locked.
type heldLine struct {
	payable uuid.UUID
	state   payments.PayableState
	amount  int64
}

// confirmation is the id of the confirmation that holds the order; an order of
// 6.0.00 is held by its own payable, which is none.
func (l heldLine) confirmation(orderID uuid.UUID) string {
	if l.payable == orderID {
		return ""
	}
	return l.payable.String()
}

// lockHolder locks the payable that holds the order; nil when there is none,
// or when it has let the order go while it was waited for.
func lockHolder(ctx context.Context, q *db.Queries, orderID uuid.UUID) (*heldLine, error) {
	find := func() (db.HeldLinesRow, bool, error) {
		lines, err := q.HeldLines(ctx, []uuid.UUID{orderID})
		if err != nil || len(lines) == 0 {
			return db.HeldLinesRow{}, false, err
		}
		return lines[0], true, nil
	}
	seen, found, err := find()
	if err != nil || !found {
		return nil, err
	}
	y, err := q.LockPayable(ctx, seen.PayableID)
	if err != nil {
		return nil, err
	}
	now, found, err := find()
	if err != nil || !found || now.PayableID != y.ID {
		return nil, err
	}
	return &heldLine{payable: y.ID, state: payments.PayableState(y.State), amount: now.Amount}, nil
}

// leave takes the order out of the open payable that holds it and closes it.
func leave(ctx context.Context, q *db.Queries, id uuid.UUID, line *heldLine) (activities.CloseOrderResult, error) {
	res := activities.CloseOrderResult{Closed: true}
	mark := db.CloseOrderToMoneyParams{ID: id}
	if line != nil {
		if err := q.ReleaseLine(ctx, db.ReleaseLineParams{PayableID: line.payable, OrderID: id}); err != nil {
			return res, err
		}
		if line.payable == id {
			if err := q.ClosePayable(ctx, id); err != nil {
				return res, err
			}
		} else {
			if err := q.ReduceTotal(ctx, db.ReduceTotalParams{ID: line.payable, Share: line.amount}); err != nil {
				return res, err
			}
			mark.LeftID, mark.LeftShare = &line.payable, line.amount
			res.ConfirmationID, res.Share = line.payable.String(), order.Kopecks(line.amount)
		}
	}
	return res, q.CloseOrderToMoney(ctx, mark)
}

// ClosePayable closes a payment at its deadline unless the money was in time
// (D7, P8); its orders can go into another one. Repeating it gives the same answer.
func (p *Payables) ClosePayable(ctx context.Context, in activities.ClosePayableInput) (activities.ClosePayableResult, error) {
	var res activities.ClosePayableResult
	err := inTx(ctx, p.pool, func(q *db.Queries) error {
		id, err := parseID(in.PayableID)
		if err != nil {
			return err
		}
		y, err := q.LockPayable(ctx, id)
		if err != nil {
			return absent(err, "payable")
		}
		res.Closed = payments.PayableState(y.State) != payments.PayablePaid
		if payments.PayableState(y.State) != payments.PayableOpen {
			return nil
		}
		return errors.Join(q.ClosePayable(ctx, id), q.ReleaseLines(ctx, id))
	})
	if err != nil {
		return activities.ClosePayableResult{}, fmt.Errorf("close payable: %w", err)
	}
	return res, nil
}

// ChooseWay remembers how a payer wants to pay; the last choice counts. Errors:
// activities.ErrNotFound when nothing with the id is open to be paid,
// ErrWayNotAllowed when the service cannot be paid so (P1).
func (p *Payables) ChooseWay(ctx context.Context, payableID string, way payments.Source) error {
	id, err := parseID(payableID)
	if err != nil {
		return fmt.Errorf("choose way: %w", activities.ErrNotFound)
	}
	return inTx(ctx, p.pool, func(q *db.Queries) error {
		y, err := q.LockPayable(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && payments.PayableState(y.State) != payments.PayableOpen {
			return fmt.Errorf("choose way: %w", activities.ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("choose way: %w", err)
		}
		if way == payments.SourceManual || !matchable(y).Allows(way) {
			return ErrWayNotAllowed
		}
		if _, err := q.ChooseWay(ctx, db.ChooseWayParams{ID: id, Way: string(way)}); err != nil {
			return fmt.Errorf("choose way: %w", err)
		}
		if way == payments.SourceAssist {
			return q.WatchAssist(ctx, id)
		}
		return nil
	})
}

// ErrWayNotAllowed is returned for a way in which the service cannot be paid (P1).
var ErrWayNotAllowed = errors.New("the service cannot be paid in this way")
