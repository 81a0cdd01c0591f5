package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// Webhooks keeps the endpoints of clients and what is to be told to them; their
// secrets are sealed by a master key.
type Webhooks struct {
	pool *pgxpool.Pool
	ring *seal.Keyring
}

// NewWebhooks makes the store. The keyring may be nil for operators' commands,
// which see no secrets.
func NewWebhooks(pool *pgxpool.Pool, ring *seal.Keyring) *Webhooks {
	return &Webhooks{pool: pool, ring: ring}
}

// urlOnce keeps a client from being told twice at one address.
const urlOnce = "webhook_endpoints_client_key_url_key"

// Create registers an endpoint of a client, which is told of all that happens
// after the position. Errors: webhook.ErrExists, webhook.ErrTooMany.
func (w *Webhooks) Create(ctx context.Context, e webhook.Endpoint, secret webhook.Secret, at time.Time) (made webhook.Endpoint, position int64, err error) {
	sealed, err := w.seal(e.ID, secret)
	if err != nil {
		return webhook.Endpoint{}, 0, err
	}
	err = inTx(ctx, w.pool, func(q *db.Queries) error {
		if err := q.LockWebhookClient(ctx, e.Client.Key); err != nil {
			return err
		}
		n, err := q.CountWebhooks(ctx, e.Client.Key)
		if err != nil {
			return err
		}
		if n >= webhook.MostEndpoints {
			return webhook.ErrTooMany
		}
		// While it is held nobody queues events that the new endpoint would miss.
		if position, err = q.LockEventPositions(ctx); err != nil {
			return err
		}
		row, err := q.InsertWebhook(ctx, db.InsertWebhookParams{
			ID: uuid.UUID(e.ID), ClientKey: e.Client.Key, Unp: e.Client.UNP, Url: e.URL, Description: e.Description, Types: texts(e.Types),
			Secret: sealed, At: at,
		})
		if violates(err, urlOnce) {
			return webhook.ErrExists
		}
		if err != nil {
			return err
		}
		made = endpointOf(row)
		return audited(ctx, q, audit.ActionWebhookMade, clientActor(e.Client), e.ID, at)
	})
	if err != nil {
		return webhook.Endpoint{}, 0, fmt.Errorf("create webhook: %w", err)
	}
	return made, position, nil
}

// List gives the endpoints of a client, the oldest first.
func (w *Webhooks) List(ctx context.Context, client webhook.Client) ([]webhook.Endpoint, error) {
	rows, err := db.New(w.pool).WebhooksOfClient(ctx, client.Key)
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	out := make([]webhook.Endpoint, 0, len(rows))
	for _, row := range rows {
		out = append(out, endpointOf(row))
	}
	return out, nil
}

// Get reads an endpoint of a client. Error: order.ErrNotFound.
func (w *Webhooks) Get(ctx context.Context, client webhook.Client, id order.ID) (webhook.Endpoint, error) {
	row, err := db.New(w.pool).Webhook(ctx, db.WebhookParams{ID: uuid.UUID(id), ClientKey: client.Key})
	if err != nil {
		return webhook.Endpoint{}, absent(err, "webhook")
	}
	return endpointOf(row), nil
}

// Change changes an endpoint of a client; what waited while it was disabled is
// sent when it is enabled. Error: order.ErrNotFound.
func (w *Webhooks) Change(ctx context.Context, client webhook.Client, id order.ID, c webhook.Change, at time.Time) (changed webhook.Endpoint, err error) {
	p := db.ChangeWebhookParams{ID: uuid.UUID(id), ClientKey: client.Key, Description: c.Description, At: at}
	if c.Types != nil {
		p.SetTypes, p.Types = true, texts(*c.Types)
	}
	if c.Enabled != nil {
		state := string(webhook.StateDisabled)
		if *c.Enabled {
			state = string(webhook.StateEnabled)
		}
		p.State = &state
	}
	err = inTx(ctx, w.pool, func(q *db.Queries) error {
		row, err := q.ChangeWebhook(ctx, p)
		if err != nil {
			return absent(err, "webhook")
		}
		changed = endpointOf(row)
		return audited(ctx, q, audit.ActionWebhookChanged, clientActor(client), id, at)
	})
	return changed, err
}

