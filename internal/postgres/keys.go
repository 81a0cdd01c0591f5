package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

// Keys keeps the keys of workflow histories, wrapped by a master key: it
// implements payload.KeyStore.
type Keys struct {
	pool *pgxpool.Pool
	ring *seal.Keyring
}

// NewKeys makes the store of payload keys.
func NewKeys(pool *pgxpool.Pool, ring *seal.Keyring) *Keys { return &Keys{pool: pool, ring: ring} }

// Current is the key of the workflow id's present run; the first one is made
// when there is none. Two callers at once get the same key.
func (k *Keys) Current(ctx context.Context, workflowID string) (payload.Key, error) {
	row, err := db.New(k.pool).CurrentPayloadKey(ctx, workflowID)
	if err == nil {
		return k.unwrap(row)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return payload.Key{}, fmt.Errorf("current payload key: %w", err)
	}
	return k.next(ctx, workflowID, nil, func(db.PayloadKey) bool { return false })
}

// Begin is called before a workflow is started for a new order or confirmation:
// it makes a new key when there is none or the last one's subject has ended,
// so that an order's key is not used for its successor.
func (k *Keys) Begin(ctx context.Context, workflowID, subjectID string) (payload.Key, error) {
	subject, err := parseID(subjectID)
	if err != nil {
		return payload.Key{}, fmt.Errorf("begin payload key: %w", err)
	}
	return k.next(ctx, workflowID, &subject, func(row db.PayloadKey) bool { return row.EndedAt != nil })
}

// next gives the last key of the workflow id, or a new one when there is none
// or the last one is used up.
func (k *Keys) next(ctx context.Context, workflowID string, subject *uuid.UUID, usedUp func(db.PayloadKey) bool) (payload.Key, error) {
	var key payload.Key
	err := inTx(ctx, k.pool, func(q *db.Queries) error {
		if err := q.LockWorkflowKeys(ctx, workflowID); err != nil {
			return err
		}
		last, err := q.CurrentPayloadKey(ctx, workflowID)
		switch {
		case err == nil && !usedUp(last):
			key, err = k.unwrap(last)
			return err
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		key = payload.NewKey(workflowID, last.Sequence+1)
		wrapped, err := k.ring.Seal(key.Key[:], wrapContext(key.ID, workflowID))
		if err != nil {
			return err
		}
		return q.InsertPayloadKey(ctx, db.InsertPayloadKeyParams{
			ID: key.ID, WorkflowID: workflowID, Sequence: key.Sequence, SubjectID: subject, Wrapped: wrapped,
		})
	})
	if err != nil {
		return payload.Key{}, fmt.Errorf("payload key: %w", err)
	}
	return key, nil
}

// ByID finds a key. Errors: payload.ErrKeyErased, payload.ErrKeyUnknown.
func (k *Keys) ByID(ctx context.Context, id uuid.UUID) (payload.Key, error) {
	row, err := db.New(k.pool).PayloadKey(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return payload.Key{}, payload.ErrKeyUnknown
	}
	if err != nil {
		return payload.Key{}, fmt.Errorf("payload key: %w", err)
	}
	return k.unwrap(row)
}

func (k *Keys) unwrap(row db.PayloadKey) (payload.Key, error) {
	if row.Wrapped == nil {
		return payload.Key{}, payload.ErrKeyErased
	}
	raw, err := k.ring.Open(row.Wrapped, wrapContext(row.ID, row.WorkflowID))
	if err != nil {
		return payload.Key{}, fmt.Errorf("unwrap payload key: %w", err)
	}
	if len(raw) != payload.KeySize {
		return payload.Key{}, fmt.Errorf("unwrap payload key: want %d octets", payload.KeySize)
	}
	return payload.Key{ID: row.ID, WorkflowID: row.WorkflowID, Sequence: row.Sequence, Key: [payload.KeySize]byte(raw)}, nil
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
func (k *Keys) Erase(ctx context.Context, subjectID, operator string) error {
	subject, err := parseID(subjectID)
	if err != nil {
		return fmt.Errorf("erase payload keys: %w", err)
	}
	return inTx(ctx, k.pool, func(q *db.Queries) error {
		erased, err := q.ErasePayloadKeys(ctx, db.ErasePayloadKeysParams{
			SubjectID: &subject, EndedBefore: orNull(time.Now().Add(-payload.CurrentTTL)),
		})
		if err != nil {
			return fmt.Errorf("erase payload keys: %w", err)
		}
		if len(erased) == 0 {
			return ErrNotErasable
		}
		_, err = appendEvent(ctx, q, audit.Event{
			At: time.Now(), Actor: audit.Actor{Kind: audit.ActorOperator, ID: operator}, Action: audit.ActionPayloadErased,
			OrderID: subjectID,
		}, nil)
		return err
	})
}
