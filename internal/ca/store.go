package ca

import (
	"context"
	"errors"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Prepared is everything about a certificate but its signature.
type Prepared struct {
	// OrderID is the order it is for; one certificate each.
	OrderID string
	// Issuer is the name of the issuer that prepared it and that will sign it.
	Issuer string
	Serial Serial
	// TBS is the exact TBSCertificate (RFC 5280, 4.1.2) in DER.
	TBS []byte
	// Algorithm is the AlgorithmIdentifier of the signature in DER.
	Algorithm []byte
	// KeyID identifies the subject's public key: see pki/alg.KeyID.
	KeyID     string
	NotBefore time.Time
	NotAfter  time.Time
}

// Stored is what a Store has on disk: the only thing an Issuer signs. Its zero
// value is nothing stored, and is refused.
type Stored struct{ prepared *Prepared }

// MarkStored is for implementations of Store, and for them only: it states that
// exactly this is committed.
func MarkStored(p Prepared) Stored { return Stored{prepared: &p} }

// Prepared is what was stored; its zero value when nothing was.
func (s Stored) Prepared() Prepared {
	if s.prepared == nil {
		return Prepared{}
	}
	return *s.prepared
}

// Errors of a Store.
var (
	// ErrNotReserved is returned by Find for an order without a reservation.
	ErrNotReserved = errors.New("nothing is reserved for the order")
	// ErrSerialTaken is returned by Reserve when the issuer has used the serial number.
	ErrSerialTaken = errors.New("the serial number is taken")
)

// Store remembers every certificate from before it is signed. Each method is
// one committed transaction: what it returns survives a crash right after.
type Store interface {
	// Find gives the reservation of an order and its certificate in DER, which
	// is nil until Complete. ErrNotReserved when there is none.
	Find(ctx context.Context, orderID string) (Stored, []byte, error)
	// Reserve stores what is prepared, unique by OrderID and by Issuer and
	// Serial. When the order has a reservation already, that one is returned
	// unchanged with existing true. ErrSerialTaken when the serial number
	// belongs to another order.
	Reserve(ctx context.Context, p Prepared) (stored Stored, existing bool, err error)
	// Complete stores the certificate of a reservation, unless it has one, and
	// returns the one it has from now on. Whatever else comes into being
	// with the certificate (credentials, audit entry) is in the same transaction.
	Complete(ctx context.Context, stored Stored, der []byte) (kept []byte, err error)
	// Orphans gives at most limit reservations made before the instant that
	// have no certificate, the oldest first.
	Orphans(ctx context.Context, before time.Time, limit int) ([]Stored, error)
}

// Certificate is an issued certificate.
type Certificate struct {
	OrderID string
	Issuer  string
	Serial  Serial
	// DER is the certificate.
	DER       []byte
	NotBefore time.Time
	NotAfter  time.Time
}

func certificateOf(p Prepared, der []byte) Certificate {
	return Certificate{
		OrderID: p.OrderID, Issuer: p.Issuer, Serial: p.Serial, DER: der, NotBefore: p.NotBefore, NotAfter: p.NotAfter,
	}
}

// Revocation is one revoked certificate.
type Revocation struct {
	Issuer string
	Serial Serial
	Reason pki.Reason
	At     time.Time
	// By is the account of the operator who revokes it; empty for the rules
	// (superseded) and in what is read back.
	By string
}

// ErrUnknownCertificate is returned by Revoke for a certificate never issued.
var ErrUnknownCertificate = errors.New("no such certificate was issued")

// Revocations remember what was revoked.
type Revocations interface {
	// Revoke records a revocation, in one transaction with its audit entry. A
	// certificate that is revoked already stays as it is, without an error.
	// ErrUnknownCertificate when the issuer has issued no such certificate.
	Revoke(ctx context.Context, r Revocation) error
	// Revoked gives the issuer's revoked certificates that have not ended
	// before the instant, by serial number.
	Revoked(ctx context.Context, issuer string, at time.Time) ([]Revocation, error)
	// NextCRLNumber gives the issuer's next list number: from 1, each used once,
	// committed before it is returned.
	NextCRLNumber(ctx context.Context, issuer string) (int64, error)
}