// Rotate gives an endpoint of a client another secret; the one before signs
// messages, too, until the overlap is over. Error: order.ErrNotFound.
func (w *Webhooks) Rotate(ctx context.Context, client webhook.Client, id order.ID, secret webhook.Secret, at time.Time) (changed webhook.Endpoint, err error) {
	sealed, err := w.seal(id, secret)
	if err != nil {
		return webhook.Endpoint{}, err
	}
	err = inTx(ctx, w.pool, func(q *db.Queries) error {
		row, err := q.RotateWebhookSecret(ctx, db.RotateWebhookSecretParams{
			ID: uuid.UUID(id), ClientKey: client.Key, Secret: sealed, Ends: orNull(at.Add(webhook.Overlap)), At: at,
		})
		if err != nil {
			return absent(err, "webhook")
		}
		changed = endpointOf(row)
		return audited(ctx, q, audit.ActionWebhookSecretChanged, clientActor(client), id, at)
	})
	return changed, err
}

// Delete removes an endpoint of a client, with all that waits for it. Error: order.ErrNotFound.
func (w *Webhooks) Delete(ctx context.Context, client webhook.Client, id order.ID, at time.Time) error {
	return inTx(ctx, w.pool, func(q *db.Queries) error {
		n, err := q.DeleteWebhook(ctx, db.DeleteWebhookParams{ID: uuid.UUID(id), ClientKey: client.Key})
		switch {
		case err != nil:
			return fmt.Errorf("delete webhook: %w", err)
		case n == 0:
			return fmt.Errorf("webhook: %w", order.ErrNotFound)
		default:
			return audited(ctx, q, audit.ActionWebhookDeleted, clientActor(client), id, at)
		}
	})
}

// Test asks for a test message to an endpoint.
func (w *Webhooks) Test(ctx context.Context, id order.ID, at time.Time) error {
	q := db.New(w.pool)
	err := q.InsertTestEvent(ctx, db.InsertTestEventParams{ID: uuid.UUID(id), At: at})
	if err == nil {
		_, err = q.PlaceEvents(ctx, placedAtOnce)
	}
	if err != nil {
		return fmt.Errorf("test webhook: %w", err)
	}
	return nil
}

func clientActor(c webhook.Client) audit.Actor {
	return audit.Actor{Kind: audit.ActorClient, ID: c.Key}
}

func audited(ctx context.Context, q *db.Queries, action audit.Action, by audit.Actor, id order.ID, at time.Time) error {
	_, err := appendEvent(ctx, q, audit.Event{At: at, Actor: by, Action: action, Evidence: audit.Evidence{"webhook": id.String()}}, nil)
	return err
}

func texts(types []events.Type) []string {
	out := make([]string, 0, len(types))
	for _, t := range types {
		out = append(out, string(t))
	}
	return out
}

func endpointOf(row db.WebhookEndpoint) webhook.Endpoint {
	e := webhook.Endpoint{
		ID: order.ID(row.ID), Client: webhook.Client{Key: row.ClientKey, UNP: row.Unp}, URL: row.Url, Description: row.Description,
		State: webhook.State(row.State), Cause: webhook.Cause(row.Cause), FailingSince: timeOf(row.FailingSince),
		OldSecretEnds: timeOf(row.OldSecretEnds), CreatedAt: row.CreatedAt, ChangedAt: row.ChangedAt,
	}
	for _, t := range row.Types {
		e.Types = append(e.Types, events.Type(t))
	}
	return e
}

// secretContext binds a secret to its endpoint.
func secretContext(id order.ID) []byte { return []byte("webhook secret\x00" + id.String()) }

var errNoKeyring = errors.New("secrets of webhooks need MASTER_KEYS")

func (w *Webhooks) seal(id order.ID, secret webhook.Secret) ([]byte, error) {
	if w.ring == nil {
		return nil, errNoKeyring
	}
	return w.ring.Seal(secret.Key(), secretContext(id))
}
