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
// same work; ErrExpired; *LimitedError; ErrBusy; anything else is a failure of
// ours. Only ErrDenied counts against the limits.
func (s *Service) Open(ctx context.Context, login, password string, address netip.Addr) (Bundle, error) {
	now := s.now()
	name, malformed := ParseLogin(login)
	if malformed != nil {
		name = Login(normal(login))
	}
	attempt, err := s.limiter.Begin(ctx, string(name), address, now)
	if err != nil {
		return Bundle{}, err
	}
	credential, err := s.verified(ctx, name, malformed == nil, TypedPassword(password))
	if !errors.Is(err, ErrDenied) {
		// One attempt too many that stays counted shuts nobody out; the answer goes first.
		_ = attempt.Release(context.WithoutCancel(ctx))
	}
	switch {
	case err != nil:
		return Bundle{}, err
	case !now.Before(credential.ExpiresAt):
		return Bundle{}, ErrExpired
	}
	if err := s.renew(ctx, credential, TypedPassword(password)); err != nil {
		return Bundle{}, err
	}
	return s.bundle(ctx, credential, now)
}

// verified finds the credential that login and password open, or gives ErrDenied.
func (s *Service) verified(ctx context.Context, name Login, wellFormed bool, typed Password) (Credential, error) {
	credential, err := s.find(ctx, name, wellFormed)
	if err != nil {
		return Credential{}, err
	}
	good, err := s.hasher.Verify(ctx, credential.Hash, name, typed)
	if err != nil {
		return Credential{}, fmt.Errorf("verify password: %w", err)
	}
	if !good {
		return Credential{}, ErrDenied
	}
	return credential, nil
}

// find gives an empty credential for a login that does not exist: its empty hash
// makes the hasher do the same work in vain.
func (s *Service) find(ctx context.Context, name Login, wellFormed bool) (Credential, error) {
	if !wellFormed {
		return Credential{}, nil
	}
	credential, err := s.store.ByLogin(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return Credential{}, nil
	}
	if err != nil {
		return Credential{}, fmt.Errorf("find credentials: %w", err)
	}
	return credential, nil
}

func (s *Service) renew(ctx context.Context, credential Credential, typed Password) error {
	if !s.hasher.Outdated(credential.Hash) {
		return nil
	}
	fresh, err := s.hasher.Hash(credential.Login, typed)
	if err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	if err := s.store.Rehash(ctx, credential.OrderID, credential.Hash, fresh); err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	return nil
}

func (s *Service) bundle(ctx context.Context, credential Credential, now time.Time) (Bundle, error) {
	issued, err := s.store.Fetch(ctx, credential.OrderID, now)
	if err != nil {
		return Bundle{}, fmt.Errorf("fetch certificate: %w", err)
	}
	chain, err := ChainP7B(append([][]byte{issued.Certificate}, issued.Chain...)...)
	if err != nil {
		return Bundle{}, err
	}
	return Bundle{CertificateDER: issued.Certificate, ChainP7B: chain}, nil
}
