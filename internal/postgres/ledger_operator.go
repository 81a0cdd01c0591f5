package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// paymentOf is a row as a payment.
func paymentOf(p db.Payment) payments.Payment {
	return payments.Payment{
		ID: p.ID.String(), ParentID: textOf(p.ParentID), OrderID: textOf(p.OrderID), Source: payments.Source(p.Source),
		ExternalID: p.ExternalID, Kind: payments.Kind(p.Kind), Number: p.Number, Amount: order.Kopecks(p.Amount),
		Currency: p.Currency, PayerUNP: p.PayerUnp, OccurredAt: timeOf(p.OccurredAt), ReceivedAt: p.ReceivedAt,
		State: payments.PaymentState(p.State), Reason: payments.Reason(p.Reason), PayableID: textOf(p.PayableID),
		DeliveredAt: timeOf(p.DeliveredAt), ReversalID: textOf(p.ReversalID), Note: p.Note, ResolvedBy: p.ResolvedBy, ResolvedAt: timeOf(p.ResolvedAt),
	}
}

// Assign makes an unapplied payment pay for a number, as an operator has
// decided (P4). Whatever can be compared still has to agree. Errors:
// order.ErrNotFound, payments.ErrResolved, *payments.MismatchError.
func (l *Ledger) Assign(ctx context.Context, paymentID string, number order.PaymentNumber, operator, note string) (payments.Payment, error) {
	return l.resolve(ctx, paymentID, func(ctx context.Context, q *db.Queries, id uuid.UUID) (db.Payment, error) {
		return assign(ctx, q, id, number, assignment{
			by: audit.Actor{Kind: audit.ActorOperator, ID: operator}, resolvedBy: operator, note: note,
		})
	})
}

// assignment is who makes an unapplied payment pay for a number.
type assignment struct {
	by               audit.Actor
	resolvedBy, note string
}

func assign(ctx context.Context, q *db.Queries, id uuid.UUID, number order.PaymentNumber, a assignment) (db.Payment, error) {
	y, err := q.LockPayableByNumber(ctx, int64(number))
	if errors.Is(err, pgx.ErrNoRows) {
		return db.Payment{}, &payments.MismatchError{Reason: payments.ReasonUnknownNumber}
	}
	if err != nil {
		return db.Payment{}, err
	}
	p, err := lockUnapplied(ctx, q, id)
	if err != nil {
		return db.Payment{}, err
	}
	if p.ReversalID != nil {
		return db.Payment{}, &payments.MismatchError{Reason: payments.ReasonReversed}
	}
	if d := payments.Match(byHand(p, number), matchable(y)); d.Outcome != payments.Applied {
		return db.Payment{}, &payments.MismatchError{Reason: d.Reason}
	}
	p, err = q.AssignPayment(ctx, db.AssignPaymentParams{ID: id, PayableID: &y.ID, Note: storable(a.note), ResolvedBy: a.resolvedBy})
	if err != nil {
		return db.Payment{}, err
	}
	message, err := messageOf(ctx, q, p.ID)
	if err != nil {
		return db.Payment{}, err
	}
	return p, pay(ctx, q, p.ID, y, a.by, message)
}

// byHand is the payment as an operator presents it: under the number they say.
func byHand(p db.Payment, number order.PaymentNumber) payments.Notification {
	return payments.Notification{
		Source: payments.SourceManual, Kind: payments.Kind(p.Kind), ExternalID: p.ExternalID, Number: number.ERIP(),
		Amount: order.Kopecks(p.Amount), Currency: p.Currency, PayerUNP: p.PayerUnp, OccurredAt: timeOf(p.OccurredAt),
		ReceivedAt: p.ReceivedAt,
	}
}

// Return notes that an unapplied payment goes back to its payer (P4). Errors:
// order.ErrNotFound, payments.ErrResolved.
func (l *Ledger) Return(ctx context.Context, paymentID, operator, note string) (payments.Payment, error) {
	return l.resolve(ctx, paymentID, func(ctx context.Context, q *db.Queries, id uuid.UUID) (db.Payment, error) {
		if _, err := lockUnapplied(ctx, q, id); err != nil {
			return db.Payment{}, err
		}
		p, err := q.ReturnPayment(ctx, db.ReturnPaymentParams{ID: id, Note: storable(note), ResolvedBy: operator})
		if err != nil {
			return db.Payment{}, err
		}
		by := audit.Actor{Kind: audit.ActorOperator, ID: operator}
		return p, auditPayment(ctx, q, audit.ActionPaymentReturned, by, id, uuid.Nil, payments.ReasonNone)
	})
}

