package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Payables is what can be paid for (P4, P8): it implements payments.Payables.
type Payables struct{ pool *pgxpool.Pool }

// NewPayables makes the store of what can be paid for.
func NewPayables(pool *pgxpool.Pool) *Payables { return &Payables{pool: pool} }

// payableOf is the payable of an order of 6.0.00, which pays for itself.
func payableOf(r order.Record, bill order.Bill, at time.Time) db.InsertPayableParams {
	return db.InsertPayableParams{
		ID: uuid.UUID(r.ID), WorkflowID: order.WorkflowID(r.Number, r.ID), Service: string(order.ServiceIndividual),
		Number: int64(bill.Number), Total: int64(bill.Total), PayerUnp: r.UNP, Due: r.PayBy, OpenedAt: at,
		OrderIds: []uuid.UUID{uuid.UUID(r.ID)}, Amounts: []int64{int64(bill.Total)},
	}
}

// openPayable opens a payment with a line for each of its orders, whose rows
// are locked (P7, P8).
func openPayable(ctx context.Context, q *db.Queries, p db.InsertPayableParams) error {
	if err := q.InsertPayable(ctx, p); err != nil {
		return fmt.Errorf("open payable: %w", err)
	}
	return nil
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

// PaidFor is the payment by which the order is paid now; zero for none.
func (p *Payables) PaidFor(ctx context.Context, id order.ID) (issuance.Paid, error) {
	row, err := db.New(p.pool).PaidFor(ctx, uuid.UUID(id))
	if errors.Is(err, pgx.ErrNoRows) {
		return issuance.Paid{}, nil
	}
	if err != nil {
		return issuance.Paid{}, fmt.Errorf("find payment of an order: %w", err)
	}
	return issuance.Paid{
		PaymentID: order.ID(row.PaymentID), At: row.PaidAt, UploadedAt: timeOf(row.UploadedAt), SavedAt: timeOf(row.CompletedAt), ApprovedAt: timeOf(row.ApprovedAt),
	}, nil
}

// matchable is the payable as payments.Match compares it.
func matchable(y db.Payable) *payments.Payable {
	return &payments.Payable{
		Number: order.PaymentNumber(y.Number), Amount: order.Kopecks(y.Total), PayerUNP: y.PayerUnp,
		State: payments.PayableState(y.State), Due: y.Due, Methods: payments.Methods(order.Service(y.Service)),
	}
}

// ErrMethodNotAllowed is returned for a method by which the service cannot be paid (P1).
var ErrMethodNotAllowed = errors.New("the service cannot be paid by this method")

// ChooseMethod remembers how a payer wants to pay; the last choice counts.
// Errors: order.ErrNotFound when nothing with the id is open to be paid,
// ErrMethodNotAllowed (P1).
func (p *Payables) ChooseMethod(ctx context.Context, id order.ID, method payments.Source) error {
	err := inTx(ctx, p.pool, func(q *db.Queries) error {
		y, err := q.LockPayable(ctx, uuid.UUID(id))
		if errors.Is(err, pgx.ErrNoRows) || err == nil && payments.PayableState(y.State) != payments.PayableOpen {
			return order.ErrNotFound
		}
		if err != nil {
			return err
		}
		if method == payments.SourceManual || !matchable(y).Allows(method) {
			return ErrMethodNotAllowed
		}
		if _, err := q.ChooseMethod(ctx, db.ChooseMethodParams{ID: y.ID, Method: string(method)}); err != nil {
			return err
		}
		if method == payments.SourceAssist {
			return q.WatchAssist(ctx, y.ID)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("choose payment method: %w", err)
	}
	return nil
}
