package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Payables is the arbiter between money and time (D7, P4, P8): it implements
// activities.PayableStore and payments.Payables.
type Payables struct {
	pool   *pgxpool.Pool
	tariff order.Tariff
}

// NewPayables makes the store of what can be paid for, at the tariff's prices.
func NewPayables(pool *pgxpool.Pool, tariff order.Tariff) *Payables {
	return &Payables{pool: pool, tariff: tariff}
}

// OpenPayable fixes the price and gives the payment number (P7, P8). Repeating
// it gives the first answer. Errors: activities.ErrNothingToConfirm when none
// of the orders can be paid, activities.ErrNoPrice.
func (p *Payables) OpenPayable(ctx context.Context, in activities.OpenPayableInput) (activities.OpenPayableResult, error) {
	var res activities.OpenPayableResult
	err := inTx(ctx, p.pool, func(q *db.Queries) error {
		var err error
		res, err = p.openPayable(ctx, q, in)
		return err
	})
	if err != nil {
		return activities.OpenPayableResult{}, fmt.Errorf("open payable: %w", err)
	}
	return res, nil
}

func (p *Payables) openPayable(
	ctx context.Context, q *db.Queries, in activities.OpenPayableInput,
) (activities.OpenPayableResult, error) {
	var ids idReader
	id, orderIDs := ids.id(in.PayableID), ids.all(in.OrderIDs)
	if ids.err != nil {
		return activities.OpenPayableResult{}, ids.err
	}
	orders, err := q.LockOrders(ctx, orderIDs)
	if err != nil {
		return activities.OpenPayableResult{}, err
	}
	opened, err := q.Payable(ctx, id)
	if err == nil {
		return openedBefore(ctx, q, opened)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return activities.OpenPayableResult{}, err
	}
	free, err := payable(ctx, q, in, orders)
	if err != nil {
		return activities.OpenPayableResult{}, err
	}
	if len(free) == 0 {
		return activities.OpenPayableResult{}, activities.ErrNothingToConfirm
	}
	return p.insert(ctx, q, id, in, free)
}

// openedBefore gives the answer that was given when the payable was opened.
func openedBefore(ctx context.Context, q *db.Queries, y db.Payable) (activities.OpenPayableResult, error) {
	lines, err := q.LinesOfPayable(ctx, y.ID)
	if err != nil {
		return activities.OpenPayableResult{}, err
	}
	res := activities.OpenPayableResult{Number: y.Number, Due: y.Due}
	for _, l := range lines {
		res.Total += order.Kopecks(l.Amount)
		res.Orders = append(res.Orders, activities.PayableOrder{OrderID: l.OrderID.String(), WorkflowID: l.WorkflowID})
	}
	return res, nil
}

// payable keeps the orders that can still be paid and are in no other payment (P8).
func payable(
	ctx context.Context, q *db.Queries, in activities.OpenPayableInput, orders []db.LockOrdersRow,
) ([]db.LockOrdersRow, error) {
	ids := make([]uuid.UUID, 0, len(orders))
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	held, err := q.HeldLines(ctx, ids)
	if err != nil {
		return nil, err
	}
	taken := make(map[uuid.UUID]bool, len(held))
	for _, l := range held {
		taken[l.OrderID] = true
	}
	var free []db.LockOrdersRow
	for _, o := range orders {
		if !taken[o.ID] && !o.ClosedToMoney && waitsForMoney(in.Service, order.Stage(o.Stage)) && timeOf(o.PayBy).After(in.At) {
			free = append(free, o)
		}
	}
	return free, nil
}

// waitsForMoney tells whether a payment may be asked for at the stage: an order
// of 6.0.00 goes on to payment right after its checks.
func waitsForMoney(service order.Service, stage order.Stage) bool {
	switch stage {
	case order.StageAwaitingPayment:
		return true
	case order.StageAwaitingApproval:
		return service == order.ServiceManager
	case order.StageChecking:
		return service == order.ServiceIndividual
	case order.StageTerms, order.StageRequest, order.StageIssuing, order.StageEnded:
		return false
	default:
		return false
	}
}

func (p *Payables) insert(
	ctx context.Context, q *db.Queries, id uuid.UUID, in activities.OpenPayableInput, orders []db.LockOrdersRow,
) (activities.OpenPayableResult, error) {
	amounts, err := p.prices(ctx, q, orders, in.At)
	if err != nil {
		return activities.OpenPayableResult{}, err
	}
	res := activities.OpenPayableResult{Due: timeOf(orders[0].PayBy)}
	for i, o := range orders {
		res.Total += amounts[i]
		if by := timeOf(o.PayBy); by.Before(res.Due) {
			res.Due = by
		}
	}
	if _, err = q.InsertPayable(ctx, db.InsertPayableParams{
		ID: id, WorkflowID: in.WorkflowID, Service: string(in.Service), Total: int64(res.Total), PayerUnp: orders[0].Unp,
		Due: res.Due, OpenedAt: in.At,
	}); err != nil {
		return activities.OpenPayableResult{}, err
	}
	for i, o := range orders {
		line := db.InsertLineParams{PayableID: id, OrderID: o.ID, Amount: int64(amounts[i])}
		if err := q.InsertLine(ctx, line); err != nil {
			return activities.OpenPayableResult{}, err
		}
	}
	// The stored answer is read back, so that the first and every repeated one are alike.
	y, err := q.Payable(ctx, id)
	if err != nil {
		return activities.OpenPayableResult{}, err
	}
	return openedBefore(ctx, q, y)
}

// prices finds the amount of each order's line at the instant (P7).
func (p *Payables) prices(ctx context.Context, q *db.Queries, orders []db.LockOrdersRow, at time.Time) ([]order.Kopecks, error) {
	var ids []uuid.UUID
	for _, o := range orders {
		if o.RequestID != nil {
			ids = append(ids, *o.RequestID)
		}
	}
	rows, err := q.YearsOfRequests(ctx, ids)
	if err != nil {
		return nil, err
	}
	years := make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		years[r.ID] = int(r.Years)
	}
	amounts := make([]order.Kopecks, 0, len(orders))
	for _, o := range orders {
		var term int
		if o.RequestID != nil {
			term = years[*o.RequestID]
		}
		amount, err := p.tariff.Price(order.Service(o.Service), order.Kind(o.Kind), term, at)
		if errors.Is(err, order.ErrNoPrice) {
			return nil, activities.ErrNoPrice
		}
		if err != nil {
			return nil, err
		}
		amounts = append(amounts, amount)
	}
	return amounts, nil
}

// Payable finds what the number pays for; nil when nothing has the number.
func (p *Payables) Payable(ctx context.Context, number order.PaymentNumber) (*payments.Payable, error) {
	y, err := db.New(p.pool).PayableByNumber(ctx, int64(number))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // the port says so
	}
	if err != nil {
		return nil, fmt.Errorf("find payable: %w", err)
	}
	return matchable(y), nil
}

// matchable is the payable as payments.Match compares it.
func matchable(y db.Payable) *payments.Payable {
	return &payments.Payable{
		Number: order.PaymentNumber(y.Number), Amount: order.Kopecks(y.Total), PayerUNP: y.PayerUnp,
		State: payments.PayableState(y.State), Due: y.Due, Methods: payments.Methods(order.Service(y.Service)),
	}
}
