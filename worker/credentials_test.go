package worker

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// oneCredential is a store with at most one row.
type oneCredential struct {
	storage.Store
	kept *storage.Credential
	fail error
}

func (s *oneCredential) ByOrder(_ context.Context, orderID string) (storage.Credential, error) {
	if s.fail != nil {
		return storage.Credential{}, s.fail
	}
	if s.kept == nil || s.kept.OrderID != orderID {
		return storage.Credential{}, storage.ErrNotFound
	}
	return *s.kept, nil
}

func (s *oneCredential) Create(_ context.Context, g storage.Credential) (storage.Credential, error) {
	s.kept = &g
	return g, nil
}

func (s *oneCredential) Forget(context.Context, string) error {
	s.kept.Sealed = nil
	return nil
}

// journal is an audit log in memory.
type journal struct {
	events []audit.Event
	fail   error
}

func (j *journal) Append(_ context.Context, e audit.Event) (audit.Entry, error) {
	if j.fail == nil {
		j.events = append(j.events, e)
	}
	return audit.Entry{}, j.fail
}

const paidOrder = "0193f2a0-0000-7000-8000-000000000001"

var revealedAt = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func bridge(t *testing.T) (credentials, *oneCredential, *journal) {
	t.Helper()
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [32]byte{1}})
	require.NoError(t, err)
	hasher, err := storage.NewHasher(ring, 1)
	require.NoError(t, err)
	store, log := &oneCredential{}, &journal{}
	issuer, err := storage.NewIssuer(store, hasher, ring, rand.Reader, time.Hour)
	require.NoError(t, err)
	return credentials{issuer: issuer, audit: log, now: func() time.Time { return revealedAt }}, store, log
}

func provide(t *testing.T, issuer *storage.Issuer, at time.Time) {
	t.Helper()
	_, err := issuer.Provide(t.Context(), paidOrder, at)
	require.NoError(t, err)
}

func TestI4_TheMessageCarriesTheCredentialsOfItsOrder(t *testing.T) {
	c, store, log := bridge(t)
	provide(t, c.issuer, revealedAt)
	first := *store.kept
	provide(t, c.issuer, revealedAt.Add(time.Minute))
	require.Equal(t, first, *store.kept, "a retry leaves one login and one password")

	got, err := c.Credentials(t.Context(), paidOrder)
	require.NoError(t, err)
	require.Equal(t, string(first.Login), got.Login)
	require.NotEmpty(t, got.Password)
	require.True(t, got.Until.Equal(revealedAt.Add(time.Hour)))
	require.Equal(t, []audit.Event{{
		At: revealedAt, Actor: audit.Actor{Kind: audit.ActorSystem, ID: "dispatcher"}, Action: audit.ActionCredentialsRevealed, OrderID: paidOrder,
	}}, log.events, "every reading of a password is in the audit log, without the password")
}

func TestI5_ADeliveredPasswordIsGone(t *testing.T) {
	c, _, log := bridge(t)
	_, err := c.Credentials(t.Context(), paidOrder)
	require.ErrorIs(t, err, notify.ErrNoSecret, "an order without credentials")
	provide(t, c.issuer, revealedAt)
	require.NoError(t, c.issuer.Delivered(t.Context(), paidOrder))
	_, err = c.Credentials(t.Context(), paidOrder)
	require.ErrorIs(t, err, notify.ErrNoSecret)
	require.Empty(t, log.events)
}

func TestI6_WhatMayPassIsNotTakenForGone(t *testing.T) {
	for name, spoil := range map[string]func(*oneCredential, *journal){
		"the database does not answer": func(s *oneCredential, _ *journal) { s.fail = errDown },
		"the audit log is down":        func(_ *oneCredential, j *journal) { j.fail = errDown },
		"the password does not open":   func(s *oneCredential, _ *journal) { s.kept.Sealed[len(s.kept.Sealed)-1] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			c, store, log := bridge(t)
			provide(t, c.issuer, revealedAt)
			spoil(store, log)
			got, err := c.Credentials(t.Context(), paidOrder)
			require.Error(t, err)
			require.NotErrorIs(t, err, notify.ErrNoSecret)
			require.Zero(t, got)
		})
	}
}

func TestI6_WithoutAGatewayShortMessagesAreGivenUp(t *testing.T) {
	_, err := noSMS{log: slog.New(slog.DiscardHandler)}.Send(t.Context(), notify.Envelope{To: "+375291234567"})
	require.ErrorIs(t, err, notify.ErrPermanent)
	require.NotContains(t, err.Error(), "375")
}
