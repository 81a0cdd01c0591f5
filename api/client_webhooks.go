package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// Webhooks keep the webhooks of clients; order.ErrNotFound for what is not theirs.
type Webhooks interface {
	// Create errors: webhook.ErrExists, webhook.ErrTooMany.
	Create(ctx context.Context, e webhook.Endpoint, s webhook.Secret, at time.Time) (webhook.Endpoint, int64, error)
	List(ctx context.Context, client webhook.Client) ([]webhook.Endpoint, error)
	Get(ctx context.Context, client webhook.Client, id order.ID) (webhook.Endpoint, error)
	Change(ctx context.Context, client webhook.Client, id order.ID, c webhook.Change, at time.Time) (webhook.Endpoint, error)
	Rotate(ctx context.Context, client webhook.Client, id order.ID, s webhook.Secret, at time.Time) (webhook.Endpoint, error)
	Delete(ctx context.Context, client webhook.Client, id order.ID, at time.Time) error
	Test(ctx context.Context, id order.ID, at time.Time) error
	// Replay error: postgres.ErrPosition.
	Replay(ctx context.Context, id order.ID, after int64, at time.Time) (queued int, until int64, err error)
	ReplayEvent(ctx context.Context, id order.ID, position int64, eventID string, at time.Time) error
	Deliveries(ctx context.Context, id order.ID, state webhook.DeliveryState, before int64, limit int) ([]webhook.Delivery, error)
}

// maxDescription is how long the note of a client may be, in characters.
const maxDescription = 200

func (s *clients) client(c *gin.Context) webhook.Client {
	caller := web.CallerOf(c)
	return webhook.Client{Key: s.clientKey(caller), UNP: string(caller.UNP)}
}

// own reads the webhook in the path, which has to be the caller's.
func (s *clients) own(c *gin.Context) (webhook.Endpoint, error) {
	id, err := web.PathID(c)
	if err != nil {
		return webhook.Endpoint{}, err
	}
	return s.webhooks.Get(c.Request.Context(), s.client(c), id)
}

func (s *clients) createWebhook(c *gin.Context) error {
	var in contract.CreateWebhook
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	if !webhook.GoodTypes(in.Types) {
		return web.Invalid("types")
	}
	if web.Longer(in.Description, maxDescription) {
		return web.Invalid("description")
	}
	client := s.client(c)
	if err := s.rates.Spend(web.ActionWebhook, client.Key, s.now()); err != nil {
		return err
	}
	if err := s.reach.Check(c.Request.Context(), in.URL); err != nil {
		return &web.Problem{Slug: web.ProblemValidation, Cause: reachCause(err), Fields: []string{"url"}}
	}
	secret := webhook.NewSecret()
	made, position, err := s.webhooks.Create(c.Request.Context(), webhook.Endpoint{
		ID: order.NewID(), Client: client, URL: in.URL, Description: in.Description, Types: in.Types,
	}, secret, s.now())
	switch {
	case errors.Is(err, webhook.ErrExists):
		return web.Refuse(web.ProblemWebhookExists, nil)
	case errors.Is(err, webhook.ErrTooMany):
		return web.Refuse(web.ProblemTooManyWebhooks, nil)
	case err != nil:
		return err
	}
	c.Header("Location", "/v1/webhooks/"+made.ID.String())
	c.JSON(http.StatusCreated, contract.CreatedWebhook{Webhook: webhookView(made), Secret: secret.Reveal(), Position: position})
	return nil
}

// reachCause keeps addresses, which can hold what only their owner should know, out of the log.
func reachCause(err error) error {
	for _, known := range []error{webhook.ErrURL, webhook.ErrAddress, webhook.ErrName} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errors.New("the address of a webhook cannot be checked")
}

