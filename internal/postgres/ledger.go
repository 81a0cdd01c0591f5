package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/text"
)

// Ledger keeps every message of a gateway and decides what it pays: it
// implements payments.Ledger.
type Ledger struct{ pool *pgxpool.Pool }

// NewLedger makes the payments ledger.
func NewLedger(pool *pgxpool.Pool) *Ledger { return &Ledger{pool: pool} }

// Record stores a message, decides what it pays and returns the decision, all
// in one transaction: what it returns is on disk (P6). A message that is
// stored already changes nothing and gets the decision of then (P5).
func (l *Ledger) Record(ctx context.Context, n payments.Notification) (payments.Decision, error) {
	var decision payments.Decision
	e := eventOf(n)
	ahead := func(q *db.Queries) { _, _, _ = e.look(ctx, q) }
	err := inTrips(ctx, l.pool, ahead, func(q, last *db.Queries) error {
		var err error
		decision, err = record(ctx, q, last, e)
		return err
	})
	if err != nil {
		return payments.Decision{}, fmt.Errorf("record payment: %w", err)
	}
	return decision, nil
}

// record stores a message and carries out what is decided about it; last is
// where statements are written that nothing of the transaction reads.
func record(ctx context.Context, q, last *db.Queries, e event) (payments.Decision, error) {
	y, known, err := e.look(ctx, q)
	if err != nil {
		return payments.Decision{}, err
	}
	if known.Outcome != "" {
		return payments.Decision{
			Outcome: payments.Outcome(known.Outcome), Reason: payments.Reason(known.Reason), Repeated: true, PaymentID: textOf(known.PaymentID),
		}, nil
	}
	history, reversal := e.history(known)
	var target *payments.Payable
	if y != nil {
		target = matchable(*y)
	}
	decision := payments.Decide(e.Notification, target, history)
	if decision.Outcome == payments.Applied {
		q = last
	}
	return e.store(ctx, q, decision, y, reversal)
}

// look locks what the message is about and reads what is known of it.
func (e event) look(ctx context.Context, q *db.Queries) (*db.Payable, db.MessageHistoryRow, error) {
	// The payable is locked before the event, as where ERIP's transactions are:
	// two ways of learning of one payment cannot block each other.
	y, err := e.lockPayable(ctx, q)
	if err != nil {
		return nil, db.MessageHistoryRow{}, err
	}
	if err := q.LockEvent(ctx, e.locks()); err != nil {
		return nil, db.MessageHistoryRow{}, err
	}
	known, err := q.MessageHistory(ctx, db.MessageHistoryParams{
		Source: string(e.Source), ExternalID: e.id, Content: e.content, Bill: e.bill, Single: e.single(),
	})
	return y, known, err
}

// event is a message as the tables keep it.
type event struct {
	payments.Notification
	id, bill string
	content  []byte
}

func eventOf(n payments.Notification) event {
	content := n.Content()
	return event{Notification: n, id: indexable(n.ExternalID), bill: indexable(n.Bill), content: content[:]}
}

// indexable is an identifier as an index can hold it and people can read it: of
// one that is longer than any gateway writes, or has what no text may have, the
// beginning is kept, and a digest of all of it, so that two stay two.
func indexable(id string) string {
	const longest, kept = 255, 100
	fit := text.Replace(id)
	if fit == id && len(id) <= longest {
		return id
	}
	return fmt.Sprintf("%s…%x", strings.ToValidUTF8(fit[:min(len(fit), kept)], ""), sha256.Sum256([]byte(id)))
}

// locks are what this event and others about the same money wait for. Bills
// come first, so that no two messages wait for each other.
func (e event) locks() []string {
	keys := make([]string, 0, 2)
	if e.bill != "" {
		keys = append(keys, "bill/"+string(e.Source)+"/"+e.bill)
	}
	return append(keys, "event/"+string(e.Source)+"/"+e.id)
}

