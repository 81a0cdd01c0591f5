package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Ledger keeps every message of a gateway and decides what it pays: it
// implements payments.Ledger.
type Ledger struct{ pool *pgxpool.Pool }

// NewLedger makes the payments ledger.
func NewLedger(pool *pgxpool.Pool) *Ledger { return &Ledger{pool: pool} }

// Record stores a message and returns when it is on disk (P6); see Receive.
func (l *Ledger) Record(ctx context.Context, n payments.Notification) error {
	_, err := l.Receive(ctx, n)
	return err
}

// Receive stores a message, decides what it pays and returns the payment, all
// in one transaction. A message that is stored already changes nothing and
// gives the stored payment (P5). A message that moved no money gives a Payment
// without an id.
func (l *Ledger) Receive(ctx context.Context, n payments.Notification) (Payment, error) {
	var payment Payment
	err := inTx(ctx, l.pool, func(q *db.Queries) error {
		var err error
		payment, err = receive(ctx, q, n)
		return err
	})
	if err != nil {
		return Payment{}, fmt.Errorf("receive payment: %w", err)
	}
	return payment, nil
}

func receive(ctx context.Context, q *db.Queries, n payments.Notification) (Payment, error) {
	// The payable is locked before the message is stored, as where ERIP's
	// transactions are: two ways of learning of one payment cannot block each other.
	y, err := lockNamed(ctx, q, n)
	if err != nil {
		return Payment{}, err
	}
	message, raw := uuid.New(), n.Raw
	if raw == nil {
		raw = []byte{}
	}
	inserted, err := q.InsertMessage(ctx, db.InsertMessageParams{
		ID: message, Source: string(n.Source), ExternalID: messageID(n), Raw: raw, ReceivedAt: n.ReceivedAt,
	})
	if err != nil {
		return Payment{}, err
	}
	if inserted == 0 {
		return storedPayment(ctx, q, n)
	}
	return decide(ctx, q, n, message, y)
}

// lockNamed locks what the message names; nil when it names nothing.
func lockNamed(ctx context.Context, q *db.Queries, n payments.Notification) (*db.Payable, error) {
	number, reason := payments.Identify(n)
	if reason != payments.ReasonNone {
		return nil, nil //nolint:nilnil // a message without a number names nothing
	}
	y, err := q.LockPayableByNumber(ctx, int64(number))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nor does one with an unknown number
	}
	return &y, err
}

// messageID is what a message is unique by. One that moved no money must not
// stand in the way of the payment that may follow under the same identifier.
func messageID(n payments.Notification) string {
	if n.Kind == payments.KindNoMoney {
		return fmt.Sprintf("%s/%x", storable(n.ExternalID), sha256.Sum256(n.Raw))
	}
	return storable(n.ExternalID)
}

func storedPayment(ctx context.Context, q *db.Queries, n payments.Notification) (Payment, error) {
	row, err := q.PaymentByExternal(ctx, db.PaymentByExternalParams{Source: string(n.Source), ExternalID: storable(n.ExternalID)})
	if errors.Is(err, pgx.ErrNoRows) {
		return Payment{}, nil
	}
	return paymentOf(row), err
}

// decide stores the payment with the decision over it; the payable is locked.
func decide(ctx context.Context, q *db.Queries, n payments.Notification, message uuid.UUID, y *db.Payable) (Payment, error) {
	var target *payments.Payable
	if y != nil {
		target = matchable(*y)
	}
	decision := payments.Match(n, target)
	if decision.Outcome == payments.Ignored {
		return Payment{}, nil
	}
	p := db.InsertPaymentParams{
		ID: uuid.New(), MessageID: message, Source: string(n.Source), ExternalID: storable(n.ExternalID), Kind: string(n.Kind),
		Number: storable(n.Number), Amount: int64(n.Amount), Currency: storable(n.Currency), PayerUnp: storable(n.PayerUNP),
		OccurredAt: orNull(n.OccurredAt), ReceivedAt: n.ReceivedAt, State: string(PaymentUnapplied), Reason: string(decision.Reason),
	}
	if decision.Outcome == payments.Applied {
		p.State, p.PayableID = string(PaymentApplied), &y.ID
	}
	row, err := q.InsertPayment(ctx, p)
	if err != nil {
		return Payment{}, err
	}
	if decision.Outcome == payments.Applied {
		err = pay(ctx, q, row, *y, gateway(n.Source))
	} else {
		err = auditPayment(ctx, q, audit.ActionPaymentUnapplied, gateway(n.Source), row.ID, subjectOf(y), decision.Reason)
	}
	return paymentOf(row), err
}

// pay marks the payable as paid and wakes who tells its workflow.
func pay(ctx context.Context, q *db.Queries, payment db.Payment, y db.Payable, by audit.Actor) error {
	if err := q.PayPayable(ctx, db.PayPayableParams{ID: y.ID, PaymentID: &payment.ID}); err != nil {
		return err
	}
	notice := db.NotifyParams{Channel: string(ChannelPayments), Payload: payment.ID.String()}
	if err := q.Notify(ctx, notice); err != nil {
		return err
	}
	return auditPayment(ctx, q, audit.ActionPaymentApplied, by, payment.ID, y.ID, payments.ReasonNone)
}

func gateway(source payments.Source) audit.Actor {
	return audit.Actor{Kind: audit.ActorGateway, ID: string(source)}
}

func subjectOf(y *db.Payable) uuid.UUID {
	if y == nil {
		return uuid.Nil
	}
	return y.ID
}

// Delivery is a payment that its workflow has to be told of.
type Delivery struct {
	PaymentID  string
	WorkflowID string
}

// Undelivered claims payments that their workflows do not know of, the oldest
// first: from then on they cannot be reversed. What is being decided about at
// the moment is left for the next call; telling twice is harmless (P5).
func (l *Ledger) Undelivered(ctx context.Context, limit int) ([]Delivery, error) {
	var out []Delivery
	err := inTx(ctx, l.pool, func(q *db.Queries) error {
		out = nil
		ids, err := q.LockUndelivered(ctx, int32(limit))
		if err != nil || len(ids) == 0 {
			return err
		}
		rows, err := q.ClaimDeliveries(ctx, ids)
		for _, row := range rows {
			out = append(out, Delivery{PaymentID: row.ID.String(), WorkflowID: row.WorkflowID})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find undelivered payments: %w", err)
	}
	return out, nil
}

// MarkDelivered notes that the payment's workflow was told.
func (l *Ledger) MarkDelivered(ctx context.Context, paymentID string) error {
	id, err := parseID(paymentID)
	if err != nil {
		return fmt.Errorf("mark delivered: %w", err)
	}
	if err := db.New(l.pool).MarkDelivered(ctx, id); err != nil {
		return fmt.Errorf("mark delivered: %w", err)
	}
	return nil
}
