package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/text"
)

// Outbox is the queue of notices (I6): it implements notify.Outbox.
type Outbox struct{ pool *pgxpool.Pool }

// NewOutbox makes the queue of notices.
func NewOutbox(pool *pgxpool.Pool) *Outbox { return &Outbox{pool: pool} }

// Claim leases at most limit notices of the channel that are due; until the
// lease ends no other dispatcher gets them. Messages with credentials are left
// to the activities of their orders.
func (o *Outbox) Claim(ctx context.Context, channel notify.Channel, limit int, lease time.Duration) ([]notify.Notice, error) {
	rows, err := db.New(o.pool).ClaimNotices(ctx, db.ClaimNoticesParams{
		Lease: interval(lease), Channel: string(channel), MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("claim notices: %w", err)
	}
	out := make([]notify.Notice, 0, len(rows))
	for _, row := range rows {
		n, err := noticeOf(row)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func noticeOf(row db.Notice) (notify.Notice, error) {
	n := notify.Notice{
		ID: row.ID, OrderID: row.SubjectID.String(), Kind: notify.Kind(row.Kind), Channel: notify.Channel(row.Channel),
		Language: notify.Language(row.Language), To: row.Recipient, Attempts: int(row.Attempts), Created: row.CreatedAt,
	}
	return n, fromJSON("notice", row.Data, &n.Data)
}

// ErrLeased is returned while another process sends the message.
var ErrLeased = errors.New("the message is on its way from another process")

// ClaimCredentials leases the message with the credentials of an order that
// waits on the channel. When none waits, the state tells how the last one
// ended: NoticeSent, or NoticeFailed with the cause in the notice. Errors:
// order.ErrNotFound when there never was one, ErrLeased.
func (o *Outbox) ClaimCredentials(
	ctx context.Context, orderID order.ID, channel notify.Channel, lease time.Duration,
) (CredentialNotice, error) {
	q := db.New(o.pool)
	row, err := q.ClaimCredentialNotice(ctx, db.ClaimCredentialNoticeParams{
		SubjectID: uuid.UUID(orderID), Channel: string(channel), Lease: interval(lease),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		row, err = q.LastCredentialNotice(ctx, db.LastCredentialNoticeParams{SubjectID: uuid.UUID(orderID), Channel: string(channel)})
		if err == nil && row.State == string(NoticePending) {
			return CredentialNotice{}, ErrLeased
		}
	}
	if err != nil {
		return CredentialNotice{}, absent(err, "message with credentials")
	}
	n, err := noticeOf(row)
	return CredentialNotice{Notice: n, State: NoticeState(row.State), Cause: row.Cause}, err
}

// CredentialNotice is a message with credentials; one whose state is
// NoticePending is leased to the caller.
type CredentialNotice struct {
	notify.Notice
	State NoticeState
	// Cause says why the last attempt failed.
	Cause string
}

// GiveUpCredentials records that the credentials of an order will not be sent
// by the channel; the cause stays that of the last attempt.
func (o *Outbox) GiveUpCredentials(ctx context.Context, orderID order.ID, channel notify.Channel, cause string) error {
	return recorded(db.New(o.pool).GiveUpCredentialNotices(ctx, db.GiveUpCredentialNoticesParams{
		SubjectID: uuid.UUID(orderID), Channel: string(channel), Cause: text.Replace(cause),
	}))
}

// Accepted records that the other side took the message.
func (o *Outbox) Accepted(ctx context.Context, id uuid.UUID, providerID string) error {
	_, err := db.New(o.pool).NoticeAccepted(ctx, db.NoticeAcceptedParams{ID: id, ProviderID: text.Replace(providerID)})
	return recorded(err)
}

// Retry records a failed attempt; the notice is due again at the instant.
func (o *Outbox) Retry(ctx context.Context, id uuid.UUID, at time.Time, cause string) error {
	_, err := db.New(o.pool).NoticeRetry(ctx, db.NoticeRetryParams{ID: id, NextAttemptAt: at, Cause: text.Replace(cause)})
	return recorded(err)
}

// GiveUp records that the notice will not be sent.
func (o *Outbox) GiveUp(ctx context.Context, id uuid.UUID, cause string) error {
	_, err := db.New(o.pool).NoticeGivenUp(ctx, db.NoticeGivenUpParams{ID: id, Cause: text.Replace(cause)})
	return recorded(err)
}

func recorded(err error) error {
	if err != nil {
		return fmt.Errorf("record the outcome of a notice: %w", err)
	}
	return nil
}
