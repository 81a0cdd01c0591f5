package worker

import (
	"context"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

const period = 12 * time.Hour

func (b *bench) lists() lists {
	b.t.Helper()
	publisher, err := ca.NewPublisher(b.issuers, b.Book, b.TrustDir(), period)
	require.NoError(b.t, err)
	return lists{publisher: publisher, audit: b.audit, log: slog.New(slog.DiscardHandler)}
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
	require.NoError(b.t, b.Book.Revoke(b.t.Context(), r))
}

func TestRevokedCertificateIsListedAndRefused(t *testing.T) {
	b := newBench(t)
	in, certificate := b.issued("applicant")
	now := time.Now()
	_, err := b.Validator(t).Validate(certificate, now)
	require.Equal(t, pki.CodeCRLMissing, pki.CodeOf(err), "nothing is published yet")

	publish := b.lists().publish
	require.NoError(t, publish(t.Context(), now))
	_, err = b.Validator(t).Validate(certificate, now)
	require.NoError(t, err)

	b.revoke(certificate, now)
	require.NoError(t, publish(t.Context(), now.Add(time.Second)), "a revocation is published at once")
	require.EqualValues(t, 2, b.list().Number.Int64())
	_, err = b.Validator(t).Validate(certificate, now.Add(time.Minute))
	require.Equal(t, pki.CodeRevoked, pki.CodeOf(err))

	entries, err := b.audit.OrderEntries(t.Context(), in.OrderID)
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
	publish := b.lists().publish
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
	_, err := ca.NewPublisher(b.issuers, b.Book, b.TrustDir(), 72*time.Hour)
	require.Error(t, err, "a list would end before the next one")
}

// A database restored from an older backup does not know what was revoked
// since, and neither some of what was issued: the list in place does.
func TestRevocationsOutliveARestoreOfTheDatabase(t *testing.T) {
	b := newBench(t)
	_, known := b.issued("applicant")
	in, lost := b.issued("another")
	now := time.Now()
	b.revoke(known, now)
	b.revoke(lost, now)
	publish := b.lists().publish
	require.NoError(t, publish(t.Context(), now))
	b.exec("UPDATE certificates SET revoked_at = NULL, revocation_reason = NULL")
	b.exec("DELETE FROM certificates WHERE order_id = $1", in.OrderID)
	b.exec("DELETE FROM crl_numbers")
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
	list, err := b.Book.Revoked(t.Context(), catest.Name, now)
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

func TestADutyIsDoneByOneProcessAtATime(t *testing.T) {
	b := newBench(t)
	duties := postgres.NewDuties(b.Pool)
	var at, most, done atomic.Int32
	entered, leave := make(chan struct{}), make(chan struct{})
	work := func(context.Context, time.Time) error {
		most.Store(max(most.Load(), at.Add(1)))
		close(entered)
		<-leave
		at.Add(-1)
		return nil
	}
	var first sync.WaitGroup
	first.Go(func() {
		if err := alone(duties, postgres.DutyOrphans, work)(t.Context(), time.Now()); err == nil {
			done.Add(1)
		}
	})
	<-entered
	never := func(context.Context, time.Time) error { most.Add(10); return nil }
	for range 3 {
		require.NoError(t, alone(duties, postgres.DutyOrphans, never)(t.Context(), time.Now()))
	}
	other := false
	require.NoError(t, alone(duties, postgres.DutyCheckpoints, func(context.Context, time.Time) error { other = true; return nil })(t.Context(), time.Now()))
	close(leave)
	first.Wait()
	require.EqualValues(t, 1, done.Load())
	require.EqualValues(t, 1, most.Load())
	require.True(t, other)
	failed := func(context.Context, time.Time) error { return errSilentGateway }
	require.ErrorIs(t, alone(duties, postgres.DutyOrphans, failed)(t.Context(), time.Now()), errSilentGateway)
}

func TestI1_OrphansAreFinishedOnceTheyAreOld(t *testing.T) {
	b := newBench(t)
	in := b.Paid(t, "applicant")
	issuance, err := b.Issuance(b.issuers, lostBook{b.Book})
	require.NoError(t, err)
	_, err = issuance.IssueCertificate(t.Context(), in)
	require.ErrorIs(t, err, errSilentGateway)

	finder := orphans{service: b.service, age: 15 * time.Minute, log: slog.New(slog.DiscardHandler)}
	require.NoError(t, finder.finish(t.Context(), time.Now()))
	stored, der, err := b.Book.Find(t.Context(), in.OrderID)
	require.NoError(t, err)
	require.Nil(t, der, "what may be under way is left alone")

	require.NoError(t, finder.finish(t.Context(), time.Now().Add(16*time.Minute)))
	_, der, err = b.Book.Find(t.Context(), in.OrderID)
	require.NoError(t, err)
	c, err := pki.ParseCertificate(der)
	require.NoError(t, err)
	require.Equal(t, stored.Prepared().TBS, c.RawTBS)

	// The order's own try finds it and goes on from there.
	issuance, err = b.Issuance(b.issuers, b.Book)
	require.NoError(t, err)
	res, err := issuance.IssueCertificate(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, string(stored.Prepared().Serial), res.SerialNumber)
}

// lostBook loses its database at the storing step.
type lostBook struct{ *postgres.Book }

func (lostBook) Complete(context.Context, ca.Stored, []byte) ([]byte, error) {
	return nil, errSilentGateway
}

func TestSupersededCertificatesAreRevokedAfterAWhile(t *testing.T) {
	b := newBench(t)
	_, old := b.issued("same")
	_, stranger := b.issued("another")
	in, renewal := b.issued("same")
	const later = 10 * 24 * time.Hour
	b.exec("UPDATE certificates SET not_before = now() + $1::interval WHERE order_id = $2", later, in.OrderID)
	const wait = 24 * time.Hour
	rule := superseded{book: b.Book, after: wait, log: slog.New(slog.DiscardHandler)}
	revoked := func(at time.Time) []ca.Serial {
		require.NoError(t, rule.revoke(t.Context(), at))
		list, err := b.Book.Revoked(t.Context(), catest.Name, at)
		require.NoError(t, err)
		out := make([]ca.Serial, 0, len(list))
		for _, r := range list {
			require.Equal(t, pki.ReasonSuperseded, r.Reason)
			out = append(out, r.Serial)
		}
		return out
	}
	serial, err := ca.SerialOf(old.SerialNumber)
	require.NoError(t, err)
	require.Empty(t, revoked(time.Now().Add(wait+time.Hour)), "the renewal of an employee begins later")
	require.Empty(t, revoked(time.Now().Add(later+wait-time.Hour)), "the owner has time to change over")
	require.Equal(t, []ca.Serial{serial}, revoked(time.Now().Add(later+wait+time.Hour)))
	require.Equal(t, []ca.Serial{serial}, revoked(time.Now().Add(later+10*wait)), "neither the renewal nor others' certificates")
	require.NotEqual(t, stranger.SerialNumber, renewal.SerialNumber)
}

func TestCheckpointsSealTheLogWhenItGrows(t *testing.T) {
	b := newBench(t)
	private, _, err := audit.GenerateKey()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "audit.pem")
	require.NoError(t, os.WriteFile(path, private, 0o600))
	signer, err := checkpointSigner(path)
	require.NoError(t, err)
	work := checkpoints{store: b.audit, signer: signer, log: slog.New(slog.DiscardHandler)}
	count := func() int {
		list, err := b.audit.Checkpoints(t.Context())
		require.NoError(t, err)
		return len(list)
	}
	require.NoError(t, work.seal(t.Context(), time.Now()))
	require.Zero(t, count(), "an empty log has no head")
	b.issued("applicant")
	for range 3 {
		require.NoError(t, work.seal(t.Context(), time.Now()))
	}
	require.Equal(t, 1, count())
	b.issued("another")
	require.NoError(t, work.seal(t.Context(), time.Now()))
	require.Equal(t, 2, count())
	_, err = checkpointSigner(filepath.Join(t.TempDir(), "nothing"))
	require.Error(t, err)
}

func TestAChoreThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	tries := 0
	c := chore{name: "test", every: time.Millisecond, do: func(context.Context, time.Time) error {
		if tries++; tries == 3 {
			stop()
		}
		return errors.New("not now")
	}}
	require.NoError(t, c.run(ctx, slog.New(slog.DiscardHandler)))
	require.Equal(t, 3, tries)
}
