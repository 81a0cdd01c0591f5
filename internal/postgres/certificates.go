package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// CertificateStore remembers every certificate from before it is signed (I1)
// and what was revoked: it implements ca.Revocations.
type CertificateStore struct{ pool *pgxpool.Pool }

// NewCertificateStore makes the store of certificates.
func NewCertificateStore(pool *pgxpool.Pool) *CertificateStore { return &CertificateStore{pool: pool} }

// ErrKeyTaken is returned by Reserve for a key that stands in the certificate
// of another order (S3).
var ErrKeyTaken = errors.New("the key is in another certificate")

// Find gives the reservation of an order and its certificate in DER, nil until
// Complete. Error: ca.ErrNotReserved.
func (s *CertificateStore) Find(ctx context.Context, orderID string) (ca.Stored, []byte, error) {
	id, err := parseID(orderID)
	if err != nil {
		return ca.Stored{}, nil, fmt.Errorf("find reservation: %w", err)
	}
	row, err := db.New(s.pool).Certificate(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ca.Stored{}, nil, ca.ErrNotReserved
	}
	if err != nil {
		return ca.Stored{}, nil, fmt.Errorf("find reservation: %w", err)
	}
	return storedOf(row), row.Der, nil
}

// Issued gives the certificate of an order in DER, nil while there is none.
func (s *CertificateStore) Issued(ctx context.Context, id order.ID) ([]byte, error) {
	_, der, err := s.Find(ctx, id.String())
	if errors.Is(err, ca.ErrNotReserved) {
		return nil, nil
	}
	return der, err
}

// Reserve stores what is prepared once prove finds, in the same transaction,
// that everything it rests on is stored: see issuance.Gate. An order that has
// a reservation keeps it, and existing is true. Errors: ca.ErrSerialTaken,
// order.ErrNotFound, ErrKeyTaken, and prove's own.
func (s *CertificateStore) Reserve(
	ctx context.Context, p ca.Prepared, prove func(issuance.Stored) error,
) (stored ca.Stored, existing bool, err error) {
	id, err := parseID(p.OrderID)
	if err != nil {
		return ca.Stored{}, false, fmt.Errorf("reserve certificate: %w", err)
	}
	var row db.Certificate
	ahead := func(q *db.Queries) { askStored(ctx, q, id) }
	err = inTrips(ctx, s.pool, ahead, func(q, last *db.Queries) error {
		evidence, err := storedOfOrder(ctx, q, order.ID(id))
		if err != nil {
			return err
		}
		if !evidence.Order.Stage.Open() {
			// Another try may have been faster: its certificate is no reason for alarm.
			if row, err = q.Certificate(ctx, id); !errors.Is(err, pgx.ErrNoRows) {
				existing = err == nil
				return err
			}
		}
		if err := prove(evidence); err != nil {
			return err
		}
		row, err = last.ReserveCertificate(ctx, reservation(id, p))
		if existing = errors.Is(err, pgx.ErrNoRows); existing {
			err = nil // it is read below
		}
		return err
	})
	if err == nil && existing && row.OrderID == uuid.Nil {
		row, err = db.New(s.pool).Certificate(ctx, id)
	}
	switch {
	case violates(err, "certificates_issuer_serial_number_key"):
		return ca.Stored{}, false, ca.ErrSerialTaken
	case violates(err, "certificates_key_id_key"):
		return ca.Stored{}, false, ErrKeyTaken
	case err != nil:
		return ca.Stored{}, false, fmt.Errorf("reserve certificate: %w", err)
	}
	return storedOf(row), existing, nil
}

func reservation(id uuid.UUID, p ca.Prepared) db.ReserveCertificateParams {
	return db.ReserveCertificateParams{
		OrderID: id, SerialNumber: string(p.Serial), KeyID: p.KeyID, Issuer: p.Issuer, Algorithm: p.Algorithm, Tbs: p.TBS,
		NotBefore: p.NotBefore, NotAfter: p.NotAfter,
	}
}

