package worker

import (
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

const period = 12 * time.Hour

func (b *bench) crls() crls {
	b.t.Helper()
	publisher, err := ca.NewPublisher(b.issuers, b.Certificates, b.TrustDir(), period)
	require.NoError(b.t, err)
	return crls{publisher: publisher, audit: b.audit, log: slog.New(slog.DiscardHandler)}
}

// list is the revocation list in the trust directory.
func (b *bench) list() *pki.CRL {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.TrustDir(), catest.Name+".crl"))
	require.NoError(b.t, err)
	l, err := pki.ParseCRL(data)
	require.NoError(b.t, err)
	return l
}

func (b *bench) revoke(c *pki.Certificate, at time.Time) {
	b.t.Helper()
	serial, err := ca.SerialOf(c.SerialNumber)
	require.NoError(b.t, err)
	r, err := ca.NewRevocation(catest.Name, serial, pki.ReasonKeyCompromise, at)
	require.NoError(b.t, err)
	r.By = "operator-1"
	require.NoError(b.t, b.Certificates.Revoke(b.t.Context(), r))
}

func TestRevokedCertificateIsListedAndRefused(t *testing.T) {
	b := newBench(t)
	id, certificate := b.issued("applicant")
	now := time.Now()
	_, err := b.Validator(t).Validate(certificate, now)
	require.Equal(t, fault.CRLMissing, fault.CodeOf(err), "nothing is published yet")

	publish := b.crls().publish
	require.NoError(t, publish(t.Context(), now))
	_, err = b.Validator(t).Validate(certificate, now)
	require.NoError(t, err)

	b.revoke(certificate, now)
	require.NoError(t, publish(t.Context(), now.Add(time.Second)), "a revocation is published at once")
	require.EqualValues(t, 2, b.list().Number.Int64())
	_, err = b.Validator(t).Validate(certificate, now.Add(time.Minute))
	require.Equal(t, fault.Revoked, fault.CodeOf(err))

	entries, err := b.audit.OrderEntries(t.Context(), id.String())
	require.NoError(t, err)
	last := entries[len(entries)-1]
	require.Equal(t, audit.ActionCertificateRevoked, last.Action)
	require.Equal(t, audit.Actor{Kind: audit.ActorOperator, ID: "operator-1"}, last.Actor)
	var published int
	require.NoError(t, b.Pool.QueryRow(t.Context(), "SELECT count(*) FROM audit_entries WHERE action = 'crl-published'").Scan(&published))
	require.Equal(t, 2, published)
}

func TestListsArePublishedWhenTheyAreDue(t *testing.T) {
	b := newBench(t)
	publish := b.crls().publish
	start := time.Now().Truncate(time.Second)
	path := filepath.Join(b.TrustDir(), catest.Name+".crl")
	for _, step := range []struct {
		name   string
		after  time.Duration
		before func()
		number int64
	}{
		{"at the start", 0, nil, 1},
		{"fresh", time.Hour, nil, 1},
		{"almost a period", period - time.Second, nil, 1},
		{"a period", period, nil, 2},
		{"fresh again", period + time.Hour, nil, 2},
		{"the clock went back", 0, nil, 3},
		{"the file is damaged", time.Hour, func() { require.NoError(t, os.WriteFile(path, []byte("x"), 0o600)) }, 4},
		{"the file is gone", 2 * time.Hour, func() { require.NoError(t, os.Remove(path)) }, 5},
		// An older backup of the database was restored: numbers still grow.
		{"numbers were lost", 3 * period, func() { b.exec("DELETE FROM crl_numbers") }, 6},
	} {
		if step.before != nil {
			step.before()
		}
		require.NoError(t, publish(t.Context(), start.Add(step.after)), step.name)
		require.Equal(t, step.number, b.list().Number.Int64(), step.name)
	}
	require.Equal(t, 72*time.Hour, b.list().NextUpdate.Sub(b.list().ThisUpdate))
	_, err := ca.NewPublisher(b.issuers, b.Certificates, b.TrustDir(), 72*time.Hour)
	require.Error(t, err, "a list would end before the next one")
}

// A database restored from an older backup does not know what was revoked
// since, and neither some of what was issued: the list in place does.
func TestRevocationsOutliveARestoreOfTheDatabase(t *testing.T) {
	b := newBench(t)
	_, known := b.issued("applicant")
	id, lost := b.issued("another")
	now := time.Now()
	b.revoke(known, now)
	b.revoke(lost, now)
	publish := b.crls().publish
	require.NoError(t, publish(t.Context(), now))
	b.exec("UPDATE certificates SET revoked_at = NULL, revocation_reason = NULL")
	b.exec("DELETE FROM certificates WHERE order_id = $1", id.String())
	b.exec("DELETE FROM crl_numbers")
	require.NoError(t, publish(t.Context(), now.Add(time.Second)))
	require.EqualValues(t, 1, b.list().Number.Int64(), "no list is due")
	regained, err := b.Certificates.Revoked(t.Context(), catest.Name, now)
	require.NoError(t, err)
	require.Len(t, regained, 1, "and the revocation is back at once")
	for round := range 3 {
		require.NoError(t, publish(t.Context(), now.Add(time.Duration(round+1)*period)))
		require.EqualValues(t, round+2, b.list().Number.Int64())
		for _, c := range []*pki.Certificate{known, lost} {
			entry, listed := b.list().Find(c.SerialNumber)
			require.True(t, listed)
			require.Equal(t, pki.ReasonKeyCompromise, entry.Reason)
			require.WithinDuration(t, now, entry.At, time.Second)
		}
	}
	list, err := b.Certificates.Revoked(t.Context(), catest.Name, now)
	require.NoError(t, err)
	require.Len(t, list, 1, "what the database knows of is revoked there again")

	// A list that somebody else signed is not believed.
	foreign, err := testca.New(testca.Options{From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	forged, err := foreign.CRL(now.Add(time.Hour), pki.Revoked{SerialNumber: big.NewInt(77), At: now, Reason: pki.ReasonSuperseded})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(b.TrustDir(), catest.Name+".crl"), forged.Raw, 0o600))
	require.NoError(t, publish(t.Context(), now.Add(4*period)))
	_, listed := b.list().Find(big.NewInt(77))
	require.False(t, listed)
}
