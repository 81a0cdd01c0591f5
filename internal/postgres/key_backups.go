package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// KeyBackups keeps which keys are in use; that their backups were tried stands
// in the audit log and nowhere else.
type KeyBackups struct{ pool *pgxpool.Pool }

// NewKeyBackups makes the store.
func NewKeyBackups(pool *pgxpool.Pool) *KeyBackups { return &KeyBackups{pool: pool} }

// See keeps that a worker holds the keys at an instant.
func (k *KeyBackups) See(ctx context.Context, keys []backups.Key, at time.Time) error {
	names := make([]string, 0, len(keys))
	for _, key := range keys {
		names = append(names, string(key))
	}
	if err := db.New(k.pool).SeeKeys(ctx, db.SeeKeysParams{Names: names, At: at}); err != nil {
		return fmt.Errorf("keep which keys are in use: %w", err)
	}
	return nil
}

// InUse gives the keys that workers hold, in order of their names.
func (k *KeyBackups) InUse(ctx context.Context) ([]backups.Standing, error) {
	return keysInUse(ctx, db.New(k.pool))
}

func keysInUse(ctx context.Context, q *db.Queries) ([]backups.Standing, error) {
	rows, err := q.KeysInUse(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which keys are in use: %w", err)
	}
	out := make([]backups.Standing, 0, len(rows))
	for _, row := range rows {
		s := backups.Standing{Key: backups.Key(row.Name), FirstSeen: row.FirstSeen, ConfirmedBy: row.ConfirmedBy}
		if s.ConfirmedBy != "" {
			s.ConfirmedAt = row.ConfirmedAt
		}
		out = append(out, s)
	}
	return out, nil
}

// Confirm writes on the audit log that an operator has tried the backups of
// keys in use, by name, of all of them for no names: all are written or none.
// Error: backups.ErrNotInUse.
func (k *KeyBackups) Confirm(ctx context.Context, operator string, at time.Time, names ...string) ([]backups.Key, error) {
	var confirmed []backups.Key
	err := inTx(ctx, k.pool, func(q *db.Queries) error {
		inUse, err := keysInUse(ctx, q)
		if err != nil {
			return err
		}
		if confirmed, err = backups.Choose(inUse, names...); err != nil {
			return err
		}
		for _, key := range confirmed {
			_, err := appendEvent(ctx, q, audit.Event{
				At: at, Actor: audit.Actor{Kind: audit.ActorOperator, ID: operator}, Action: audit.ActionKeyBackupConfirmed,
				Evidence: audit.Evidence{"key": string(key)},
			}, nil)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("confirm backups: %w", err)
	}
	return confirmed, nil
}
