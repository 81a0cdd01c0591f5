package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Credentials keeps the credentials of the certificate storage (I4, I5) and
// counts the attempts to guess them: it implements storage.Store and
// storage.Attempts.
type Credentials struct {
	pool  *pgxpool.Pool
	chain Chain
}

// Chain finds the certificates of a certificate's issuers, all in DER: the
// nearest first and the root last.
type Chain func(certificate []byte) ([][]byte, error)

// NewCredentials makes the store of credentials.
func NewCredentials(pool *pgxpool.Pool, chain Chain) *Credentials {
	return &Credentials{pool: pool, chain: chain}
}

// Create keeps the credential. An order that has one keeps that, which is returned.
// Error: storage.ErrLoginTaken.
func (c *Credentials) Create(ctx context.Context, credential storage.Credential) (storage.Credential, error) {
	id, err := parseID(credential.OrderID)
	if err != nil {
		return storage.Credential{}, fmt.Errorf("create credentials: %w", err)
	}
	_, err = db.New(c.pool).InsertCredentials(ctx, db.InsertCredentialsParams{
		OrderID: id, Login: string(credential.Login), PasswordHash: credential.Hash, SealedPassword: credential.Sealed, CreatedAt: credential.CreatedAt,
		ExpiresAt: credential.ExpiresAt,
	})
	if violates(err, "credentials_login_key") {
		return storage.Credential{}, storage.ErrLoginTaken
	}
	if err != nil {
		return storage.Credential{}, fmt.Errorf("create credentials: %w", err)
	}
	return c.ByOrder(ctx, credential.OrderID)
}

// ByLogin finds a credential. Error: storage.ErrNotFound.
func (c *Credentials) ByLogin(ctx context.Context, login storage.Login) (storage.Credential, error) {
	row, err := db.New(c.pool).CredentialsByLogin(ctx, string(login))
	return credentialOf(row, err)
}

// ByOrder finds a credential. Error: storage.ErrNotFound.
func (c *Credentials) ByOrder(ctx context.Context, orderID string) (storage.Credential, error) {
	id, err := parseID(orderID)
	if err != nil {
		return storage.Credential{}, storage.ErrNotFound
	}
	row, err := db.New(c.pool).CredentialsByOrder(ctx, id)
	return credentialOf(row, err)
}

func credentialOf(row db.Credential, err error) (storage.Credential, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return storage.Credential{}, storage.ErrNotFound
	}
	if err != nil {
		return storage.Credential{}, fmt.Errorf("find credentials: %w", err)
	}
	return storage.Credential{
		OrderID: row.OrderID.String(), Login: storage.Login(row.Login), Hash: row.PasswordHash, Sealed: row.SealedPassword,
		CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
	}, nil
}

// Forget destroys the sealed password; no error when it is gone already.
func (c *Credentials) Forget(ctx context.Context, orderID string) error {
	id, err := parseID(orderID)
	if err != nil {
		return fmt.Errorf("forget password: %w", err)
	}
	if err := db.New(c.pool).ForgetPassword(ctx, id); err != nil {
		return fmt.Errorf("forget password: %w", err)
	}
	return nil
}

// Rehash replaces the hash old by another one, and does nothing when the row
// has a third one by now.
func (c *Credentials) Rehash(ctx context.Context, orderID, old, fresh string) error {
	id, err := parseID(orderID)
	if err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	if err := db.New(c.pool).RehashPassword(ctx, db.RehashPasswordParams{OrderID: id, Old: old, Fresh: fresh}); err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	return nil
}

// Fetch reads the certificate with its chain and records in the same
// transaction that it was fetched. Error: storage.ErrNotFound.
func (c *Credentials) Fetch(ctx context.Context, orderID string, at time.Time) (storage.Issued, error) {
	id, err := parseID(orderID)
	if err != nil {
		return storage.Issued{}, storage.ErrNotFound
	}
	var row db.Certificate
	err = inTrips(ctx, c.pool, nil, func(q, last *db.Queries) error {
		var err error
		row, err = q.Certificate(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Der == nil {
			return storage.ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = appendEvent(ctx, last, audit.Event{
			At: at, Actor: audit.Actor{Kind: audit.ActorVisitor, ID: "storage"}, Action: audit.ActionCertificateFetched,
			OrderID: orderID, Evidence: audit.Evidence{"serial": row.SerialNumber, "certificate": audit.Digest(row.Der)},
		}, nil)
		return err
	})
	if err != nil {
		return storage.Issued{}, fmt.Errorf("fetch certificate: %w", err)
	}
	chain, err := c.chain(row.Der)
	if err != nil {
		return storage.Issued{}, fmt.Errorf("chain of issuer %s: %w", row.Issuer, err)
	}
	return storage.Issued{Certificate: row.Der, Chain: chain}, nil
}

// Register adds one to a counter of attempts and returns its new value.
func (c *Credentials) Register(ctx context.Context, counter storage.Counter) (int, error) {
	n, err := db.New(c.pool).CountAttempt(ctx, db.CountAttemptParams{Key: counter.Key, Starts: counter.Start, Ends: counter.End})
	if err != nil {
		return 0, fmt.Errorf("count attempt: %w", err)
	}
	return int(n), nil
}

// Release takes one away from a counter of attempts; one that is not there stays so.
func (c *Credentials) Release(ctx context.Context, counter storage.Counter) error {
	if err := db.New(c.pool).ReleaseAttempt(ctx, db.ReleaseAttemptParams{Key: counter.Key, Starts: counter.Start}); err != nil {
		return fmt.Errorf("release attempt: %w", err)
	}
	return nil
}

// DropAttempts deletes the counters that ended before the instant.
func (c *Credentials) DropAttempts(ctx context.Context, before time.Time) error {
	if err := db.New(c.pool).DropOldAttempts(ctx, before); err != nil {
		return fmt.Errorf("drop old attempts: %w", err)
	}
	return nil
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
