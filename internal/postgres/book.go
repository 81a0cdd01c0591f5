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
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Book remembers every certificate from before it is signed (I1): it
// implements ca.Book and ca.Revocations.
type Book struct{ pool *pgxpool.Pool }

// NewBook makes the book of certificates.
func NewBook(pool *pgxpool.Pool) *Book { return &Book{pool: pool} }

// Errors of reservations.
var (
	// ErrNotPaid is returned by Reserve for an order that is not paid (I1).
	ErrNotPaid = errors.New("nothing is issued before the payment")
	// ErrKeyTaken is returned by Reserve for a key that stands in the certificate
	// of another order (S3).
	ErrKeyTaken = errors.New("the key is in another certificate")
)

// Find gives the reservation of an order and its certificate in DER, nil until
// Complete. Error: ca.ErrNotReserved.
func (b *Book) Find(ctx context.Context, orderID string) (ca.Stored, []byte, error) {
	id, err := parseID(orderID)
	if err != nil {
		return ca.Stored{}, nil, fmt.Errorf("find reservation: %w", err)
	}
	row, err := db.New(b.pool).Certificate(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ca.Stored{}, nil, ca.ErrNotReserved
	}
	if err != nil {
		return ca.Stored{}, nil, fmt.Errorf("find reservation: %w", err)
	}
	return storedOf(row), row.Der, nil
}

// Reserve stores what is prepared. An order that has a reservation keeps it,
// and existing is true. Errors: ca.ErrSerialTaken, ErrNotPaid, ErrKeyTaken.
func (b *Book) Reserve(ctx context.Context, p ca.Prepared) (ca.Stored, bool, error) {
	var row db.Certificate
	var n int64
	err := inTx(ctx, b.pool, func(q *db.Queries) error {
		id, err := parseID(p.OrderID)
		if err != nil {
			return err
		}
		if err := mayIssue(ctx, q, id); err != nil {
			return err
		}
		if n, err = q.ReserveCertificate(ctx, reservation(id, p)); err != nil {
			return err
		}
		row, err = q.Certificate(ctx, id)
		return err
	})
	switch {
	case violates(err, "certificates_issuer_serial_number_key"):
		return ca.Stored{}, false, ca.ErrSerialTaken
	case violates(err, "certificates_key_id_key"):
		return ca.Stored{}, false, ErrKeyTaken
	case err != nil:
		return ca.Stored{}, false, fmt.Errorf("reserve certificate: %w", err)
	}
	return storedOf(row), n == 0, nil
}

// mayIssue locks what pays for the order and lets only paid orders pass.
func mayIssue(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	line, err := lockHolder(ctx, q, id)
	if err != nil {
		return err
	}
	if line == nil || line.state != payments.PayablePaid {
		return ErrNotPaid
	}
	return nil
}

func reservation(id uuid.UUID, p ca.Prepared) db.ReserveCertificateParams {
	return db.ReserveCertificateParams{
		OrderID: id, SerialNumber: string(p.Serial), KeyID: p.KeyID, Issuer: p.Issuer, Algorithm: p.Algorithm, Tbs: p.TBS,
		NotBefore: p.NotBefore, NotAfter: p.NotAfter,
	}
}

// Complete stores the certificate of a reservation, unless it has one, and
// returns the one it has from now on.
func (b *Book) Complete(ctx context.Context, stored ca.Stored, der []byte) ([]byte, error) {
	id, err := parseID(stored.Prepared().OrderID)
	if err != nil || len(der) == 0 {
		return nil, errors.Join(errors.New("complete certificate: want a reservation and a certificate"), err)
	}
	var kept []byte
	err = inTx(ctx, b.pool, func(q *db.Queries) error {
		if _, err := q.CompleteCertificate(ctx, db.CompleteCertificateParams{OrderID: id, Der: der}); err != nil {
			return err
		}
		row, err := q.Certificate(ctx, id)
		kept = row.Der
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ca.ErrNotReserved
	}
	if err != nil {
		return nil, fmt.Errorf("complete certificate: %w", err)
	}
	return kept, nil
}

// Orphans gives at most limit reservations made before the instant that have
// no certificate, the oldest first.
func (b *Book) Orphans(ctx context.Context, before time.Time, limit int) ([]ca.Stored, error) {
	rows, err := db.New(b.pool).OrphanCertificates(ctx, db.OrphanCertificatesParams{Before: before, MaxRows: int32(limit)})
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
	return ca.MarkStored(ca.Prepared{
		OrderID: row.OrderID.String(), Issuer: row.Issuer, Serial: ca.Serial(row.SerialNumber), TBS: row.Tbs,
		Algorithm: row.Algorithm, KeyID: row.KeyID, NotBefore: row.NotBefore, NotAfter: row.NotAfter,
	})
}
