package storage

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Bundle is what is handed out.
type Bundle struct {
	// CertificateDER is the .cer file.
	CertificateDER []byte
	// ChainP7B is the .p7b file: a degenerate SignedData (RFC 2315, section 9.1)
	// with the certificate and its issuers.
	ChainP7B []byte
}

// Service opens the storage with login and password.
type Service struct {
	store   Store
	hasher  *Hasher
	limiter *Limiter
	now     func() time.Time
}

// NewService wires the service; now is the clock.
func NewService(store Store, hasher *Hasher, limiter *Limiter, now func() time.Time) (*Service, error) {
	if store == nil || hasher == nil || limiter == nil || now == nil {
		return nil, errors.New("certificate storage: want a store, a hasher, a limiter and a clock")
	}
	return &Service{store: store, hasher: hasher, limiter: limiter, now: now}, nil
}

// Open gives the certificate for a login and a password as they were typed.
// Errors: ErrDenied for an unknown login and a wrong password alike, after the
// same work; ErrExpired; *LimitedError; anything else is a failure of ours.
func (s *Service) Open(ctx context.Context, login, password string, address netip.Addr) (Bundle, error) {
	now := s.now()
	name, malformed := ParseLogin(login)
	if malformed != nil {
		name = Login(normal(login))
	}
	if err := s.limiter.Register(ctx, string(name), address, now); err != nil {
		return Bundle{}, err
	}
	grant, err := s.find(ctx, name, malformed == nil)
	if err != nil {
		return Bundle{}, err
	}
	typed := TypedPassword(password)
	good, err := s.hasher.Verify(ctx, grant.Hash, typed)
	switch {
	case err != nil:
		return Bundle{}, fmt.Errorf("verify password: %w", err)
	case !good:
		return Bundle{}, ErrDenied
	case !now.Before(grant.ExpiresAt):
		return Bundle{}, ErrExpired
	}
	if err := s.renew(ctx, grant, typed); err != nil {
		return Bundle{}, err
	}
	return s.bundle(ctx, grant, now)
}

// find gives an empty grant for a login that does not exist: its empty hash
// makes the hasher do the same work in vain.
func (s *Service) find(ctx context.Context, name Login, wellFormed bool) (Grant, error) {
	if !wellFormed {
		return Grant{}, nil
	}
	grant, err := s.store.ByLogin(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return Grant{}, nil
	}
	if err != nil {
		return Grant{}, fmt.Errorf("find credentials: %w", err)
	}
	return grant, nil
}

func (s *Service) renew(ctx context.Context, grant Grant, typed Password) error {
	if !s.hasher.Outdated(grant.Hash) {
		return nil
	}
	fresh, err := s.hasher.Hash(ctx, typed)
	if err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	if err := s.store.Rehash(ctx, grant.OrderID, grant.Hash, fresh); err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	return nil
}

func (s *Service) bundle(ctx context.Context, grant Grant, now time.Time) (Bundle, error) {
	issued, err := s.store.Fetch(ctx, grant.OrderID, now)
	if err != nil {
		return Bundle{}, fmt.Errorf("fetch certificate: %w", err)
	}
	chain, err := ChainP7B(append([][]byte{issued.Certificate}, issued.Chain...)...)
	if err != nil {
		return Bundle{}, err
	}
	return Bundle{CertificateDER: issued.Certificate, ChainP7B: chain}, nil
}