// single tells whether one reversal takes back one payment of the bill only.
func (e event) single() bool { return e.Source == payments.SourceClientBank }

// lockPayable locks what the message names; nil when it names nothing.
func (e event) lockPayable(ctx context.Context, q *db.Queries) (*db.Payable, error) {
	number, reason := payments.Identify(e.Notification)
	if reason != payments.ReasonNone {
		return nil, nil //nolint:nilnil // a message without a number names nothing
	}
	y, err := q.LockPayableByNumber(ctx, int64(number))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nor does one with an unknown number
	}
	return &y, err
}

// named is the one number that the message names; nil for none or several.
func (e event) named() *int64 {
	number, reason := payments.Identify(e.Notification)
	if reason != payments.ReasonNone {
		return nil
	}
	n := int64(number)
	return &n
}

// history is what is known about the event and its bill, and which reversal
// takes the payment back.
func (e event) history(known db.MessageHistoryRow) (payments.History, *uuid.UUID) {
	h := payments.History{Conflict: known.Conflict}
	if e.Kind != payments.KindPayment || known.ReversalID == uuid.Nil {
		return h, nil
	}
	h.Reversed = true
	return h, &known.ReversalID
}

// store keeps the message with the decision and does what follows from it.
func (e event) store(
	ctx context.Context, q *db.Queries, decision payments.Decision, y *db.Payable, reversal *uuid.UUID,
) (payments.Decision, error) {
	message, raw := uuid.New(), e.Raw
	if raw == nil {
		raw = []byte{}
	}
	if err := q.InsertMessage(ctx, db.InsertMessageParams{
		ID: message, Source: string(e.Source), ExternalID: e.id, Content: e.content, Raw: raw,
		Outcome: string(decision.Outcome), Reason: string(decision.Reason), ReceivedAt: e.ReceivedAt,
	}); err != nil || decision.Outcome == payments.Ignored {
		return decision, err
	}
	p := db.InsertPaymentParams{
		ID: uuid.New(), MessageID: message, Source: string(e.Source), ExternalID: e.id, Bill: e.bill, Kind: string(e.Kind),
		Number: text.Replace(e.Number), Amount: int64(e.Amount), Currency: text.Replace(e.Currency), PayerUnp: text.Replace(e.PayerUNP),
		OccurredAt: orNull(e.OccurredAt), ReceivedAt: e.ReceivedAt, State: string(payments.PaymentUnapplied),
		Reason: string(decision.Reason), ReversalID: reversal, Named: e.named(),
	}
	if decision.Outcome == payments.Applied {
		p.State, p.PayableID = string(payments.PaymentApplied), &y.ID
	}
	if err := q.InsertPayment(ctx, p); err != nil {
		return payments.Decision{}, err
	}
	decision.PaymentID = p.ID.String()
	digest := sha256.Sum256(raw)
	stored := db.MessageDigestRow{ID: message, Digest: digest[:], Amount: p.Amount, Currency: p.Currency}
	if decision.Outcome == payments.Applied {
		return decision, pay(ctx, q, p.ID, *y, gateway(e.Source), stored)
	}
	by, subject := gateway(e.Source), subjectOf(y)
	if err := auditMessage(ctx, q, stored, audit.ActionPaymentUnapplied, by, p.ID, subject, decision.Reason); err != nil {
		return payments.Decision{}, err
	}
	if e.Kind == payments.KindReversal {
		return decision, e.takeBack(ctx, q, p.ID, y)
	}
	return decision, nil
}

// pay marks the payable as paid and wakes who tells its workflow.
func pay(ctx context.Context, q *db.Queries, payment uuid.UUID, y db.Payable, by audit.Actor, message db.MessageDigestRow) error {
	if err := q.PayPayable(ctx, db.PayPayableParams{ID: y.ID, PaymentID: &payment}); err != nil {
		return err
	}
	return auditMessage(ctx, q, message, audit.ActionPaymentApplied, by, payment, y.ID, payments.ReasonNone)
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