func (s *clients) listWebhooks(c *gin.Context) error {
	n, size, err := web.Paging(c)
	if err != nil {
		return err
	}
	list, err := s.webhooks.List(c.Request.Context(), s.client(c))
	if err != nil {
		return err
	}
	out := contract.WebhookList{Page: n, Pages: web.PageCount(len(list), size), Total: len(list), Webhooks: make([]contract.Webhook, 0, len(list))}
	for _, e := range list[min((n-1)*size, len(list)):min(n*size, len(list))] {
		out.Webhooks = append(out.Webhooks, webhookView(e))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

func (s *clients) getWebhook(c *gin.Context) error {
	e, err := s.own(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, webhookView(e))
	return nil
}

func (s *clients) changeWebhook(c *gin.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	var in contract.ChangeWebhook
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Types != nil && !webhook.GoodTypes(*in.Types) {
		return web.Invalid("types")
	}
	if in.Description != nil && web.Longer(*in.Description, maxDescription) {
		return web.Invalid("description")
	}
	e, err := s.webhooks.Change(c.Request.Context(), s.client(c), id, webhook.Change{Types: in.Types, Description: in.Description, Enabled: in.Enabled}, s.now())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, webhookView(e))
	return nil
}

func (s *clients) deleteWebhook(c *gin.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	if err := s.webhooks.Delete(c.Request.Context(), s.client(c), id, s.now()); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (s *clients) rotateWebhookSecret(c *gin.Context) error {
	e, err := s.own(c)
	if err != nil {
		return err
	}
	if err := s.rates.Spend(web.ActionWebhook, e.Client.Key, s.now()); err != nil {
		return err
	}
	secret := webhook.NewSecret()
	if e, err = s.webhooks.Rotate(c.Request.Context(), e.Client, e.ID, secret, s.now()); err != nil {
		return err
	}
	c.JSON(http.StatusOK, contract.WebhookSecret{Secret: secret.Reveal(), OldSecretUntil: inMinsk(e.OldSecretEnds)})
	return nil
}

// callable is the caller's webhook, which is made to be called.
func (s *clients) callable(c *gin.Context) (webhook.Endpoint, error) {
	e, err := s.own(c)
	if err != nil {
		return e, err
	}
	if e.State == webhook.StateDisabled {
		return e, web.Refuse(web.ProblemWebhookDisabled, nil)
	}
	return e, s.rates.Spend(web.ActionWebhook, e.Client.Key, s.now())
}

func (s *clients) testWebhook(c *gin.Context) error {
	e, err := s.callable(c)
	if err != nil {
		return err
	}
	if err := s.webhooks.Test(c.Request.Context(), e.ID, s.now()); err != nil {
		return err
	}
	c.Status(http.StatusAccepted)
	return nil
}

func (s *clients) replayWebhook(c *gin.Context) error {
	e, err := s.callable(c)
	if err != nil {
		return err
	}
	after, err := strconv.ParseInt(c.Query("after"), 10, 64)
	if err != nil || after < 0 {
		return web.Invalid("after")
	}
	queued, until, err := s.webhooks.Replay(c.Request.Context(), e.ID, after, s.now())
	if err != nil {
		return eventProblem(err)
	}
	c.JSON(http.StatusAccepted, contract.WebhookReplay{Queued: queued, Until: until})
	return nil
}

func (s *clients) replayWebhookEvent(c *gin.Context) error {
	e, err := s.callable(c)
	if err != nil {
		return err
	}
	position, ok := events.PositionOf(c.Param("event"))
	if !ok {
		return web.Refuse(web.ProblemNotFound, nil)
	}
	if err := s.webhooks.ReplayEvent(c.Request.Context(), e.ID, position, c.Param("event"), s.now()); err != nil {
		return err
	}
	c.JSON(http.StatusAccepted, contract.WebhookReplay{Queued: 1, Until: position})
	return nil
}

const (
	deliveriesAtOnce = 50
	mostDeliveries   = 100
)

func (s *clients) listWebhookDeliveries(c *gin.Context) error {
	e, err := s.own(c)
	if err != nil {
		return err
	}
	limit, err := limitOf(c, deliveriesAtOnce, mostDeliveries)
	if err != nil {
		return err
	}
	before := int64(math.MaxInt64)
	if asked, ok := c.GetQuery("before"); ok {
		if before, err = strconv.ParseInt(asked, 10, 64); err != nil || before < 1 {
			return web.Invalid("before")
		}
	}
	state := webhook.DeliveryState(c.Query("state"))
	switch state {
	case "", webhook.DeliveryPending, webhook.DeliveryDelivered, webhook.DeliveryFailed:
	default:
		return web.Invalid("state")
	}
	list, err := s.webhooks.Deliveries(c.Request.Context(), e.ID, state, before, limit)
	if err != nil {
		return err
	}
	out := contract.WebhookDeliveries{Deliveries: make([]contract.WebhookDelivery, 0, len(list))}
	for _, d := range list {
		out.Deliveries = append(out.Deliveries, deliveryView(d))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

func deliveryView(d webhook.Delivery) contract.WebhookDelivery {
	return contract.WebhookDelivery{
		Event: d.Event.View(), State: contract.WebhookDeliveryState(d.State), Attempts: d.Attempts, Status: d.Status,
		Outcome: contract.WebhookDeliveryOutcome(d.Outcome), AttemptedAt: inMinsk(d.AttemptedAt), NextAttemptAt: inMinsk(d.NextAttempt),
	}
}

func webhookView(e webhook.Endpoint) contract.Webhook {
	out := contract.Webhook{
		ID: e.ID, URL: e.URL, Description: e.Description, Types: e.Types, State: contract.WebhookState(e.State), Cause: contract.WebhookCause(e.Cause),
		FailingSince: inMinsk(e.FailingSince), OldSecretUntil: inMinsk(e.OldSecretEnds), CreatedAt: inMinsk(e.CreatedAt), ChangedAt: inMinsk(e.ChangedAt),
	}
	if out.Types == nil {
		out.Types = []events.Type{}
	}
	return out
}