// Complete stores the certificate of a reservation with the credentials that
// open it and the decision that ends its order, which is told by what it is
// paid, all at once. A reservation that has its certificate keeps it, and its
// credentials; the certificate that the order has from now on is returned.
// Errors: ca.ErrNotReserved, storage.ErrLoginTaken, and the decision's own.
func (s *CertificateStore) Complete(
	ctx context.Context, reserved ca.Stored, der []byte, done func(issuance.Paid) order.Decision, credentials storage.Credential,
) ([]byte, error) {
	orderID := reserved.Prepared().OrderID
	id, err := parseID(orderID)
	if err != nil || len(der) == 0 || credentials.OrderID != orderID {
		return nil, errors.Join(errors.New("complete certificate: want a reservation, a certificate and credentials of one order"), err)
	}
	var kept []byte
	p := completion(id, der, credentials)
	ahead := func(q *db.Queries) {
		_, _ = q.LockPaidOrder(ctx, id)
		_, _ = q.CompleteCertificate(ctx, p)
	}
	err = decidingAfter(ctx, s.pool, ahead, func(q *db.Queries, c *changes) error {
		row, err := q.LockPaidOrder(ctx, id)
		if err != nil {
			return absent(err, "order")
		}
		r, err := recordOf(row.Order)
		if err != nil {
			return err
		}
		if kept, err = complete(ctx, q, p); err != nil {
			return err
		}
		if _, err := c.decide(r, done(paidBy(r, row.PaymentID, row.PaidAt))); err != nil && !errors.Is(err, order.ErrUnchanged) {
			return err
		}
		c.dates(reserved.Prepared().NotBefore, reserved.Prepared().NotAfter, credentials.CreatedAt)
		return nil
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ca.ErrNotReserved
	case violates(err, "credentials_login_key"):
		return nil, storage.ErrLoginTaken
	case err != nil:
		return nil, fmt.Errorf("complete certificate: %w", err)
	}
	return kept, nil
}

// paidBy is what a record is paid by; zero for nothing.
func paidBy(r order.Record, payment *uuid.UUID, at time.Time) issuance.Paid {
	if payment == nil {
		return issuance.Paid{}
	}
	return issuance.Paid{PaymentID: order.ID(*payment), At: at, UploadedAt: r.UploadedAt, SavedAt: r.CompletedAt, ApprovedAt: r.ApprovedAt}
}

func completion(id uuid.UUID, der []byte, g storage.Credential) db.CompleteCertificateParams {
	return db.CompleteCertificateParams{
		OrderID: id, Der: der, Login: string(g.Login), PasswordHash: g.Hash, SealedPassword: g.Sealed, CreatedAt: g.CreatedAt,
		ExpiresAt: g.ExpiresAt,
	}
}

func complete(ctx context.Context, q *db.Queries, p db.CompleteCertificateParams) ([]byte, error) {
	n, err := q.CompleteCertificate(ctx, p)
	if err != nil || n == 1 {
		return p.Der, err
	}
	row, err := q.Certificate(ctx, p.OrderID)
	return row.Der, err
}

// Orphans gives at most limit reservations made before the instant that have
// no certificate, the oldest first.
func (s *CertificateStore) Orphans(ctx context.Context, before time.Time, limit int) ([]ca.Stored, error) {
	rows, err := db.New(s.pool).OrphanCertificates(ctx, db.OrphanCertificatesParams{Before: before, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("find orphans: %w", err)
	}
	out := make([]ca.Stored, 0, len(rows))
	for _, row := range rows {
		out = append(out, storedOf(row))
	}
	return out, nil
}

func storedOf(row db.Certificate) ca.Stored {
	tbs := row.Tbs
	if c, err := pki.ParseCertificate(row.Der); err == nil {
		tbs = c.RawTBS // they are kept as a part of the certificate
	}
	return ca.MarkStored(ca.Prepared{
		OrderID: row.OrderID.String(), Issuer: row.Issuer, Serial: ca.Serial(row.SerialNumber), TBS: tbs,
		Algorithm: row.Algorithm, KeyID: row.KeyID, NotBefore: row.NotBefore, NotAfter: row.NotAfter,
	})
}
