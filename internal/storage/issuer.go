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

// Credential is a login with its password: one per order.
type Credential struct {
	OrderID string
	Login   Login
	// Hash is the password's hash as Hasher makes it.
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
	// Create keeps the credential, unique by OrderID and by Login. When the order has
	// one already, that one is returned and nothing changes; when the login
	// belongs to another order it returns ErrLoginTaken.
	Create(ctx context.Context, credential Credential) (Credential, error)
	// ByLogin finds a credential; ErrNotFound when there is none.
	ByLogin(ctx context.Context, login Login) (Credential, error)
	// ByOrder finds a credential; ErrNotFound when there is none.
	ByOrder(ctx context.Context, orderID string) (Credential, error)
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

// Issuer makes and reveals credentials; Service opens with them.
type Issuer struct {
	store  Store
	hasher *Hasher
	sealer Sealer
	random io.Reader
	term   time.Duration
}

// NewIssuer makes credentials that hold for the term (DefaultTerm when zero).
func NewIssuer(store Store, hasher *Hasher, sealer Sealer, random io.Reader, term time.Duration) (*Issuer, error) {
	if store == nil || hasher == nil || sealer == nil || random == nil || term < 0 {
		return nil, errors.New("credentials: want a store, a hasher, a keyring, a random source and a term")
	}
	if term == 0 {
		term = DefaultTerm
	}
	return &Issuer{store: store, hasher: hasher, sealer: sealer, random: random, term: term}, nil
}

// maxDraws bounds the new draws after a login that is taken (1 in 10^12 each).
const maxDraws = 3

// Provide makes the order's credentials, or returns those it has: any number
// of retries leaves one login and one password.
func (i *Issuer) Provide(ctx context.Context, orderID string, now time.Time) (Credential, error) {
	kept, err := i.store.ByOrder(ctx, orderID)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return kept, err
	}
	for range maxDraws {
		var fresh Credential
		if fresh, err = i.Draw(orderID, now); err != nil {
			return Credential{}, err
		}
		if kept, err = i.store.Create(ctx, fresh); err == nil {
			return kept, nil
		}
		if !errors.Is(err, ErrLoginTaken) {
			break
		}
	}
	return Credential{}, fmt.Errorf("keep credentials: %w", err)
}

// Draw makes credentials for an order and keeps nothing.
func (i *Issuer) Draw(orderID string, now time.Time) (Credential, error) {
	login, password, err := NewCredentials(i.random)
	if err != nil {
		return Credential{}, err
	}
	return i.credential(orderID, login, password, now)
}

func (i *Issuer) credential(orderID string, login Login, password Password, now time.Time) (Credential, error) {
	c := Credential{OrderID: orderID, Login: login, CreatedAt: now, ExpiresAt: now.Add(i.term)}
	var err error
	if c.Hash, err = i.hasher.Hash(login, password); err != nil {
		return Credential{}, err
	}
	if c.Sealed, err = i.sealer.Seal([]byte(password.text), c.context()); err != nil {
		return Credential{}, fmt.Errorf("seal password: %w", err)
	}
	return c, nil
}

// Redraw makes another password for the login that an order has, and keeps
// nothing. Error: ErrNotFound.
func (i *Issuer) Redraw(ctx context.Context, orderID string, now time.Time) (Credential, error) {
	kept, err := i.store.ByOrder(ctx, orderID)
	if err != nil {
		return Credential{}, err
	}
	_, password, err := NewCredentials(i.random)
	if err != nil {
		return Credential{}, err
	}
	return i.credential(orderID, kept.Login, password, now)
}

// Reveal gives the credentials of an order and their password for a message or
// the cabinet; the caller records the reading in the audit log. It returns
// ErrNotFound, or ErrDelivered, with the credentials, after Delivered.
func (i *Issuer) Reveal(ctx context.Context, orderID string) (Credential, Password, error) {
	c, err := i.store.ByOrder(ctx, orderID)
	if err != nil {
		return Credential{}, Password{}, err
	}
	if len(c.Sealed) == 0 {
		return c, Password{}, ErrDelivered
	}
	text, err := i.sealer.Open(c.Sealed, c.context())
	if err != nil {
		return Credential{}, Password{}, fmt.Errorf("open sealed password: %w", err)
	}
	return c, Password{string(text)}, nil
}

// Delivered destroys the encrypted password: from now on only its hash exists.
func (i *Issuer) Delivered(ctx context.Context, orderID string) error {
	return i.store.Forget(ctx, orderID)
}

// context binds a sealed password to its row: it does not open in another.
func (c Credential) context() []byte {
	return []byte("storage-password\x00" + c.OrderID + "\x00" + string(c.Login))
}
