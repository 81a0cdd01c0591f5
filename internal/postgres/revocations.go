package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Revoke records a revocation with its audit entry. A certificate that is
// revoked already stays as it is. Error: ca.ErrUnknownCertificate.
func (s *CertificateStore) Revoke(ctx context.Context, r ca.Revocation) error {
	err := inTx(ctx, s.pool, func(q *db.Queries) error {
		row, err := q.CertificateBySerial(ctx, db.CertificateBySerialParams{Issuer: r.Issuer, SerialNumber: string(r.Serial)})
		if err != nil {
			return unknownCertificate(err)
		}
		n, err := q.RevokeCertificate(ctx, db.RevokeCertificateParams{
			At: r.At, Reason: int32(r.Reason), Issuer: r.Issuer, SerialNumber: string(r.Serial),
		})
		if err != nil || n == 0 {
			return err
		}
		_, err = appendEvent(ctx, q, audit.Event{
			At: r.At, Actor: revoker(r), Action: audit.ActionCertificateRevoked, OrderID: row.OrderID.String(),
			Evidence: audit.Evidence{
				"serial": row.SerialNumber, "issuer": r.Issuer, "reason": fmt.Sprintf("%d", r.Reason), "certificate": audit.Digest(row.Der),
			},
		}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("revoke certificate: %w", err)
	}
	return nil
}

// revoker is who has revoked: an operator, or the rules.
func revoker(r ca.Revocation) audit.Actor {
	if r.By == "" {
		return audit.System()
	}
	return audit.Actor{Kind: audit.ActorOperator, ID: r.By}
}

// Revoked gives the issuer's revoked certificates that have not ended before
// the instant, by serial number.
func (s *CertificateStore) Revoked(ctx context.Context, issuer string, at time.Time) ([]ca.Revocation, error) {
	rows, err := db.New(s.pool).RevokedCertificates(ctx, db.RevokedCertificatesParams{Issuer: issuer, At: at})
	if err != nil {
		return nil, fmt.Errorf("list revoked certificates: %w", err)
	}
	out := make([]ca.Revocation, 0, len(rows))
	for _, row := range rows {
		r := ca.Revocation{Issuer: issuer, Serial: ca.Serial(row.SerialNumber), At: timeOf(row.RevokedAt)}
		if row.RevocationReason != nil {
			r.Reason = pki.Reason(*row.RevocationReason)
		}
		out = append(out, r)
	}
	return out, nil
}

// NextCRLNumber gives the issuer's next CRL number, from 1, each once.
func (s *CertificateStore) NextCRLNumber(ctx context.Context, issuer string) (int64, error) {
	n, err := db.New(s.pool).NextCRLNumber(ctx, issuer)
	if err != nil {
		return 0, fmt.Errorf("next CRL number: %w", err)
	}
	return n, nil
}

// RaiseCRLNumber makes the issuer's next CRL number greater than the given
// one: after a database was restored from an older backup, numbers must still
// only grow (RFC 5280, 5.2.3).
func (s *CertificateStore) RaiseCRLNumber(ctx context.Context, issuer string, atLeast int64) error {
	if err := db.New(s.pool).RaiseCRLNumber(ctx, db.RaiseCRLNumberParams{Issuer: issuer, Number: atLeast}); err != nil {
		return fmt.Errorf("raise CRL number: %w", err)
	}
	return nil
}

// WithSerial finds the reserved and issued certificates of a serial number, of
// every issuer; those that are only reserved have no DER.
func (s *CertificateStore) WithSerial(ctx context.Context, serial ca.Serial) ([]CertificateView, error) {
	rows, err := db.New(s.pool).CertificatesBySerial(ctx, string(serial))
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
func (s *CertificateStore) Superseded(ctx context.Context, at, inForceSince time.Time, limit int) ([]ca.Revocation, error) {
	rows, err := db.New(s.pool).SupersededCertificates(ctx, db.SupersededCertificatesParams{
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

// BySerial finds an issued certificate. Error: ca.ErrUnknownCertificate.
func (s *CertificateStore) BySerial(ctx context.Context, issuer string, serial ca.Serial) (CertificateView, error) {
	row, err := db.New(s.pool).CertificateBySerial(ctx, db.CertificateBySerialParams{Issuer: issuer, SerialNumber: string(serial)})
	if err != nil {
		return CertificateView{}, fmt.Errorf("find certificate: %w", unknownCertificate(err))
	}
	return *viewOfCertificate(row), nil
}

// Activate finds the order of a certificate in DER and notes the first sign-in
// with it (I7); a repetition changes nothing. Error: order.ErrNotFound.
func (s *CertificateStore) Activate(ctx context.Context, certificate []byte, at time.Time) (order.ID, error) {
	var orderID order.ID
	err := inTx(ctx, s.pool, func(q *db.Queries) error {
		row, err := q.CertificateByDER(ctx, certificate)
		if err != nil {
			return absent(err, "certificate")
		}
		orderID = order.ID(row.OrderID)
		n, err := q.ActivateCertificate(ctx, db.ActivateCertificateParams{OrderID: row.OrderID, At: at})
		if err != nil || n == 0 {
			return err
		}
		// Screens that wait for the order show the sign-in.
		if err := q.ChangeOrder(ctx, row.OrderID); err != nil {
			return err
		}
		_, err = appendEvent(ctx, q, audit.Event{
			At: at, Actor: audit.Actor{Kind: audit.ActorPortal, ID: "portal"}, Action: audit.ActionCertificateActivated,
			OrderID: orderID.String(), Evidence: audit.Evidence{"serial": row.SerialNumber, "certificate": audit.Digest(row.Der)},
		}, nil)
		return err
	})
	if err != nil {
		return order.ID{}, fmt.Errorf("activate: %w", err)
	}
	return orderID, nil
}

func unknownCertificate(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ca.ErrUnknownCertificate
	}
	return err
}
