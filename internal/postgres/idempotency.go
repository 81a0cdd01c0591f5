package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Errors of repeated requests.
var (
	// ErrInProgress is returned while the first request with the key is being worked on.
	ErrInProgress = errors.New("a request with this idempotency key is in progress")
	// ErrOtherRequest is returned when the key came with another request before.
	ErrOtherRequest = errors.New("the idempotency key belongs to another request")
)

// abandonedAfter is when a request that never finished is taken for lost.
const abandonedAfter = time.Minute

// Answer is the stored answer to a creating request.
type Answer struct {
	Status    int
	MediaType string
	Body      []byte
}

// Idempotency keeps the answers to creating requests.
type Idempotency struct{ pool *pgxpool.Pool }

// NewIdempotency makes the store of answers.
func NewIdempotency(pool *pgxpool.Pool) *Idempotency { return &Idempotency{pool: pool} }

// Begin claims a caller's key for a request; fingerprint is a hash over
// everything that makes the request. It returns nil when the request is to be
// worked on, and then Finish or Abandon has to follow, or the answer that was
// given before. Errors: ErrInProgress, ErrOtherRequest.
func (i *Idempotency) Begin(ctx context.Context, callerKey, key string, fingerprint []byte) (*Answer, error) {
	q := db.New(i.pool)
	n, err := q.ClaimKey(ctx, db.ClaimKeyParams{
		CallerKey: callerKey, Key: key, Fingerprint: fingerprint, AbandonedAfter: interval(abandonedAfter),
	})
	if err != nil {
		return nil, fmt.Errorf("claim idempotency key: %w", err)
	}
	if n == 1 {
		return nil, nil //nolint:nilnil // there is no answer yet
	}
	row, err := q.ClaimedKey(ctx, db.ClaimedKeyParams{CallerKey: callerKey, Key: key})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		// Abandoned this very moment: the caller tries again.
		return nil, ErrInProgress
	case err != nil:
		return nil, fmt.Errorf("read idempotency key: %w", err)
	case string(row.Fingerprint) != string(fingerprint):
		return nil, ErrOtherRequest
	case row.Status == nil:
		return nil, ErrInProgress
	default:
		return &Answer{Status: int(*row.Status), MediaType: row.MediaType, Body: row.Body}, nil
	}
}

// Finish stores the answer; the first one stays.
func (i *Idempotency) Finish(ctx context.Context, callerKey, key string, a Answer) error {
	_, err := db.New(i.pool).FinishKey(ctx, db.FinishKeyParams{
		CallerKey: callerKey, Key: key, Status: int32(a.Status), MediaType: a.MediaType, Body: a.Body,
	})
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	return nil
}

// Abandon lets the key go without an answer, so that the request can be sent again.
func (i *Idempotency) Abandon(ctx context.Context, callerKey, key string) error {
	if err := db.New(i.pool).AbandonKey(ctx, db.AbandonKeyParams{CallerKey: callerKey, Key: key}); err != nil {
		return fmt.Errorf("abandon idempotency key: %w", err)
	}
	return nil
}

// DropBefore forgets the answers to requests that began before the instant.
func (i *Idempotency) DropBefore(ctx context.Context, before time.Time) error {
	if err := db.New(i.pool).DropOldKeys(ctx, before); err != nil {
		return fmt.Errorf("drop old idempotency keys: %w", err)
	}
	return nil
}
