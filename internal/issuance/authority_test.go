package issuance_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

func bench(t *testing.T) *catest.Bench {
	t.Helper()
	t.Parallel()
	return catest.New(t, pgtest.New(t), "../../deploy/ca/profile.json")
}

func authority(t *testing.T, b *catest.Bench, certificates issuance.Certificates) *issuance.Authority {
	t.Helper()
	issuers, err := b.Issuers(nil)
	require.NoError(t, err)
	a, err := b.Authority(issuers, certificates)
	require.NoError(t, err)
	return a
}

func count(t *testing.T, b *catest.Bench, from string) (n int) {
	t.Helper()
	require.NoError(t, b.Pool.QueryRow(t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

func TestI1_EveryTryGivesTheOneCertificate(t *testing.T) {
	b := bench(t)
	id := b.Paid(t, "applicant")
	var all sync.WaitGroup
	got := make([]issuance.Issued, 6)
	for i := range got {
		a := authority(t, b, b.Certificates)
		all.Go(func() { got[i], _ = a.Issue(t.Context(), id) })
	}
	all.Wait()
	last, err := authority(t, b, b.Certificates).Issue(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, catest.Contacts(), last.Contacts)
	require.False(t, last.PaymentID.IsZero())
	for _, g := range got {
		require.Equal(t, last, g)
	}
	for from, want := range map[string]int{
		"certificates": 1, "credentials": 1, "orders WHERE ending = 'issued'": 1, "audit_entries WHERE action = 'certificate-issued'": 1,
		"notices WHERE kind = 'issued-credentials'": 2,
	} {
		require.Equal(t, want, count(t, b, from), from)
	}
	var evidence map[string]string
	require.NoError(t, b.Pool.QueryRow(t.Context(), "SELECT evidence FROM audit_entries WHERE action = 'certificate-issued'").Scan(&evidence))
	require.Equal(t, last.SerialNumber, evidence["serial"])
	require.Equal(t, last.PaymentID.String(), evidence["payment"])
	require.NotEmpty(t, evidence["certificate"])
}

func TestP4_WhatIsNotPaidIsNotIssued(t *testing.T) {
	b := bench(t)
	a := authority(t, b, b.Certificates)
	saved, bill := b.Saved(t, "applicant")
	_, err := a.Issue(t.Context(), saved.ID)
	require.ErrorIs(t, err, issuance.ErrNotProven)
	_, err = a.Issue(t.Context(), order.NewID())
	require.ErrorIs(t, err, order.ErrNotFound)
	require.Zero(t, count(t, b, "certificates"))

	b.Pay(t, bill)
	_, err = a.Issue(t.Context(), saved.ID)
	require.NoError(t, err)
}

func TestP4_AnOrderThatHasEndedIsNotIssued(t *testing.T) {
	b := bench(t)
	saved, bill := b.Saved(t, "applicant")
	orders := postgres.NewOrders(b.Pool, order.Tariff{})
	ended, err := orders.End(t.Context(), order.Ending{
		OrderID: saved.ID, End: order.EndWithdrawn, Reason: order.ReasonByApplicant, By: order.ByApplicant, At: time.Now(),
	})
	require.NoError(t, err)
	require.True(t, ended.Done)
	b.Pay(t, bill)
	_, err = authority(t, b, b.Certificates).Issue(t.Context(), saved.ID)
	require.ErrorIs(t, err, issuance.ErrNotProven)
	require.Zero(t, count(t, b, "certificates"))
}

// taken says of the first logins that they belong to others.
type taken struct {
	*postgres.CertificateStore
	times int
}

func (c *taken) Complete(
	ctx context.Context, stored ca.Stored, der []byte, done func(issuance.Paid) order.Decision, credentials storage.Credential,
) ([]byte, error) {
	if c.times--; c.times >= 0 {
		return nil, storage.ErrLoginTaken
	}
	return c.CertificateStore.Complete(ctx, stored, der, done, credentials)
}

func TestI4_ALoginThatIsTakenIsDrawnAgain(t *testing.T) {
	b := bench(t)
	_, err := authority(t, b, &taken{b.Certificates, 2}).Issue(t.Context(), b.Paid(t, "applicant"))
	require.NoError(t, err)
	_, err = authority(t, b, &taken{b.Certificates, 9}).Issue(t.Context(), b.Paid(t, "another"))
	require.ErrorIs(t, err, storage.ErrLoginTaken, "not for ever")
}

var errDown = errors.New("the database does not answer")

// down does not answer.
type down struct{ *postgres.CertificateStore }

func (down) Reserve(context.Context, ca.Prepared, func(issuance.Stored) error) (ca.Stored, bool, error) {
	return ca.Stored{}, false, errDown
}

func TestI1_AStoreThatDoesNotAnswerIssuesNothing(t *testing.T) {
	b := bench(t)
	got, err := authority(t, b, down{b.Certificates}).Issue(t.Context(), b.Paid(t, "applicant"))
	require.ErrorIs(t, err, errDown)
	require.NotErrorIs(t, err, issuance.ErrNotProven)
	require.Zero(t, got)
}