func (l *Ledger) resolve(
	ctx context.Context, paymentID string, how func(context.Context, *db.Queries, uuid.UUID) (db.Payment, error),
) (payments.Payment, error) {
	id, err := parseID(paymentID)
	if err != nil {
		return payments.Payment{}, fmt.Errorf("payment: %w", order.ErrNotFound)
	}
	var out payments.Payment
	err = inTx(ctx, l.pool, func(q *db.Queries) error {
		p, err := how(ctx, q, id)
		out = paymentOf(p)
		return err
	})
	if err != nil {
		return payments.Payment{}, fmt.Errorf("resolve payment: %w", err)
	}
	return out, nil
}

func lockUnapplied(ctx context.Context, q *db.Queries, id uuid.UUID) (db.Payment, error) {
	p, err := q.LockPayment(ctx, id)
	if err != nil {
		return db.Payment{}, absent(err, "payment")
	}
	if p.State != string(payments.PaymentUnapplied) {
		return db.Payment{}, payments.ErrResolved
	}
	return p, nil
}

// List gives a page of the payments of a state, the oldest first; pages count from 0.
func (l *Ledger) List(ctx context.Context, state payments.PaymentState, page, size int) (payments.PaymentPage, error) {
	q := db.New(l.pool)
	rows, err := q.PaymentsByState(ctx, db.PaymentsByStateParams{
		State: string(state), MaxRows: int32(size), Skipped: int32(max(page, 0) * size),
	})
	if err != nil {
		return payments.PaymentPage{}, fmt.Errorf("list payments: %w", err)
	}
	var out payments.PaymentPage
	for _, row := range rows {
		p := paymentOf(row.Payment)
		p.NamedBy = row.NamedBy
		out.Payments = append(out.Payments, p)
	}
	out.Total, err = totalOf(page, size, len(rows), func() (int64, error) { return q.CountPaymentsByState(ctx, string(state)) })
	if err != nil {
		return payments.PaymentPage{}, fmt.Errorf("count payments: %w", err)
	}
	return out, nil
}

// Payment finds one payment. Error: order.ErrNotFound.
func (l *Ledger) Payment(ctx context.Context, paymentID string) (payments.Payment, error) {
	id, err := parseID(paymentID)
	if err != nil {
		return payments.Payment{}, fmt.Errorf("payment: %w", order.ErrNotFound)
	}
	p, err := db.New(l.pool).Payment(ctx, id)
	if err != nil {
		return payments.Payment{}, absent(err, "payment")
	}
	return paymentOf(p), nil
}

// Raw gives the message of a payment exactly as the gateway sent it. Error:
// order.ErrNotFound.
func (l *Ledger) Raw(ctx context.Context, paymentID string) ([]byte, error) {
	id, err := parseID(paymentID)
	if err != nil {
		return nil, fmt.Errorf("payment: %w", order.ErrNotFound)
	}
	m, err := db.New(l.pool).RawMessage(ctx, id)
	if err != nil {
		return nil, absent(err, "message of a payment")
	}
	return m.Raw, nil
}

// ByReference finds payments by their reference: SOURCE:REFERENCE as the
// gateway has it, or without the source. Those that wait for an operator are
// all that is found when there are any.
func (l *Ledger) ByReference(ctx context.Context, reference string) ([]string, error) {
	rows, err := db.New(l.pool).PaymentsByReference(ctx, reference)
	if err != nil {
		return nil, fmt.Errorf("look for payment %q: %w", reference, err)
	}
	var ids []string
	for _, row := range rows {
		if row.State == string(payments.PaymentUnapplied) || rows[0].State != string(payments.PaymentUnapplied) {
			ids = append(ids, row.ID.String())
		}
	}
	return ids, nil
}
