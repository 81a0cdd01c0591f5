package worker

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// authority is the certification authority as activities see it.
type authority struct{ service *ca.Service }

// Check says what Issue would refuse: *activities.NotIssuableError.
func (a authority) Check(in activities.Application) error {
	err := a.service.Check(ca.Application(in))
	if check, refused := ca.Refusal(err); refused {
		return &activities.NotIssuableError{Check: check.Code, Field: check.Field, Err: err}
	}
	return err
}

// Issue gives the order's one certificate and returns its serial number.
func (a authority) Issue(ctx context.Context, in activities.Application) (string, error) {
	certificate, err := a.service.Issue(ctx, ca.Application(in))
	return string(certificate.Serial), err
}

// grants makes credentials whose password no workflow ever sees.
type grants struct{ desk *storage.Desk }

// Provide makes the credentials of an order unless it has some.
func (g grants) Provide(ctx context.Context, orderID string, now time.Time) error {
	_, err := g.desk.Provide(ctx, orderID, now)
	return err
}
