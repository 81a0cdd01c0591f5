package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/restore"
)

// Restored is the database after it was brought back from a backup: it
// implements restore.Store.
type Restored struct {
	*Status
	pool *pgxpool.Pool
}

// NewRestored makes the store of what is compared.
func NewRestored(pool *pgxpool.Pool) *Restored { return &Restored{Status: NewStatus(pool), pool: pool} }

// Rows finds what is known of orders and confirmations.
func (r *Restored) Rows(ctx context.Context, ids []order.ID) (map[order.ID]restore.Row, error) {
	asked := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		asked = append(asked, uuid.UUID(id))
	}
	rows, err := db.New(r.pool).RestoredSubjects(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("read what was restored: %w", err)
	}
	found := make(map[order.ID]restore.Row, len(rows))
	for _, row := range rows {
		known := restore.Row{Stage: row.Stage}
		open := row.Stage != string(order.StageEnded)
		if row.Confirmation {
			open = row.Stage == string(order.ConfirmationPayment) || row.Stage == string(order.ConfirmationIssuing)
			row.Ending = row.Stage
		}
		if !open {
			known = restore.Row{Ending: row.Ending}
		}
		found[order.ID(row.ID)] = known
	}
	return found, nil
}

// Restart lets a workflow be started anew.
func (r *Restored) Restart(ctx context.Context, d restore.Difference, operator string, at time.Time) error {
	return r.repaired(ctx, d, operator, at, func(q *db.Queries) error {
		orders, err := q.RestartOrder(ctx, uuid.UUID(d.ID))
		if err != nil || orders > 0 {
			return err
		}
		_, err = q.RestartConfirmation(ctx, uuid.UUID(d.ID))
		return err
	})
}

// TellAgain lets a payment be told again; what was told twice pays once (P5).
func (r *Restored) TellAgain(ctx context.Context, d restore.Difference, operator string, at time.Time) error {
	return r.repaired(ctx, d, operator, at, func(q *db.Queries) error {
		_, err := q.TellPaymentAgain(ctx, uuid.UUID(d.ID))
		return err
	})
}

// Terminated notes that a workflow was terminated.
func (r *Restored) Terminated(ctx context.Context, d restore.Difference, operator string, at time.Time) error {
	return r.repaired(ctx, d, operator, at, func(*db.Queries) error { return nil })
}

func (r *Restored) repaired(ctx context.Context, d restore.Difference, operator string, at time.Time, do func(*db.Queries) error) error {
	err := inTx(ctx, r.pool, func(q *db.Queries) error {
		if err := do(q); err != nil {
			return err
		}
		_, err := appendEvent(ctx, q, audit.Event{
			At: at, Actor: audit.Actor{Kind: audit.ActorOperator, ID: operator}, Action: audit.ActionWorkflowRepaired, OrderID: d.ID.String(),
			Evidence: audit.Evidence{"difference": string(d.Kind), "workflow": d.WorkflowID},
		}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("repair %s: %w", d.WorkflowID, err)
	}
	return nil
}

// UnknownCertificates are those of the list that no row knows.
func (r *Restored) UnknownCertificates(ctx context.Context, signed []restore.Signed) ([]restore.Signed, error) {
	serials := make([]string, 0, len(signed))
	for _, s := range signed {
		serials = append(serials, s.Serial)
	}
	rows, err := db.New(r.pool).KnownSerials(ctx, serials)
	if err != nil {
		return nil, fmt.Errorf("look for certificates: %w", err)
	}
	known := map[[2]string]bool{}
	for _, row := range rows {
		known[[2]string{row.Issuer, row.SerialNumber}] = true
	}
	var lost []restore.Signed
	for _, s := range signed {
		if !known[[2]string{s.Issuer, s.Serial}] {
			lost = append(lost, s)
		}
	}
	return lost, nil
}
