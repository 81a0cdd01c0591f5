package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Outbox is the queue of notices (I6): it implements notify.Outbox.
type Outbox struct{ pool *pgxpool.Pool }

// NewOutbox makes the queue of notices.
func NewOutbox(pool *pgxpool.Pool) *Outbox { return &Outbox{pool: pool} }

// Claim leases at most limit notices of the channel that are due; until the
// lease ends no other dispatcher gets them.
func (o *Outbox) Claim(ctx context.Context, channel notify.Channel, limit int, lease time.Duration) ([]notify.Notice, error) {
	rows, err := db.New(o.pool).ClaimNotices(ctx, db.ClaimNoticesParams{
		Lease: interval(lease), Channel: string(channel), MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("claim notices: %w", err)
	}
	out := make([]notify.Notice, 0, len(rows))
	for _, row := range rows {
		n := notify.Notice{
			ID: row.ID, OrderID: row.SubjectID.String(), Kind: notify.Kind(row.Kind), Channel: notify.Channel(row.Channel),
			Language: notify.Language(row.Language), To: row.Recipient, Attempts: int(row.Attempts), Created: row.CreatedAt,
		}
		if err := fromJSON("notice", row.Data, &n.Data); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Accepted records that the other side took the message.
func (o *Outbox) Accepted(ctx context.Context, id uuid.UUID, providerID string) error {
	_, err := db.New(o.pool).NoticeAccepted(ctx, db.NoticeAcceptedParams{ID: id, ProviderID: storable(providerID)})
	return recorded(err)
}

// Retry records a failed attempt; the notice is due again at the instant.
func (o *Outbox) Retry(ctx context.Context, id uuid.UUID, at time.Time, cause string) error {
	_, err := db.New(o.pool).NoticeRetry(ctx, db.NoticeRetryParams{ID: id, NextAttemptAt: at, Cause: storable(cause)})
	return recorded(err)
}

// GiveUp records that the notice will not be sent.
func (o *Outbox) GiveUp(ctx context.Context, id uuid.UUID, cause string) error {
	_, err := db.New(o.pool).NoticeGivenUp(ctx, db.NoticeGivenUpParams{ID: id, Cause: storable(cause)})
	return recorded(err)
}

func recorded(err error) error {
	if err != nil {
		return fmt.Errorf("record the outcome of a notice: %w", err)
	}
	return nil
}
