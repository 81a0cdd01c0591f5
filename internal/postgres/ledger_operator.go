package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// PaymentState is what became of a payment.
type PaymentState string

// The states of a payment.
const (
	// PaymentApplied pays for something.
	PaymentApplied PaymentState = "applied"
	// PaymentUnapplied waits for an operator (P4).
	PaymentUnapplied PaymentState = "unapplied"
	// PaymentReturned went back to the payer.
	PaymentReturned PaymentState = "returned"
)

// Payment is a payment of the ledger.
type Payment struct {
	ID string
	// ParentID and OrderID are given for the share of one order in another payment.
	ParentID   string
	OrderID    string
	Source     payments.Source
	ExternalID string
	Kind       payments.Kind
	// Number is what stood where the payment number was looked for.
	Number   string
	Amount   order.Kopecks
	Currency string
	PayerUNP string
	// OccurredAt is zero when the gateway did not tell.
	OccurredAt  time.Time
	ReceivedAt  time.Time
	State       PaymentState
	Reason      payments.Reason
	PayableID   string
	DeliveredAt time.Time
	// Note, ResolvedBy and ResolvedAt are of the operator who dealt with it.
	Note       string
	ResolvedBy string
	ResolvedAt time.Time
}

func paymentOf(p db.Payment) Payment {
	return Payment{
		ID: p.ID.String(), ParentID: textOf(p.ParentID), OrderID: textOf(p.OrderID), Source: payments.Source(p.Source),
		ExternalID: p.ExternalID, Kind: payments.Kind(p.Kind), Number: p.Number, Amount: order.Kopecks(p.Amount),
		Currency: p.Currency, PayerUNP: p.PayerUnp, OccurredAt: timeOf(p.OccurredAt), ReceivedAt: p.ReceivedAt,
		State: PaymentState(p.State), Reason: payments.Reason(p.Reason), PayableID: textOf(p.PayableID),
		DeliveredAt: timeOf(p.DeliveredAt), Note: p.Note, ResolvedBy: p.ResolvedBy, ResolvedAt: timeOf(p.ResolvedAt),
	}
}

// ErrResolved is returned for a payment that does not wait for an operator.
var ErrResolved = errors.New("the payment does not wait for an operator")

// MismatchError tells why a payment cannot be assigned to a number.
type MismatchError struct{ Reason payments.Reason }

// Error names the reason.
func (e *MismatchError) Error() string {
	return "the payment does not pay for this: " + string(e.Reason)
}

// Assign makes an unapplied payment pay for a number, as an operator has
// decided (P4). Whatever can be compared still has to agree. Errors:
// order.ErrNotFound, ErrResolved, *MismatchError.
func (l *Ledger) Assign(ctx context.Context, paymentID string, number order.PaymentNumber, operator, note string) (Payment, error) {
	return l.resolve(ctx, paymentID, func(ctx context.Context, q *db.Queries, id uuid.UUID) (db.Payment, error) {
		y, err := q.LockPayableByNumber(ctx, int64(number))
		if errors.Is(err, pgx.ErrNoRows) {
			return db.Payment{}, &MismatchError{Reason: payments.ReasonUnknownNumber}
		}
		if err != nil {
			return db.Payment{}, err
		}
		p, err := lockUnapplied(ctx, q, id)
		if err != nil {
			return db.Payment{}, err
		}
		if d := payments.Match(byHand(p, number), matchable(y)); d.Outcome != payments.Applied {
			return db.Payment{}, &MismatchError{Reason: d.Reason}
		}
		p, err = q.AssignPayment(ctx, db.AssignPaymentParams{ID: id, PayableID: &y.ID, Note: storable(note), ResolvedBy: operator})
		if err != nil {
			return db.Payment{}, err
		}
		return p, pay(ctx, q, p, y, audit.Actor{Kind: audit.ActorOperator, ID: operator})
	})
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
// order.ErrNotFound, ErrResolved.
func (l *Ledger) Return(ctx context.Context, paymentID, operator, note string) (Payment, error) {
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
) (Payment, error) {
	id, err := parseID(paymentID)
	if err != nil {
		return Payment{}, fmt.Errorf("payment: %w", order.ErrNotFound)
	}
	var out Payment
	err = inTx(ctx, l.pool, func(q *db.Queries) error {
		p, err := how(ctx, q, id)
		out = paymentOf(p)
		return err
	})
	if err != nil {
		return Payment{}, fmt.Errorf("resolve payment: %w", err)
	}
	return out, nil
}

func lockUnapplied(ctx context.Context, q *db.Queries, id uuid.UUID) (db.Payment, error) {
	p, err := q.LockPayment(ctx, id)
	if err != nil {
		return db.Payment{}, absent(err, "payment")
	}
	if p.State != string(PaymentUnapplied) {
		return db.Payment{}, ErrResolved
	}
	return p, nil
}

// PaymentPage is a part of the payments of one state.
type PaymentPage struct {
	Payments []Payment
	// Total counts all of them.
	Total int
}

// List gives a page of the payments of a state, the oldest first; pages count from 0.
func (l *Ledger) List(ctx context.Context, state PaymentState, page, size int) (PaymentPage, error) {
	rows, err := db.New(l.pool).PaymentsByState(ctx, db.PaymentsByStateParams{
		State: string(state), MaxRows: int32(size), Skipped: int32(max(page, 0) * size),
	})
	if err != nil {
		return PaymentPage{}, fmt.Errorf("list payments: %w", err)
	}
	var out PaymentPage
	for _, row := range rows {
		out.Total = int(row.TotalRows)
		out.Payments = append(out.Payments, paymentOf(row.Payment))
	}
	return out, nil
}

// Received lists the payments received from since until until, shares left
// out, for the daily comparison with the gateways.
func (l *Ledger) Received(ctx context.Context, since, until time.Time) ([]Payment, error) {
	rows, err := db.New(l.pool).PaymentsReceived(ctx, db.PaymentsReceivedParams{Since: since, Until: until})
	if err != nil {
		return nil, fmt.Errorf("list payments: %w", err)
	}
	return paymentsOf(rows), nil
}

// Payment finds one payment. Error: order.ErrNotFound.
func (l *Ledger) Payment(ctx context.Context, paymentID string) (Payment, error) {
	id, err := parseID(paymentID)
	if err != nil {
		return Payment{}, fmt.Errorf("payment: %w", order.ErrNotFound)
	}
	p, err := db.New(l.pool).Payment(ctx, id)
	if err != nil {
		return Payment{}, absent(err, "payment")
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

func paymentsOf(rows []db.Payment) []Payment {
	out := make([]Payment, 0, len(rows))
	for _, row := range rows {
		out = append(out, paymentOf(row))
	}
	return out
}
