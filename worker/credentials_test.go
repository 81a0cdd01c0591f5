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

// oneGrant is a store with at most one row.
type oneGrant struct {
	storage.Store
	grant *storage.Grant
	fail  error
}

func (s *oneGrant) ByOrder(_ context.Context, orderID string) (storage.Grant, error) {
	if s.fail != nil {
		return storage.Grant{}, s.fail
	}
	if s.grant == nil || s.grant.OrderID != orderID {
		return storage.Grant{}, storage.ErrNotFound
	}
	return *s.grant, nil
}

func (s *oneGrant) Create(_ context.Context, g storage.Grant) (storage.Grant, error) {
	s.grant = &g
	return g, nil
}

func (s *oneGrant) Forget(context.Context, string) error {
	s.grant.Sealed = nil
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

func bridge(t *testing.T) (credentials, *oneGrant, *journal) {
	t.Helper()
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [32]byte{1}})
	require.NoError(t, err)
	hasher, err := storage.NewHasher(storage.DefaultCost(), 1)
	require.NoError(t, err)
	store, log := &oneGrant{}, &journal{}
	desk, err := storage.NewDesk(store, hasher, ring, rand.Reader, time.Hour)
	require.NoError(t, err)
	return credentials{desk: desk, store: store, audit: log, now: func() time.Time { return revealedAt }}, store, log
}

func provide(t *testing.T, desk *storage.Desk, at time.Time) {
	t.Helper()
	_, err := desk.Provide(t.Context(), paidOrder, at)
	require.NoError(t, err)
}

func TestI4_TheMessageCarriesTheCredentialsOfItsOrder(t *testing.T) {
	c, store, log := bridge(t)
	provide(t, c.desk, revealedAt)
	first := *store.grant
	provide(t, c.desk, revealedAt.Add(time.Minute))
	require.Equal(t, first, *store.grant, "a retry leaves one login and one password")

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
	provide(t, c.desk, revealedAt)
	require.NoError(t, c.desk.Delivered(t.Context(), paidOrder))
	_, err = c.Credentials(t.Context(), paidOrder)
	require.ErrorIs(t, err, notify.ErrNoSecret)
	require.Empty(t, log.events)
}

func TestI6_WhatMayPassIsNotTakenForGone(t *testing.T) {
	for name, spoil := range map[string]func(*oneGrant, *journal){
		"the database does not answer": func(s *oneGrant, _ *journal) { s.fail = errDown },
		"the audit log is down":        func(_ *oneGrant, j *journal) { j.fail = errDown },
		"the password does not open":   func(s *oneGrant, _ *journal) { s.grant.Sealed[len(s.grant.Sealed)-1] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			c, store, log := bridge(t)
			provide(t, c.desk, revealedAt)
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
