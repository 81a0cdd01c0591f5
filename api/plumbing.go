package api

import (
	"context"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Audit keeps the audit log.
type Audit interface {
	Append(ctx context.Context, e audit.Event) (audit.Entry, error)
}

// plumbing is what the handlers of all groups share.
type plumbing struct {
	*web.Responder
	identities
	idempotency web.Idempotency
	rates       *web.Rates
	seats       *web.Seats
	changes     web.Changes
	audit       Audit
	reach       mailbox.Reach
	log         *slog.Logger
}

// waitFor waits for a change of what the caller looks at, and tells whether
// there was one. Each person has so many seats to wait in.
func (p *plumbing) waitFor(
	c *gin.Context, subject order.ID, seen, after int64, wait time.Duration, version func(context.Context, order.ID) (int64, error),
) (changed bool, err error) {
	leave, err := p.seats.Take(p.person(web.CallerOf(c)))
	if err != nil {
		return false, err
	}
	defer leave()
	now, err := web.AwaitVersion(c.Request.Context(), p.changes, subject.String(), after, wait, func(ctx context.Context) (int64, error) {
		return version(ctx, subject)
	})
	return now != seen, err
}

// auditReading records that somebody reads a secret.
func (p *plumbing) auditReading(ctx context.Context, action audit.Action, actor audit.Actor, id order.ID) error {
	_, err := p.audit.Append(ctx, audit.Event{At: p.now(), Actor: actor, Action: action, OrderID: id.String()})
	return err
}

func inMinsk(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(order.Minsk())
}
