package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

// Keys keeps the keys of workflow histories, wrapped by a master key: it
// implements keyring.Store.
type Keys struct {
	pool *pgxpool.Pool
	ring *seal.Keyring
}

// NewKeys makes the store of payload keys.
func NewKeys(pool *pgxpool.Pool, ring *seal.Keyring) *Keys { return &Keys{pool: pool, ring: ring} }

// Current is the key of the workflow id's present run; the first one is made
// when there is none. Two callers at once get the same key.
func (k *Keys) Current(ctx context.Context, workflowID string) (keyring.Key, error) {
	row, err := db.New(k.pool).CurrentPayloadKey(ctx, workflowID)
	if err == nil {
		return k.unwrap(row, true)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return keyring.Key{}, fmt.Errorf("current payload key: %w", err)
	}
	return k.next(ctx, workflowID, nil, func(db.PayloadKey) bool { return false })
}

// Begin is called before a workflow is started for a new order or confirmation:
// it makes a new key when there is none or the last one's subject has ended.
func (k *Keys) Begin(ctx context.Context, workflowID string, subject order.ID) (keyring.Key, error) {
	key, first, err := k.first(ctx, workflowID, optional(subject))
	if err != nil || first {
		return key, err
	}
	return k.next(ctx, workflowID, optional(subject), func(row db.PayloadKey) bool { return row.EndedAt != nil })
}

// first makes the first key of a workflow id, unless there is one: what nearly
// every workflow needs, by one statement.
func (k *Keys) first(ctx context.Context, workflowID string, subject *uuid.UUID) (keyring.Key, bool, error) {
	key := keyring.NewKey(workflowID, 1)
	wrapped, err := k.ring.Seal(key.Key[:], wrapContext(key.ID, workflowID))
	if err != nil {
		return keyring.Key{}, false, fmt.Errorf("payload key: %w", err)
	}
	n, err := db.New(k.pool).InsertFirstPayloadKey(ctx, db.InsertFirstPayloadKeyParams{
		ID: key.ID, WorkflowID: workflowID, SubjectID: subject, Wrapped: wrapped,
	})
	if err != nil {
		return keyring.Key{}, false, fmt.Errorf("payload key: %w", err)
	}
	return key, n == 1, nil
}

// next gives the last key of the workflow id, or a new one when there is none
// or the last one is used up.
func (k *Keys) next(ctx context.Context, workflowID string, subject *uuid.UUID, usedUp func(db.PayloadKey) bool) (keyring.Key, error) {
	var key keyring.Key
	err := inTx(ctx, k.pool, func(q *db.Queries) error {
		if err := q.LockWorkflowKeys(ctx, workflowID); err != nil {
			return err
		}
		last, err := q.CurrentPayloadKey(ctx, workflowID)
		switch {
		case err == nil && !usedUp(last):
			key, err = k.unwrap(last, true)
			return err
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		key = keyring.NewKey(workflowID, last.Sequence+1)
		wrapped, err := k.ring.Seal(key.Key[:], wrapContext(key.ID, workflowID))
		if err != nil {
			return err
		}
		return q.InsertPayloadKey(ctx, db.InsertPayloadKeyParams{
			ID: key.ID, WorkflowID: workflowID, Sequence: key.Sequence, SubjectID: subject, Wrapped: wrapped,
		})
	})
	if err != nil {
		return keyring.Key{}, fmt.Errorf("payload key: %w", err)
	}
	return key, nil
}

// ByID finds a key. Errors: keyring.ErrKeyErased, keyring.ErrKeyUnknown.
func (k *Keys) ByID(ctx context.Context, id uuid.UUID) (keyring.Key, error) {
	row, err := db.New(k.pool).PayloadKey(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return keyring.Key{}, keyring.ErrKeyUnknown
	}
	if err != nil {
		return keyring.Key{}, fmt.Errorf("payload key: %w", err)
	}
	return k.unwrap(row.PayloadKey, row.Current)
}

func (k *Keys) unwrap(row db.PayloadKey, current bool) (keyring.Key, error) {
	if row.Wrapped == nil {
		return keyring.Key{}, keyring.ErrKeyErased
	}
	raw, err := k.ring.Open(row.Wrapped, wrapContext(row.ID, row.WorkflowID))
	if err != nil {
		return keyring.Key{}, fmt.Errorf("unwrap payload key: %w", err)
	}
	if len(raw) != keyring.KeySize {
		return keyring.Key{}, fmt.Errorf("unwrap payload key: want %d octets", keyring.KeySize)
	}
	return keyring.Key{
		ID: row.ID, WorkflowID: row.WorkflowID, Sequence: row.Sequence, Key: [keyring.KeySize]byte(raw), Current: current,
	}, nil
}

// wrapContext binds a wrapped key to its row.
func wrapContext(id uuid.UUID, workflowID string) []byte {
	return []byte("payload-key\x00" + id.String() + "\x00" + workflowID)
}

// ErrNotErasable is returned for a subject whose key is still in use, or that has none.
var ErrNotErasable = errors.New("the key cannot be erased: its order is open, or has ended a moment ago, or has no key")

// Erase destroys the keys of an order or confirmation that has ended, and with
// them the content of its workflow history; the audit log keeps who did it. It
// waits until no process can still encrypt under them. Error: ErrNotErasable.
func (k *Keys) Erase(ctx context.Context, subject order.ID, operator string) error {
	return inTx(ctx, k.pool, func(q *db.Queries) error {
		erased, err := q.ErasePayloadKeys(ctx, db.ErasePayloadKeysParams{
			SubjectID: optional(subject), EndedBefore: orNull(clock.Now().Add(-keyring.CurrentTTL)),
		})
		if err != nil {
			return fmt.Errorf("erase payload keys: %w", err)
		}
		if len(erased) == 0 {
			return ErrNotErasable
		}
		_, err = appendEvent(ctx, q, audit.Event{
			At: clock.Now(), Actor: audit.Actor{Kind: audit.ActorOperator, ID: operator}, Action: audit.ActionPayloadErased,
			OrderID: subject.String(),
		}, nil)
		return err
	})
}
