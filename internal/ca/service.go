package ca

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOtherKey is returned when an order that has a reservation is to be issued
// for another public key.
var ErrOtherKey = errors.New("the order has a reservation for another key")

// Service issues certificates, exactly one per order.
type Service struct {
	issuers *Registry
	store   Store
}

// NewService wires issuers and the store.
func NewService(issuers *Registry, store Store) (*Service, error) {
	if issuers == nil || store == nil {
		return nil, errors.New("issue: want issuers and a store")
	}
	return &Service{issuers: issuers, store: store}, nil
}

// maxSerialDraws bounds the new draws after a serial number that is taken,
// which at 64 random bits does not happen but in a broken generator.
const maxSerialDraws = 3

// Issue gives the order's certificate. It reserves and stores the bytes to be
// signed, signs them and stores the certificate; after a crash at any point
// the next call goes on from there, and every call returns the same
// certificate (I1). An application that no issuer serves or that fails the
// profile's checks leaves nothing behind.
func (s *Service) Issue(ctx context.Context, a Application) (Certificate, error) {
	if err := a.validate(); err != nil {
		return Certificate{}, err
	}
	stored, der, err := s.begun(ctx, a)
	if errors.Is(err, ErrNotReserved) {
		stored, err = s.reserve(ctx, a)
	}
	if err != nil {
		return Certificate{}, fmt.Errorf("issue: %w", err)
	}
	p := stored.Prepared()
	if p.OrderID != a.OrderID {
		return Certificate{}, errors.New("issue: the store answered with another order's reservation")
	}
	if p.KeyID != a.keyID() {
		return Certificate{}, fmt.Errorf("issue: %w", ErrOtherKey)
	}
	if der != nil {
		return certificateOf(p, der), nil
	}
	return s.Finish(ctx, stored)
}

func (s *Service) begun(ctx context.Context, a Application) (Stored, []byte, error) {
	if a.New {
		return Stored{}, nil, ErrNotReserved
	}
	return s.store.Find(ctx, a.OrderID)
}

// Check tells, without storing anything, whether the application could be
// issued now: ErrNoIssuer, ErrRefused or ErrTerm say why not. Asked when a
// request is uploaded, it keeps anybody from paying for a certificate that the
// profile refuses.
func (s *Service) Check(a Application) error {
	if err := a.validate(); err != nil {
		return err
	}
	issuer, err := s.issuers.For(a.Request.PublicKey)
	if err != nil {
		return err
	}
	_, err = issuer.Prepare(a)
	return err
}

func (s *Service) reserve(ctx context.Context, a Application) (Stored, error) {
	issuer, err := s.issuers.For(a.Request.PublicKey)
	if err != nil {
		return Stored{}, err
	}
	for range maxSerialDraws {
		p, prepareErr := issuer.Prepare(a)
		if prepareErr != nil {
			return Stored{}, prepareErr
		}
		var stored Stored
		if stored, _, err = s.store.Reserve(ctx, p); !errors.Is(err, ErrSerialTaken) {
			return stored, err
		}
	}
	return Stored{}, err
}

// Finish signs a reservation and stores its certificate. Done twice, even at
// once, it returns the certificate that was stored first; the other signature
// never leaves the process.
func (s *Service) Finish(ctx context.Context, stored Stored) (Certificate, error) {
	p := stored.Prepared()
	issuer, err := s.issuers.Named(p.Issuer)
	if err != nil {
		return Certificate{}, fmt.Errorf("issue: %w", err)
	}
	der, err := issuer.Sign(ctx, stored)
	if err != nil {
		return Certificate{}, fmt.Errorf("issue: %w", err)
	}
	kept, err := s.store.Complete(ctx, stored, der)
	if err != nil {
		return Certificate{}, fmt.Errorf("issue: store certificate: %w", err)
	}
	return certificateOf(p, kept), nil
}

// Orphans finds reservations that nobody finished since the instant; the
// workflow of each order, or an operator, finishes them with Finish.
func (s *Service) Orphans(ctx context.Context, before time.Time, limit int) ([]Stored, error) {
	return s.store.Orphans(ctx, before, limit)
}
