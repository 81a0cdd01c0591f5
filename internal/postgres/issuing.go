package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Duty is work that one process at a time does for all; its value is the
// advisory lock that decides which.
type Duty int64

// The duties.
const (
	DutyRevocationLists Duty = 0x63726c01 + iota
	DutyOrphans
	DutySuperseded
	DutyCheckpoints
)

// Duties lets one of all processes do a duty.
type Duties struct {
	pool *pgxpool.Pool
	// turn lets this process hold one lock at a time: each holds a connection
	// and needs another one for the work, and pools can be as small as four.
	turn chan struct{}
}

// NewDuties makes the locks of a process's duties.
func NewDuties(pool *pgxpool.Pool) *Duties { return &Duties{pool: pool, turn: make(chan struct{}, 1)} }

// Alone runs fn while no other process does the same duty, and does nothing,
// without an error, while another one does. The lock is that of a transaction,
// so that it ends with the process however the process ends; fn itself works
// on other connections and commits as it likes. The duties of one process wait
// for each other.
func (d *Duties) Alone(ctx context.Context, duty Duty, fn func(context.Context) error) error {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		mine, err := db.New(tx).TryLock(ctx, int64(duty))
		if err != nil {
			return fmt.Errorf("lock duty: %w", err)
		}
		if !mine {
			return nil
		}
		return fn(ctx)
	})
}

// RaiseCRLNumber makes the issuer's next list number greater than the given
// one: after a database was restored from an older backup, numbers must still
// only grow (RFC 5280, 5.2.3).
func (b *Book) RaiseCRLNumber(ctx context.Context, issuer string, atLeast int64) error {
	if err := db.New(b.pool).RaiseCRLNumber(ctx, db.RaiseCRLNumberParams{Issuer: issuer, Number: atLeast}); err != nil {
		return fmt.Errorf("raise CRL number: %w", err)
	}
	return nil
}

// WithSerial finds the reserved and issued certificates of a serial number, of
// every issuer; those that are only reserved have no DER.
func (b *Book) WithSerial(ctx context.Context, serial ca.Serial) ([]CertificateView, error) {
	rows, err := db.New(b.pool).CertificatesBySerial(ctx, string(serial))
	if err != nil {
		return nil, fmt.Errorf("find certificates: %w", err)
	}
	out := make([]CertificateView, 0, len(rows))
	for _, row := range rows {
		out = append(out, *viewOfCertificate(row))
	}
	return out, nil
}

// Superseded gives at most limit certificates that are in force at the instant
// although their owner's renewal, of the same service and organisation, has
// been in force since the earlier instant or longer.
func (b *Book) Superseded(ctx context.Context, at, inForceSince time.Time, limit int) ([]ca.Revocation, error) {
	rows, err := db.New(b.pool).SupersededCertificates(ctx, db.SupersededCertificatesParams{
		At: at, InForceSince: inForceSince, MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("find superseded certificates: %w", err)
	}
	out := make([]ca.Revocation, 0, len(rows))
	for _, row := range rows {
		r, err := ca.NewRevocation(row.Issuer, ca.Serial(row.SerialNumber), pki.ReasonSuperseded, at)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// ForgetEnded destroys the sealed passwords of credentials past their term and
// returns how many there were.
func (c *Credentials) ForgetEnded(ctx context.Context, at time.Time) (int64, error) {
	n, err := db.New(c.pool).ForgetEndedPasswords(ctx, at)
	if err != nil {
		return 0, fmt.Errorf("forget ended passwords: %w", err)
	}
	return n, nil
}
