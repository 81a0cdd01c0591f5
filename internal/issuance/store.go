package issuance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Certificates remember every certificate from before it is signed: as
// ca.Store, but for the completion, which takes what comes into being with it.
type Certificates interface {
	Find(ctx context.Context, orderID string) (ca.Stored, []byte, error)
	// Reserve stores what is prepared once prove finds it proven in the same
	// transaction.
	Reserve(ctx context.Context, p ca.Prepared, prove func(Stored) error) (stored ca.Stored, existing bool, err error)
	// Complete stores the certificate with the end of its order, which is told by what it is paid.
	Complete(ctx context.Context, stored ca.Stored, der []byte, done func(Paid) order.Decision, credentials storage.Credential) (kept []byte, err error)
	Orphans(ctx context.Context, before time.Time, limit int) ([]ca.Stored, error)
}

// Credentials draws the login and password of a certificate.
type Credentials interface {
	Draw(orderID string, now time.Time) (storage.Credential, error)
}

// Store is the ca.Store that completes a certificate together with its
// credentials and the end of its order.
type Store struct {
	Certificates
	Gate        Prover
	Alarms      Alarms
	Credentials Credentials
	Now         func() time.Time
	// Completed is told of each certificate that came out, for figures; nil for nobody.
	Completed func(paid Paid, at time.Time)
}

// Prover finds in what is stored that something may be certified; *RefusedError
// when it may not.
type Prover interface {
	Prove(ctx context.Context, s Stored, p ca.Prepared) error
}

// Alarms hear what the gate refuses. An error of theirs makes the refusal one
// that is asked for again, so that none goes unheard.
type Alarms interface {
	Refused(ctx context.Context, orderID order.ID, keyID string, refusals []Refusal) error
}

// Reserve stores what is prepared if the gate lets it through: see ca.Store.
// What it refuses is an alarm, once the transaction is over.
func (st Store) Reserve(ctx context.Context, p ca.Prepared) (ca.Stored, bool, error) {
	stored, existing, err := st.Certificates.Reserve(ctx, p, func(s Stored) error { return st.Gate.Prove(ctx, s, p) })
	var refused *RefusedError
	if !errors.As(err, &refused) {
		return stored, existing, err
	}
	id, badID := order.ParseID(p.OrderID)
	if badID != nil {
		return stored, existing, err
	}
	if unheard := st.Alarms.Refused(ctx, id, p.KeyID, refused.Refusals); unheard != nil {
		return ca.Stored{}, false, fmt.Errorf("report what the gate refused: %w", unheard)
	}
	return stored, existing, err
}

// maxDraws bounds the new draws after a login that is taken (1 in 10^12 each).
const maxDraws = 3

// Complete stores the certificate with what comes into being with it: see ca.Store.
func (st Store) Complete(ctx context.Context, stored ca.Stored, der []byte) ([]byte, error) {
	p := stored.Prepared()
	at := st.Now()
	var by Paid
	done := func(paid Paid) order.Decision {
		by = paid
		return order.Issue(paid.PaymentID, map[string]string{
			"payment": paid.PaymentID.String(), "issuer": p.Issuer, "serial": string(p.Serial), "certificate": audit.Digest(der), "key": p.KeyID,
		}, at)
	}
	var kept []byte
	var err error
	for range maxDraws {
		var drawn storage.Credential
		if drawn, err = st.Credentials.Draw(p.OrderID, at); err != nil {
			return nil, err
		}
		if kept, err = st.Certificates.Complete(ctx, stored, der, done, drawn); !errors.Is(err, storage.ErrLoginTaken) {
			break
		}
	}
	if err == nil && st.Completed != nil {
		st.Completed(by, at)
	}
	return kept, err
}
