package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// Status finds what needs a person: it implements status.Store.
type Status struct{ pool *pgxpool.Pool }

// NewStatus makes the finder.
func NewStatus(pool *pgxpool.Pool) *Status { return &Status{pool: pool} }

// Concerns gives what is beyond its limit, by code.
func (s *Status) Concerns(ctx context.Context, l status.Limits) ([]status.Concern, error) {
	q := db.New(s.pool)
	rows, err := q.StatusConcerns(ctx, db.StatusConcernsParams{
		Named: status.MaxNames, Late: l.Late, Unissued: l.Unissued, Unstarted: l.Unstarted, Slow: l.Slow, Recent: l.Recent, Many: l.Many, Unsealed: l.Unsealed,
	})
	if err != nil {
		return nil, fmt.Errorf("look for what needs a person: %w", err)
	}
	var out []status.Concern
	for _, row := range rows {
		if n := len(out); n > 0 && out[n-1].Code == status.Code(row.Code) {
			out[n-1].Items = append(out[n-1].Items, itemOf(row))
			continue
		}
		out = append(out, status.NewConcern(status.Code(row.Code), row.Total, row.Since, itemOf(row)))
	}
	money, err := unappliedMoney(ctx, q)
	if err != nil {
		return nil, err
	}
	unconfirmed, err := unconfirmedBackups(ctx, q, l)
	if err != nil {
		return nil, err
	}
	return append(append(out, money...), unconfirmed...), nil
}

// unconfirmedBackups names the keys whose backup has to be tried, the longest due first.
func unconfirmedBackups(ctx context.Context, q *db.Queries, l status.Limits) ([]status.Concern, error) {
	inUse, err := keysInUse(ctx, q)
	if err != nil {
		return nil, err
	}
	due := slices.DeleteFunc(inUse, func(s backups.Standing) bool { return s.ConfirmedBy != "" && !s.ConfirmedAt.Before(l.Unconfirmed) })
	if len(due) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(due, func(a, b backups.Standing) int { return a.Due(l.BackupsHold).Compare(b.Due(l.BackupsHold)) })
	var names []string
	for _, s := range due[:min(len(due), status.MaxNames)] {
		names = append(names, string(s.Key))
	}
	return []status.Concern{status.NewConcern(status.UnconfirmedBackup, int64(len(due)), due[0].Due(l.BackupsHold), status.Named(names...)...)}, nil
}

// itemOf is a row with the workflow that has its cause.
func itemOf(row db.StatusConcernsRow) status.Item {
	item, number, workflow := status.Item{Name: row.Name}, "", ""
	switch id := order.ID(row.About); row.Kind {
	case "order":
		number, workflow = fmt.Sprint(row.Number), order.WorkflowID(row.Number, id)
	case "confirmation":
		n := order.PaymentNumber(row.Number)
		number, workflow = n.ERIP(), order.ConfirmationWorkflowID(n, id)
	}
	if item.Workflow = workflow; number != item.Name {
		item.Order = number
	}
	return item
}

func unappliedMoney(ctx context.Context, q *db.Queries) ([]status.Concern, error) {
	rows, err := q.UnappliedPayments(ctx, status.MaxNames)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	c := status.NewConcern(status.UnappliedMoney, rows[0].Total, rows[0].ReceivedAt)
	for _, row := range rows {
		p := status.Payment{Amount: order.Kopecks(row.Amount), Currency: row.Currency, Reason: payments.Reason(row.Reason)}
		// What a payer has written may hold names: only a number of ours is told.
		if n, err := payments.NormalizeNumber(row.Number); err == nil {
			p.Number = n.ERIP()
		}
		c.Items = append(c.Items, status.Item{Name: row.Reference, Payment: &p})
	}
	return []status.Concern{c}, nil
}

// workflowsPage is how many open workflows are read at once.
const workflowsPage = 500

// OpenWorkflows gives the open orders and confirmations whose workflow was
// started before the instant, page by page.
func (s *Status) OpenWorkflows(ctx context.Context, before time.Time, page func([]status.Workflow) error) error {
	q := db.New(s.pool)
	err := eachPage(page, func(after uuid.UUID) ([]status.Workflow, error) {
		rows, err := q.StatusOpenOrders(ctx, db.StatusOpenOrdersParams{Before: before, After: after, MaxRows: workflowsPage})
		out := make([]status.Workflow, 0, len(rows))
		for _, row := range rows {
			id := order.ID(row.ID)
			out = append(out, status.Workflow{
				ID: id, Name: fmt.Sprint(row.Number), WorkflowID: order.WorkflowID(row.Number, id), StartedAt: row.StartedAt,
			})
		}
		return out, err
	})
	if err != nil {
		return fmt.Errorf("read open orders: %w", err)
	}
	err = eachPage(page, func(after uuid.UUID) ([]status.Workflow, error) {
		rows, err := q.StatusOpenConfirmations(ctx, db.StatusOpenConfirmationsParams{Before: before, After: after, MaxRows: workflowsPage})
		out := make([]status.Workflow, 0, len(rows))
		for _, row := range rows {
			id, number := order.ID(row.ID), order.PaymentNumber(row.Number)
			out = append(out, status.Workflow{
				ID: id, Name: number.ERIP(), WorkflowID: order.ConfirmationWorkflowID(number, id), StartedAt: row.StartedAt,
			})
		}
		return out, err
	})
	if err != nil {
		return fmt.Errorf("read open confirmations: %w", err)
	}
	return nil
}

func eachPage(page func([]status.Workflow) error, read func(after uuid.UUID) ([]status.Workflow, error)) error {
	var after uuid.UUID
	for {
		rows, err := read(after)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := page(rows); err != nil {
			return err
		}
		after = uuid.UUID(rows[len(rows)-1].ID)
	}
}

// StillOpen tells whether an order or a confirmation is open.
func (s *Status) StillOpen(ctx context.Context, id order.ID) (bool, error) {
	open, err := db.New(s.pool).StatusStillOpen(ctx, uuid.UUID(id))
	if err != nil {
		return false, fmt.Errorf("look whether %s is open: %w", id, err)
	}
	return open != nil && *open, nil
}
