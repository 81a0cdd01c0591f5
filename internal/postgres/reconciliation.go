package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Reconciliation compares what the tables say with each other and keeps the
// reports: it implements payments.ReconciliationStore. It also remembers
// whose state the card gateway has to be asked for.
type Reconciliation struct{ pool *pgxpool.Pool }

// NewReconciliation makes the store of the daily comparison.
func NewReconciliation(pool *pgxpool.Pool) *Reconciliation { return &Reconciliation{pool: pool} }

// How long things may take before they count as differences.
const (
	tellingTakes = 15 * time.Minute
	issuingTakes = 24 * time.Hour
)

// LedgerDifferences compares ledger, payables and orders with each other.
func (r *Reconciliation) LedgerDifferences(ctx context.Context, at time.Time, limit int) ([]payments.Difference, error) {
	rows, err := db.New(r.pool).LedgerDifferences(ctx, db.LedgerDifferencesParams{
		Before: at.Add(-tellingTakes), Stalled: at.Add(-issuingTakes), MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("compare ledger: %w", err)
	}
	var out []payments.Difference
	for _, row := range rows {
		out = append(out, payments.Difference{
			Kind: payments.DifferenceKind(row.Kind), Source: payments.Source(row.Source), Number: row.Number,
			PaymentID: row.PaymentID, OrderID: row.OrderID, Ours: order.Kopecks(row.Ours), Theirs: order.Kopecks(row.Theirs),
		})
	}
	return out, nil
}

// CardAccounts lists numbers above after that may be paid by card, due after
// since, in order.
func (r *Reconciliation) CardAccounts(
	ctx context.Context, since time.Time, after order.PaymentNumber, limit int,
) ([]payments.CardAccount, error) {
	rows, err := db.New(r.pool).CardAccounts(ctx, db.CardAccountsParams{Since: since, After: int64(after), MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("list card payments: %w", err)
	}
	var out []payments.CardAccount
	for _, row := range rows {
		out = append(out, payments.CardAccount{
			PayableID: row.ID.String(), Number: order.PaymentNumber(row.Number), OpenedAt: row.OpenedAt,
		})
	}
	return out, nil
}

// CardPayments finds card payments applied to the payable or of the external ids.
func (r *Reconciliation) CardPayments(
	ctx context.Context, payableID string, externalIDs []string,
) ([]payments.BookedPayment, error) {
	id, err := parseID(payableID)
	if err != nil {
		return nil, err
	}
	rows, err := db.New(r.pool).CardPayments(ctx, db.CardPaymentsParams{PayableID: id, ExternalIds: externalIDs})
	if err != nil {
		return nil, fmt.Errorf("list card payments: %w", err)
	}
	var out []payments.BookedPayment
	for _, row := range rows {
		out = append(out, payments.BookedPayment{
			ID: row.ID.String(), ExternalID: row.ExternalID, Kind: payments.Kind(row.Kind), Amount: order.Kopecks(row.Amount),
			ReceivedAt: row.ReceivedAt, Gateway: row.State == string(payments.PaymentApplied) && row.ResolvedBy == "",
		})
	}
	return out, nil
}

// SaveReconciliation stores a report once and gives it as operators see it.
func (r *Reconciliation) SaveReconciliation(
	ctx context.Context, in payments.Reconciliation,
) (payments.ReconciliationReport, error) {
	report := payments.ReconciliationReport{Reconciliation: in}
	id, err := parseID(in.ID)
	if err != nil {
		return report, err
	}
	found := in.Differences
	if found == nil {
		found = []payments.Difference{}
	}
	differences, err := json.Marshal(found)
	if err != nil {
		return report, err
	}
	err = inTx(ctx, r.pool, func(q *db.Queries) error {
		unapplied, err := q.CountUnapplied(ctx)
		if err != nil {
			return err
		}
		report.Unapplied = int(unapplied)
		return q.InsertReconciliation(ctx, db.InsertReconciliationParams{
			ID: id, At: in.At, Asked: int64(in.Asked), GatewaysFailed: in.GatewaysFailed, Unapplied: unapplied,
			Found: int64(len(found)), Differences: differences,
		})
	})
	if err != nil {
		return report, fmt.Errorf("save reconciliation: %w", err)
	}
	return report, nil
}

// Latest is the newest report. Error: order.ErrNotFound.
func (r *Reconciliation) Latest(ctx context.Context) (payments.ReconciliationReport, error) {
	row, err := db.New(r.pool).LatestReconciliation(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return payments.ReconciliationReport{}, fmt.Errorf("reconciliation: %w", order.ErrNotFound)
	}
	if err != nil {
		return payments.ReconciliationReport{}, fmt.Errorf("read reconciliation: %w", err)
	}
	report := payments.ReconciliationReport{Unapplied: int(row.Unapplied)}
	report.ID, report.At, report.Asked, report.GatewaysFailed = row.ID.String(), row.At, int(row.Asked), row.GatewaysFailed
	return report, json.Unmarshal(row.Differences, &report.Differences)
}

// ClaimCardPolls takes numbers whose turn it is, the longest waiting first.
// Each has its next turn later and later: after a minute, two, four, up to an
// hour while it can be paid, and twice a day for 30 days after.
func (r *Reconciliation) ClaimCardPolls(ctx context.Context, at time.Time, limit int) ([]payments.CardPoll, error) {
	rows, err := db.New(r.pool).ClaimAssistPolls(ctx, db.ClaimAssistPollsParams{At: at, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("claim card polls: %w", err)
	}
	out := make([]payments.CardPoll, 0, len(rows))
	for _, row := range rows {
		out = append(out, payments.CardPoll{Number: order.PaymentNumber(row.Number), OpenedAt: row.OpenedAt})
	}
	return out, nil
}
