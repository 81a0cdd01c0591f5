package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Revoke records a revocation with its audit entry. A certificate that is
// revoked already stays as it is. Error: ca.ErrUnknownCertificate.
func (b *Book) Revoke(ctx context.Context, r ca.Revocation) error {
	err := inTx(ctx, b.pool, func(q *db.Queries) error {
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
			Evidence: audit.Evidence{"serial": row.SerialNumber, "issuer": r.Issuer, "reason": fmt.Sprintf("%d", r.Reason)},
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
func (b *Book) Revoked(ctx context.Context, issuer string, at time.Time) ([]ca.Revocation, error) {
	rows, err := db.New(b.pool).RevokedCertificates(ctx, db.RevokedCertificatesParams{Issuer: issuer, At: at})
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

// NextCRLNumber gives the issuer's next list number, from 1, each once.
func (b *Book) NextCRLNumber(ctx context.Context, issuer string) (int64, error) {
	n, err := db.New(b.pool).NextCRLNumber(ctx, issuer)
	if err != nil {
		return 0, fmt.Errorf("next CRL number: %w", err)
	}
	return n, nil
}

// BySerial finds an issued certificate. Error: ca.ErrUnknownCertificate.
func (b *Book) BySerial(ctx context.Context, issuer string, serial ca.Serial) (CertificateView, error) {
	row, err := db.New(b.pool).CertificateBySerial(ctx, db.CertificateBySerialParams{Issuer: issuer, SerialNumber: string(serial)})
	if err != nil {
		return CertificateView{}, fmt.Errorf("find certificate: %w", unknownCertificate(err))
	}
	return *viewOfCertificate(row), nil
}

// Activate finds the order of a certificate in DER and notes the first sign-in
// with it (I7); a repetition changes nothing. Error: activities.ErrNotFound.
func (b *Book) Activate(ctx context.Context, certificate []byte, at time.Time) (string, error) {
	var orderID string
	err := inTx(ctx, b.pool, func(q *db.Queries) error {
		row, err := q.CertificateByDER(ctx, certificate)
		if err != nil {
			return absent(err, "certificate")
		}
		orderID = row.OrderID.String()
		n, err := q.ActivateCertificate(ctx, db.ActivateCertificateParams{OrderID: row.OrderID, At: at})
		if err != nil || n == 0 {
			return err
		}
		if err := q.Notify(ctx, db.NotifyParams{Channel: string(ChannelOrder), Payload: orderID}); err != nil {
			return err
		}
		_, err = appendEvent(ctx, q, audit.Event{
			At: at, Actor: audit.Actor{Kind: audit.ActorPortal, ID: "portal"}, Action: audit.ActionCertificateActivated,
			OrderID: orderID, Evidence: audit.Evidence{"serial": row.SerialNumber},
		}, nil)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("activate: %w", err)
	}
	return orderID, nil
}

func unknownCertificate(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ca.ErrUnknownCertificate
	}
	return err
}
