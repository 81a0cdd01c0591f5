package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// DefaultTerm is how long credentials hold.
const DefaultTerm = 30 * 24 * time.Hour

// Grant is a row of credentials: one per order.
type Grant struct {
	OrderID string
	Login   Login
	// Hash is the password's argon2id hash in PHC form.
	Hash string
	// Sealed is the password under the keyring until it is delivered; nil afterwards.
	Sealed    []byte
	CreatedAt time.Time
	// ExpiresAt is when the credentials stop opening anything.
	ExpiresAt time.Time
}

// Issued is what the credentials open.
type Issued struct {
	// Certificate is DER.
	Certificate []byte
	// Chain are the DER certificates of its issuers, the nearest first, the root last.
	Chain [][]byte
}

// Errors of the storage.
var (
	// ErrNotFound is returned by a Store that has no such row.
	ErrNotFound = errors.New("no such credentials")
	// ErrLoginTaken is returned by Store.Create for a login of another order.
	ErrLoginTaken = errors.New("the login is taken")
	// ErrDelivered is returned by Reveal when the clear password is gone.
	ErrDelivered = errors.New("the password was delivered and is no longer known")
	// ErrDenied is returned for an unknown login and for a wrong password alike.
	ErrDenied = errors.New("login or password is wrong")
	// ErrExpired is returned to who knows the password of credentials past their term.
	ErrExpired = errors.New("the credentials are past their term")
)

// Store keeps credentials and finds what they open.
type Store interface {
	// Create keeps the grant, unique by OrderID and by Login. When the order has
	// one already, that one is returned and nothing changes; when the login
	// belongs to another order it returns ErrLoginTaken.
	Create(ctx context.Context, grant Grant) (Grant, error)
	// ByLogin finds a grant; ErrNotFound when there is none.
	ByLogin(ctx context.Context, login Login) (Grant, error)
	// ByOrder finds a grant; ErrNotFound when there is none.
	ByOrder(ctx context.Context, orderID string) (Grant, error)
	// Forget sets Sealed to nothing; no error when it is nothing already.
	Forget(ctx context.Context, orderID string) error
	// Rehash replaces the hash old by the new one, and does nothing when the
	// row has another hash by now.
	Rehash(ctx context.Context, orderID, old, new string) error
	// Fetch reads the issued certificate and its chain and records, in the same
	// transaction, that it was fetched (audit: certificate-fetched).
	Fetch(ctx context.Context, orderID string, at time.Time) (Issued, error)
}

// Sealer is the keyring that encrypts passwords until they are delivered.
type Sealer interface {
	Seal(plaintext, associatedData []byte) ([]byte, error)
	Open(envelope, associatedData []byte) ([]byte, error)
}

// Desk makes and reveals credentials; Service opens with them.
type Desk struct {
	store  Store
	hasher *Hasher
	sealer Sealer
	random io.Reader
	term   time.Duration
}

// NewDesk makes credentials that hold for the term (DefaultTerm when zero).
func NewDesk(store Store, hasher *Hasher, sealer Sealer, random io.Reader, term time.Duration) (*Desk, error) {
	if store == nil || hasher == nil || sealer == nil || random == nil || term < 0 {
		return nil, errors.New("credentials: want a store, a hasher, a keyring, a random source and a term")
	}
	if term == 0 {
		term = DefaultTerm
	}
	return &Desk{store: store, hasher: hasher, sealer: sealer, random: random, term: term}, nil
}

// maxDraws bounds the new draws after a login that is taken (1 in 10^12 each).
const maxDraws = 3

// Provide makes the order's credentials, or returns those it has: any number
// of retries leaves one login and one password.
func (d *Desk) Provide(ctx context.Context, orderID string, now time.Time) (Grant, error) {
	kept, err := d.store.ByOrder(ctx, orderID)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return kept, err
	}
	for range maxDraws {
		var fresh Grant
		if fresh, err = d.Draw(ctx, orderID, now); err != nil {
			return Grant{}, err
		}
		if kept, err = d.store.Create(ctx, fresh); err == nil {
			return kept, nil
		}
		if !errors.Is(err, ErrLoginTaken) {
			break
		}
	}
	return Grant{}, fmt.Errorf("keep credentials: %w", err)
}

// Draw makes credentials for an order and keeps nothing.
func (d *Desk) Draw(ctx context.Context, orderID string, now time.Time) (Grant, error) {
	login, password, err := NewCredentials(d.random)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{OrderID: orderID, Login: login, CreatedAt: now, ExpiresAt: now.Add(d.term)}
	if g.Hash, err = d.hasher.Hash(ctx, password); err != nil {
		return Grant{}, err
	}
	if g.Sealed, err = d.sealer.Seal([]byte(password.text), g.context()); err != nil {
		return Grant{}, fmt.Errorf("seal password: %w", err)
	}
	return g, nil
}

// Reveal gives login and password of an order for a message or the cabinet;
// the caller records the reading in the audit log. It returns ErrNotFound, or
// ErrDelivered after Delivered.
func (d *Desk) Reveal(ctx context.Context, orderID string) (Login, Password, error) {
	g, err := d.store.ByOrder(ctx, orderID)
	if err != nil {
		return "", Password{}, err
	}
	if len(g.Sealed) == 0 {
		return g.Login, Password{}, ErrDelivered
	}
	text, err := d.sealer.Open(g.Sealed, g.context())
	if err != nil {
		return "", Password{}, fmt.Errorf("open sealed password: %w", err)
	}
	return g.Login, Password{string(text)}, nil
}

// Delivered destroys the encrypted password: from now on only its hash exists.
func (d *Desk) Delivered(ctx context.Context, orderID string) error {
	return d.store.Forget(ctx, orderID)
}

// context binds a sealed password to its row: it does not open in another.
func (g Grant) context() []byte {
	return []byte("storage-password\x00" + g.OrderID + "\x00" + string(g.Login))
}
