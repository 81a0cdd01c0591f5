package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// Events are what has changed, for programs.
type Events interface {
	// After error: postgres.ErrPosition.
	After(ctx context.Context, unp string, after int64, limit int) (postgres.EventPage, error)
	Last(ctx context.Context) (int64, error)
}

// clients answer programs of integrators (scopes events:read and webhooks:manage).
type clients struct {
	*plumbing
	events   Events
	webhooks Webhooks
	reach    webhook.Reach
}

func (s *clients) routeEvents(g *gin.RouterGroup) { g.GET("/events", s.Serve(s.listEvents)) }

func (s *clients) routeWebhooks(g *gin.RouterGroup) {
	g.POST("/webhooks", s.Serve(s.createWebhook))
	g.GET("/webhooks", s.Serve(s.listWebhooks))
	g.GET("/webhooks/:id", s.Serve(s.getWebhook))
	g.PATCH("/webhooks/:id", s.Serve(s.changeWebhook))
	g.DELETE("/webhooks/:id", s.Serve(s.deleteWebhook))
	g.POST("/webhooks/:id/secret", s.Serve(s.rotateWebhookSecret))
	g.POST("/webhooks/:id/test", s.Serve(s.testWebhook))
	g.POST("/webhooks/:id/replay", s.Serve(s.replayWebhook))
	g.POST("/webhooks/:id/events/:event/replay", s.Serve(s.replayWebhookEvent))
	g.GET("/webhooks/:id/deliveries", s.Serve(s.listWebhookDeliveries))
}

const (
	eventsAtOnce = 100
	mostEvents   = 500
)

// listEvents gives what has changed after a position.
func (s *clients) listEvents(c *gin.Context) error {
	after, wait, err := web.Waiting(c)
	if err != nil {
		return err
	}
	limit, err := limitOf(c, eventsAtOnce, mostEvents)
	if err != nil {
		return err
	}
	unp := string(web.CallerOf(c).UNP)
	page, err := s.events.After(c.Request.Context(), unp, after, limit)
	if err == nil && len(page.Events) == 0 && wait > 0 {
		leave, taken := s.seats.Take(s.clientKey(web.CallerOf(c)))
		if taken != nil {
			return taken
		}
		defer leave()
		if _, err := web.AwaitVersion(c.Request.Context(), s.changes, string(postgres.ChannelEvents), page.Next, wait, s.events.Last); err != nil {
			return err
		}
		page, err = s.events.After(c.Request.Context(), unp, page.Next, limit)
	}
	if err != nil {
		return eventProblem(err)
	}
	out := contract.EventPage{Events: make([]events.View, 0, len(page.Events)), Next: page.Next}
	for _, e := range page.Events {
		out.Events = append(out.Events, e.View())
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// limitOf reads how many rows are wanted.
func limitOf(c *gin.Context, standard, most int) (int, error) {
	asked, ok := c.GetQuery("limit")
	if !ok {
		return standard, nil
	}
	n, err := strconv.Atoi(asked)
	if err != nil || n < 1 || n > most {
		return 0, web.Invalid("limit")
	}
	return n, nil
}

func eventProblem(err error) error {
	if errors.Is(err, postgres.ErrPosition) {
		return web.Refuse(web.ProblemEventsForgotten, nil)
	}
	return err
}
