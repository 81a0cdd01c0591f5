package worker

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// jobBatch is how much one round of a job does.
const jobBatch = 100

// crls publishes revocation lists into the trust directory, so that our own
// path validation sees them first.
type crls struct {
	publisher *ca.Publisher
	audit     audit.Log
	log       *slog.Logger
}

func (c crls) publish(ctx context.Context, at time.Time) error {
	published, err := c.publisher.Publish(ctx, at)
	errs := []error{err}
	for _, p := range published {
		c.log.InfoContext(ctx, "revocation list published", "issuer", p.Issuer, "number", p.Number)
		_, err := c.audit.Append(ctx, audit.Event{
			At: at, Actor: audit.System(), Action: audit.ActionCRLPublished,
			Evidence: audit.Evidence{"issuer": p.Issuer, "number": strconv.FormatInt(p.Number, 10), "crl": audit.Digest(p.DER)},
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// orphans finishes certificates that were reserved and never signed: their
// orders are paid (I1). The order's own workflow tries the same; both come to
// the one certificate.
type orphans struct {
	service *ca.Service
	age     time.Duration
	log     *slog.Logger
}

func (o orphans) finish(ctx context.Context, at time.Time) error {
	found, err := o.service.Orphans(ctx, at.Add(-o.age), jobBatch)
	errs := []error{err}
	for _, stored := range found {
		p := stored.Prepared()
		certificate, err := o.service.Finish(ctx, stored)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		o.log.WarnContext(ctx, "orphaned certificate finished", "order", p.OrderID, "issuer", p.Issuer, "serial", certificate.Serial)
	}
	return errors.Join(errs...)
}

// superseded revokes certificates whose renewal has been in force for a while.
type superseded struct {
	store *postgres.CertificateStore
	after time.Duration
	log   *slog.Logger
}

func (s superseded) revoke(ctx context.Context, at time.Time) error {
	found, err := s.store.Superseded(ctx, at, at.Add(-s.after), jobBatch)
	errs := []error{err}
	for _, r := range found {
		if err := s.store.Revoke(ctx, r); err != nil {
			errs = append(errs, err)
			continue
		}
		s.log.InfoContext(ctx, "superseded certificate revoked", "issuer", r.Issuer, "serial", r.Serial)
	}
	return errors.Join(errs...)
}

// checkpoints seals the audit log. The log line is a copy outside of the
// database: `issuance audit verify --checkpoints` reads it back.
type checkpoints struct {
	store  audit.CheckpointStore
	signer audit.Signer
	log    *slog.Logger
}

func (c checkpoints) seal(ctx context.Context, at time.Time) error {
	made, fresh, err := audit.Seal(ctx, c.store, c.signer, at)
	if err == nil && fresh {
		c.log.InfoContext(ctx, "audit log sealed", "checkpoint", made)
	}
	return err
}

// sweeper forgets clear passwords whose credentials have ended (I5) and
// attempts that no limit counts any more.
type sweeper struct {
	credentials *postgres.Credentials
	log         *slog.Logger
}

func (s sweeper) sweep(ctx context.Context, at time.Time) error {
	n, err := s.credentials.ForgetEnded(ctx, at)
	if n > 0 {
		s.log.InfoContext(ctx, "passwords past their term destroyed", "count", n)
	}
	return errors.Join(err, s.credentials.DropAttempts(ctx, at))
}
