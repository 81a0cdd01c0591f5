package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// RenewalLinks remembers certificates from elsewhere whose owners have signed in,
// so that they are reminded too, and the links in reminders (R1).
type RenewalLinks struct{ pool *pgxpool.Pool }

// NewRenewalLinks makes the store.
func NewRenewalLinks(pool *pgxpool.Pool) *RenewalLinks { return &RenewalLinks{pool: pool} }

// SeenCertificate is a certificate that was not issued here.
type SeenCertificate struct {
	// ID is that of the certificate's document: it follows from its bytes.
	ID           order.ID
	ApplicantKey string
	// Service is the one by which its owner renews it.
	Service order.Service
	// Owner and SerialNumber name it in the letter.
	Owner, SerialNumber string
	NotAfter            time.Time
	Email               string
	Language            string
}

// Seen notes the certificate of a sign-in; a later one brings address and
// language up to date. It is forgotten when it has ended.
func (r *RenewalLinks) Seen(ctx context.Context, c SeenCertificate, at time.Time) error {
	err := db.New(r.pool).SeenCertificate(ctx, db.SeenCertificateParams{
		ID: uuid.UUID(c.ID), ApplicantKey: c.ApplicantKey, Service: string(c.Service), Owner: storable(c.Owner),
		SerialNumber: c.SerialNumber, NotAfter: c.NotAfter, Email: c.Email, Language: c.Language, SeenAt: at,
	})
	if err != nil {
		return fmt.Errorf("note a certificate from elsewhere: %w", err)
	}
	return nil
}

// Link tells which service a link opens for the person. Error:
// order.ErrNotFound for a link that was used, is past its term, or was sent to
// somebody else.
func (r *RenewalLinks) Link(ctx context.Context, link, applicantKey string, at time.Time) (order.Service, error) {
	service, err := db.New(r.pool).RenewalLink(ctx, db.RenewalLinkParams{Digest: linkDigest(link), ApplicantKey: applicantKey, At: at})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", order.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("find a link: %w", err)
	}
	return order.Service(service), nil
}

// Use ends a link.
func (r *RenewalLinks) Use(ctx context.Context, link string, at time.Time) error {
	if err := db.New(r.pool).UseRenewalLink(ctx, db.UseRenewalLinkParams{Digest: linkDigest(link), At: at}); err != nil {
		return fmt.Errorf("use a link: %w", err)
	}
	return nil
}
