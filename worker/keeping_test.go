package worker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

func TestADutyIsDoneByOneProcessAtATime(t *testing.T) {
	b := newBench(t)
	one, another := postgres.NewDuties(b.Pool), postgres.NewDuties(b.Pool)
	entered, leave, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		first <- alone(one, postgres.DutyOrphans, func(context.Context, time.Time) error {
			close(entered)
			<-leave
			return nil
		})(t.Context(), time.Now())
	}()
	<-entered
	never := func(context.Context, time.Time) error { return errSilentGateway }
	for range 3 {
		require.NoError(t, alone(another, postgres.DutyOrphans, never)(t.Context(), time.Now()), "somebody else is at it")
	}
	other := false
	require.NoError(t, alone(another, postgres.DutyCheckpoints, func(context.Context, time.Time) error { other = true; return nil })(t.Context(), time.Now()))
	require.True(t, other)
	late, stop := context.WithCancel(t.Context())
	stop()
	require.ErrorIs(t, alone(one, postgres.DutyCheckpoints, never)(late, time.Now()), context.Canceled, "one duty of a process at a time")
	close(leave)
	require.NoError(t, <-first)
	require.ErrorIs(t, alone(another, postgres.DutyOrphans, never)(t.Context(), time.Now()), errSilentGateway)
}

// Each duty holds a connection and works on another one.
func TestDutiesDoNotStarveOfConnections(t *testing.T) {
	t.Parallel()
	settings, err := pgxpool.ParseConfig(pgtest.URL(t))
	require.NoError(t, err)
	settings.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(t.Context(), settings)
	require.NoError(t, err)
	defer pool.Close()
	duties := postgres.NewDuties(pool)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var all errgroup.Group
	for _, duty := range []postgres.Duty{postgres.DutyRevocationLists, postgres.DutyOrphans, postgres.DutySuperseded, postgres.DutyCheckpoints} {
		all.Go(func() error { return duties.Alone(ctx, duty, pool.Ping) })
	}
	require.NoError(t, all.Wait())
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
