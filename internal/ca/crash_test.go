package ca_test

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

const profile = "../../deploy/ca/profile.json"

// crash is a paid order that processes issue and die over.
type crash struct {
	*catest.Bench
	t       *testing.T
	address string
	order   order.ID
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	t.Parallel()
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	c := &crash{Bench: catest.New(t, pool, profile), t: t, address: address}
	c.order = c.Paid(t, "applicant")
	return c
}

// process is the helper process that issues the order and dies at the point.
func (c *crash) process(point string) (*exec.Cmd, *bytes.Buffer) {
	c.t.Helper()
	executable, err := os.Executable()
	require.NoError(c.t, err)
	cmd := exec.CommandContext(c.t.Context(), executable)
	cmd.Env = append(os.Environ(), variablePoint+"="+point, variableDatabase+"="+c.address, variableDir+"="+c.Dir, variableOrder+"="+c.order.String())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

func requireKilled(t *testing.T, err error, out *bytes.Buffer) {
	t.Helper()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, out.String())
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok && status.Signaled() && status.Signal() == syscall.SIGKILL, "%v %s", err, out)
}

// reserved is the reservation that a dead process left, nil for none.
func (c *crash) reserved() (tbs []byte) {
	c.t.Helper()
	err := c.Pool.QueryRow(c.t.Context(), "SELECT tbs FROM certificates").Scan(&tbs)
	if err != pgx.ErrNoRows { //nolint:errorlint // Scan gives it unwrapped
		require.NoError(c.t, err)
	}
	return tbs
}

// finish issues in one more process, to the end, and requires exactly one
// certificate with one set of credentials, one message a channel and one entry
// in the audit log.
func (c *crash) finish(before []byte) {
	c.t.Helper()
	cmd, out := c.process("nowhere")
	require.NoError(c.t, cmd.Run(), out)
	var der, tbs []byte
	require.NoError(c.t, c.Pool.QueryRow(c.t.Context(), "SELECT der, tbs FROM certificates").Scan(&der, &tbs))
	issued, err := pki.ParseCertificate(der)
	require.NoError(c.t, err)
	require.Empty(c.t, tbs, "they are in the certificate")
	if len(before) > 0 {
		require.Equal(c.t, before, issued.RawTBS, "what was reserved is what was finished")
	}
	_, err = c.Chain(der)
	require.NoError(c.t, err)
	for from, want := range map[string]int{
		"certificates WHERE der IS NOT NULL": 1, "credentials": 1, "audit_entries WHERE action = 'certificate-issued'": 1,
		"notices WHERE kind = 'issued-credentials' AND channel = 'email'": 1, "notices WHERE kind = 'issued-credentials' AND channel = 'sms'": 1,
		"orders WHERE ending = 'issued'": 1,
	} {
		var n int
		require.NoError(c.t, c.Pool.QueryRow(c.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
		require.Equal(c.t, want, n, from)
	}
}

func TestI1_ProcessKilledAtEachPoint(t *testing.T) {
	t.Parallel()
	for _, point := range []string{
		"before reserve", "after reserve", "before sign", "after sign", "before complete", "after complete"} {
		t.Run(point, func(t *testing.T) {
			c := newCrash(t)
			cmd, out := c.process(point)
			requireKilled(t, cmd.Run(), out)
			left := c.reserved()
			require.Equal(t, point == "before reserve", left == nil)
			c.finish(left)
		})
	}
}

// The process dies while the database works on its statement.
func TestI1_ProcessKilledInsideOfATransaction(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]string{
		"reserving": "INSERT ON certificates", "storing": "UPDATE OF der ON certificates", "making credentials": "INSERT ON credentials",
		"ending the order": "UPDATE OF ending ON orders", "recording": "INSERT ON audit_entries",
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t)
			_, err := c.Pool.Exec(t.Context(), `
				CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$;
				CREATE TRIGGER hold BEFORE `+event+` FOR EACH ROW EXECUTE FUNCTION hold()`)
			require.NoError(t, err)
			gate, err := c.Pool.Acquire(t.Context())
			require.NoError(t, err)
			defer gate.Release()
			_, err = gate.Exec(t.Context(), "SELECT pg_advisory_lock(7)")
			require.NoError(t, err)

			cmd, out := c.process("nowhere")
			require.NoError(t, cmd.Start())
			require.Eventually(t, func() bool {
				var waits bool
				err := c.Pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted)").Scan(&waits)
				return err == nil && waits
			}, time.Minute, 10*time.Millisecond)
			require.NoError(t, cmd.Process.Kill())
			requireKilled(t, cmd.Wait(), out)
			_, err = gate.Exec(t.Context(), "SELECT pg_advisory_unlock(7)")
			require.NoError(t, err)
			// The server ends what the dead process began before it looks for its client.
			require.Eventually(t, func() bool {
				var busy bool
				err := c.Pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'issuance' AND state <> 'idle' AND pid <> pg_backend_pid())").Scan(&busy)
				return err == nil && !busy
			}, time.Minute, 10*time.Millisecond)
			c.finish(c.reserved())
		})
	}
}

// The database refuses exactly the storing step, with the certificate signed.
func TestI1_DatabaseBrokenAtTheStoringStep(t *testing.T) {
	c := newCrash(t)
	_, err := c.Pool.Exec(t.Context(), `
		CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
		CREATE TRIGGER broken BEFORE UPDATE OF der ON certificates FOR EACH ROW EXECUTE FUNCTION broken()`)
	require.NoError(t, err)
	issuers, err := c.Issuers(nil)
	require.NoError(t, err)
	authority, err := c.Authority(issuers, c.Certificates)
	require.NoError(t, err)
	var left []byte
	for range 3 {
		_, err = authority.Issue(t.Context(), c.order)
		require.ErrorContains(t, err, "store certificate")
		if left != nil {
			require.Equal(t, left, c.reserved())
		}
		left = c.reserved()
	}
	orphans, err := c.Certificates.Orphans(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	_, err = c.Pool.Exec(t.Context(), "DROP TRIGGER broken ON certificates")
	require.NoError(t, err)
	c.finish(left)
}
