package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// WaitingEndpoint is an endpoint with how many events wait for it.
type WaitingEndpoint struct {
	webhook.Endpoint
	Pending int64
}

// All gives the endpoints of all clients, the oldest first.
func (w *Webhooks) All(ctx context.Context) ([]WaitingEndpoint, error) {
	rows, err := db.New(w.pool).AllWebhooks(ctx)
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	out := make([]WaitingEndpoint, 0, len(rows))
	for _, row := range rows {
		out = append(out, WaitingEndpoint{Endpoint: endpointOf(row.WebhookEndpoint), Pending: row.Pending})
	}
	return out, nil
}

// OperatorReplay replays events as an operator, who stands in the audit log; see Replay.
func (w *Webhooks) OperatorReplay(ctx context.Context, id order.ID, after int64, operator string, at time.Time) (queued int, until int64, err error) {
	err = inTx(ctx, w.pool, func(q *db.Queries) error {
		if queued, until, err = replay(ctx, q, id, after, at); err != nil {
			return err
		}
		return audited(ctx, q, audit.ActionWebhookReplayed, audit.Actor{Kind: audit.ActorOperator, ID: operator}, id, at)
	})
	return queued, until, err
}

// Switch enables or disables an endpoint as an operator. Error: order.ErrNotFound.
func (w *Webhooks) Switch(ctx context.Context, id order.ID, enabled bool, operator string, at time.Time) error {
	p := db.SwitchWebhookParams{ID: uuid.UUID(id), State: string(webhook.StateDisabled), Cause: string(webhook.CauseOperator), At: at}
	if enabled {
		p.State, p.Cause = string(webhook.StateEnabled), string(webhook.CauseNone)
	}
	return inTx(ctx, w.pool, func(q *db.Queries) error {
		if _, err := q.SwitchWebhook(ctx, p); err != nil {
			return absent(err, "webhook")
		}
		return audited(ctx, q, audit.ActionWebhookChanged, audit.Actor{Kind: audit.ActorOperator, ID: operator}, id, at)
	})
}

// WebhookCounts are how many endpoints there are.
type WebhookCounts struct{ Well, Failing, Disabled int64 }

// Counts counts the endpoints of all clients.
func (w *Webhooks) Counts(ctx context.Context) (WebhookCounts, error) {
	row, err := db.New(w.pool).WebhookCounts(ctx)
	if err != nil {
		return WebhookCounts{}, fmt.Errorf("count webhooks: %w", err)
	}
	return WebhookCounts{Well: row.Well, Failing: row.Failing, Disabled: row.Disabled}, nil
}

// Rewrap seals the secrets of all endpoints under the primary master key, as
// Keys.Rewrap does with keys.
func (w *Webhooks) Rewrap(ctx context.Context) (Rewrapped, error) {
	var out Rewrapped
	q, after := db.New(w.pool), uuid.Nil
	for {
		rows, err := q.WebhookSecretsAfter(ctx, db.WebhookSecretsAfterParams{After: after, MaxRows: rewrapBatch})
		if err != nil {
			return out, fmt.Errorf("rewrap: %w", err)
		}
		for _, row := range rows {
			if err := w.rewrap(ctx, q, row, &out); err != nil {
				return out, fmt.Errorf("rewrap secrets of webhook %s: %w", row.ID, err)
			}
			after = row.ID
		}
		if len(rows) < rewrapBatch {
			return out, nil
		}
	}
}

func (w *Webhooks) rewrap(ctx context.Context, q *db.Queries, row db.WebhookSecretsAfterRow, out *Rewrapped) error {
	p := db.RewrapWebhookSecretsParams{ID: row.ID, Was: row.Secret, WasOld: row.OldSecret}
	moved := 0
	for _, s := range []struct {
		was   []byte
		fresh *[]byte
	}{{row.Secret, &p.Fresh}, {row.OldSecret, &p.FreshOld}} {
		if s.was == nil {
			continue
		}
		under, err := seal.KeyID(s.was)
		if err != nil {
			return err
		}
		if under == w.ring.Primary() {
			*s.fresh = s.was
			out.Kept++
			continue
		}
		key, err := w.ring.Open(s.was, secretContext(order.ID(row.ID)))
		if err != nil {
			return err
		}
		if *s.fresh, err = w.ring.Seal(key, secretContext(order.ID(row.ID))); err != nil {
			return err
		}
		moved++
	}
	if moved == 0 {
		return nil
	}
	n, err := q.RewrapWebhookSecrets(ctx, p)
	out.Moved += moved * int(n)
	return err
}
