package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// Due are the enabled endpoints with something to be sent at the instant.
func (w *Webhooks) Due(ctx context.Context, at time.Time) ([]order.ID, error) {
	ids, err := db.New(w.pool).DueWebhooks(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("due webhooks: %w", err)
	}
	return idsOf(ids), nil
}

// Claim leases at most limit messages of the endpoint that are due; until the
// lease ends nobody else gets them.
func (w *Webhooks) Claim(ctx context.Context, endpoint order.ID, at time.Time, limit int, lease time.Duration) ([]webhook.Claimed, error) {
	rows, err := db.New(w.pool).ClaimWebhookDeliveries(ctx, db.ClaimWebhookDeliveriesParams{
		EndpointID: uuid.UUID(endpoint), At: at, MaxRows: int32(limit), Lease: interval(lease),
	})
	if err != nil {
		return nil, fmt.Errorf("claim messages of a webhook: %w", err)
	}
	out := make([]webhook.Claimed, 0, len(rows))
	for _, row := range rows {
		c, err := w.claimed(row, at)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (w *Webhooks) claimed(row db.ClaimWebhookDeliveriesRow, at time.Time) (webhook.Claimed, error) {
	id, e := order.ID(row.WebhookEndpoint.ID), happenedOf(row.Event)
	body, err := e.Body()
	if err != nil {
		return webhook.Claimed{}, err
	}
	secrets, err := w.secrets(row.WebhookEndpoint, at)
	if err != nil {
		return webhook.Claimed{}, fmt.Errorf("secret of webhook %s: %w", id, err)
	}
	return webhook.Claimed{
		Message:    webhook.Message{URL: row.WebhookEndpoint.Url, ID: e.ID(), Body: body, Secrets: secrets},
		EndpointID: id, Position: e.Position, Attempts: int(row.Attempts),
	}, nil
}

// secrets are those that sign at the instant, the newest first.
func (w *Webhooks) secrets(row db.WebhookEndpoint, at time.Time) ([]webhook.Secret, error) {
	if w.ring == nil {
		return nil, errNoKeyring
	}
	sealed := [][]byte{row.Secret}
	if row.OldSecretEnds != nil && at.Before(*row.OldSecretEnds) {
		sealed = append(sealed, row.OldSecret)
	}
	var out []webhook.Secret
	for _, s := range sealed {
		key, err := w.ring.Open(s, secretContext(order.ID(row.ID)))
		if err != nil {
			return nil, err
		}
		out = append(out, webhook.SecretOf(key))
	}
	return out, nil
}

// Record keeps what came of an attempt, and disables the endpoint that is gone
// or has failed for too long: then it says why.
func (w *Webhooks) Record(ctx context.Context, a webhook.Attempt) (webhook.Cause, error) {
	row, err := db.New(w.pool).RecordWebhookAttempt(ctx, db.RecordWebhookAttemptParams{
		EndpointID: uuid.UUID(a.EndpointID), Position: a.Position, At: a.At, State: string(a.State), Status: int32(a.Status),
		Outcome: string(a.Outcome), NextAttemptAt: a.Next, PauseUntil: orNull(a.PauseUntil), FailingBefore: a.At.Add(-webhook.DisableAfter),
	})
	if err != nil {
		return webhook.CauseNone, fmt.Errorf("record the outcome of a webhook: %w", err)
	}
	return webhook.Cause(row.Disabled), nil
}

// ReplayLimit is how many events one call replays at most.
const ReplayLimit = 10_000

// Replay queues the events after a position for an endpoint once more, those
// that it has missed too, at most ReplayLimit of them; it says how many, and up
// to which position. Errors: ErrPosition, order.ErrNotFound.
func (w *Webhooks) Replay(ctx context.Context, id order.ID, after int64, at time.Time) (queued int, until int64, err error) {
	err = inTx(ctx, w.pool, func(q *db.Queries) error {
		queued, until, err = replay(ctx, q, id, after, at)
		return err
	})
	return queued, until, err
}

func replay(ctx context.Context, q *db.Queries, id order.ID, after int64, at time.Time) (int, int64, error) {
	if _, err := q.WebhookByID(ctx, uuid.UUID(id)); err != nil {
		return 0, 0, absent(err, "webhook")
	}
	known, err := q.EventPositions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("replay: %w", err)
	}
	if after != 0 && (after < known.Forgotten || after > known.Last) {
		return 0, 0, ErrPosition
	}
	row, err := q.ReplayWebhook(ctx, db.ReplayWebhookParams{EndpointID: uuid.UUID(id), After: after, At: at, MaxRows: ReplayLimit})
	if err == nil {
		err = q.Notify(ctx, db.NotifyParams{Channel: string(ChannelEvents), Payload: ""})
	}
	if err != nil {
		return 0, 0, fmt.Errorf("replay: %w", err)
	}
	return int(row.Queued), row.Until, nil
}

// ReplayEvent queues one event for an endpoint once more, by the event's
// identifier. Error: order.ErrNotFound for one that the endpoint cannot see.
func (w *Webhooks) ReplayEvent(ctx context.Context, id order.ID, position int64, eventID string, at time.Time) error {
	q := db.New(w.pool)
	n, err := q.ReplayWebhookEvent(ctx, db.ReplayWebhookEventParams{
		EndpointID: uuid.UUID(id), Position: &position, Tail: eventID[len(eventID)-8:], At: at,
	})
	if err == nil && n == 0 {
		return fmt.Errorf("event: %w", order.ErrNotFound)
	}
	if err == nil {
		err = q.Notify(ctx, db.NotifyParams{Channel: string(ChannelEvents), Payload: ""})
	}
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	return nil
}

// Deliveries gives what became of the events before a position with an
// endpoint, the newest first; those in one state when it is not empty.
func (w *Webhooks) Deliveries(ctx context.Context, id order.ID, state webhook.DeliveryState, before int64, limit int) ([]webhook.Delivery, error) {
	rows, err := db.New(w.pool).WebhookDeliveries(ctx, db.WebhookDeliveriesParams{
		EndpointID: uuid.UUID(id), State: string(state), Before: before, MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("deliveries of a webhook: %w", err)
	}
	out := make([]webhook.Delivery, 0, len(rows))
	for _, row := range rows {
		d := webhook.Delivery{
			Event: happenedOf(row.Event), State: webhook.DeliveryState(row.WebhookDelivery.State), Attempts: int(row.WebhookDelivery.Attempts),
			Status: int(row.WebhookDelivery.Status), Outcome: webhook.Outcome(row.WebhookDelivery.Outcome),
			AttemptedAt: timeOf(row.WebhookDelivery.AttemptedAt),
		}
		if d.State == webhook.DeliveryPending {
			d.NextAttempt = row.WebhookDelivery.NextAttemptAt
		}
		out = append(out, d)
	}
	return out, nil
}
