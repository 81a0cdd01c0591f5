package worker

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
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
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/storage"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

func TestAJobIsDoneByOneProcessAtATime(t *testing.T) {
	b := newBench(t)
	one, another := postgres.NewLeaderLocks(b.Pool), postgres.NewLeaderLocks(b.Pool)
	entered, leave, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		first <- alone(one, postgres.LeaderOrphans, func(context.Context, time.Time) error {
			close(entered)
			<-leave
			return nil
		})(t.Context(), time.Now())
	}()
	<-entered
	never := func(context.Context, time.Time) error { return errSilentGateway }
	for range 3 {
		require.NoError(t, alone(another, postgres.LeaderOrphans, never)(t.Context(), time.Now()), "somebody else is at it")
	}
	other := false
	require.NoError(t, alone(another, postgres.LeaderCheckpoints, func(context.Context, time.Time) error { other = true; return nil })(t.Context(), time.Now()))
	require.True(t, other)
	late, stop := context.WithCancel(t.Context())
	stop()
	require.ErrorIs(t, alone(one, postgres.LeaderCheckpoints, never)(late, time.Now()), context.Canceled, "one job of a process at a time")
	close(leave)
	require.NoError(t, <-first)
	require.ErrorIs(t, alone(another, postgres.LeaderOrphans, never)(t.Context(), time.Now()), errSilentGateway)
}

// Each job holds a connection and works on another one.
func TestJobsDoNotStarveOfConnections(t *testing.T) {
	t.Parallel()
	settings, err := pgxpool.ParseConfig(pgtest.URL(t))
	require.NoError(t, err)
	settings.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(t.Context(), settings)
	require.NoError(t, err)
	defer pool.Close()
	locks := postgres.NewLeaderLocks(pool)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var all errgroup.Group
	for _, lock := range []postgres.LeaderLock{
		postgres.LeaderCRLs, postgres.LeaderOrphans, postgres.LeaderSuperseded, postgres.LeaderCheckpoints, postgres.LeaderDrafts,
	} {
		all.Go(func() error { return locks.Alone(ctx, lock, pool.Ping) })
	}
	require.NoError(t, all.Wait())
}

func TestI1_OrphansAreFinishedOnceTheyAreOld(t *testing.T) {
	b := newBench(t)
	id := b.Paid(t, "applicant")
	authority, err := b.Authority(b.issuers, lostCertificates{b.Certificates})
	require.NoError(t, err)
	_, err = authority.Issue(t.Context(), id)
	require.ErrorIs(t, err, errSilentGateway)

	finder := orphans{service: b.service, age: 15 * time.Minute, log: slog.New(slog.DiscardHandler)}
	require.NoError(t, finder.finish(t.Context(), time.Now()))
	stored, der, err := b.Certificates.Find(t.Context(), id.String())
	require.NoError(t, err)
	require.Nil(t, der, "what may be under way is left alone")

	require.NoError(t, finder.finish(t.Context(), time.Now().Add(16*time.Minute)))
	_, der, err = b.Certificates.Find(t.Context(), id.String())
	require.NoError(t, err)
	c, err := pki.ParseCertificate(der)
	require.NoError(t, err)
	require.Equal(t, stored.Prepared().TBS, c.RawTBS)

	// The order's own try finds it and goes on from there.
	authority, err = b.Authority(b.issuers, b.Certificates)
	require.NoError(t, err)
	res, err := authority.Issue(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, string(stored.Prepared().Serial), res.SerialNumber)
}

// lostCertificates lose their database at the storing step.
type lostCertificates struct{ *postgres.CertificateStore }

func (lostCertificates) Complete(context.Context, ca.Stored, []byte, func(issuance.Paid) order.Decision, storage.Credential) ([]byte, error) {
	return nil, errSilentGateway
}

func TestSupersededCertificatesAreRevokedAfterAWhile(t *testing.T) {
	b := newBench(t)
	_, old := b.issued("same")
	_, stranger := b.issued("another")
	id, renewal := b.issued("same")
	const later = 10 * 24 * time.Hour
	b.exec("UPDATE certificates SET not_before = now() + $1::interval WHERE order_id = $2", later, id.String())
	const wait = 24 * time.Hour
	rule := superseded{store: b.Certificates, after: wait, log: slog.New(slog.DiscardHandler)}
	revoked := func(at time.Time) []ca.Serial {
		require.NoError(t, rule.revoke(t.Context(), at))
		list, err := b.Certificates.Revoked(t.Context(), catest.Name, at)
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
	var lines, text bytes.Buffer
	work := checkpoints{store: b.audit, signer: signer, log: telemetry.NewLogger(&lines, telemetry.LogOptions{})}
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
	work.log = telemetry.NewLogger(&text, telemetry.LogOptions{Text: true})
	require.NoError(t, work.seal(t.Context(), time.Now()))
	require.Equal(t, 2, count())

	// The line is a copy to verify with, and nothing a person cannot read.
	made, err := b.audit.Checkpoints(t.Context())
	require.NoError(t, err)
	var line struct{ Checkpoint audit.Checkpoint }
	require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
	require.Equal(t, made[0].Canonical(), line.Checkpoint.Canonical())
	require.Equal(t, made[0].Signature, line.Checkpoint.Signature)
	require.Contains(t, text.String(), "checkpoint.hash="+made[1].Hash.String())
	require.Contains(t, text.String(), base64.StdEncoding.EncodeToString(made[1].Signature))
	require.NotContains(t, text.String(), "[", "octets as numbers")
	_, err = checkpointSigner(filepath.Join(t.TempDir(), "nothing"))
	require.Error(t, err)
}

func TestAJobThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	tries := 0
	j := job{name: "test", every: time.Millisecond, do: func(context.Context, time.Time) error {
		if tries++; tries == 3 {
			stop()
		}
		return errors.New("not now")
	}}
	require.NoError(t, j.run(ctx, slog.New(slog.DiscardHandler)))
	require.Equal(t, 3, tries)
}
