package e2e_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	sdkclient "go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// command runs a command of the product as an operator does and gives its output and exit code.
func (w *world) command(args ...string) (string, int) {
	w.t.Helper()
	executable, err := os.Executable()
	require.NoError(w.t, err)
	cmd := exec.CommandContext(w.t.Context(), executable, append([]string{stack.Argument}, args...)...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+w.stack.URLs.Database, "AUDIT_KEY_FILE="+filepath.Join(w.stack.Dir(), "audit.pem"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(w.t, err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func (w *world) sql(sql string, args ...any) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.stack.URLs.Database)
	require.NoError(w.t, err)
	defer func() { _ = conn.Close(w.t.Context()) }()
	_, err = conn.Exec(w.t.Context(), sql, args...)
	require.NoError(w.t, err)
}

// The log of a whole order is whole, tells its story, and shows one changed byte; the manager's approval is verified again, also from a file.
func TestAuditOfAnOrder(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	vera := w.employee()
	o := w.waiting(vera, w.upload(vera, 1))
	c := w.confirmed(o.ID)
	w.paid(w.director, caller.OfConfirmation(c.ID))
	o = w.issued(vera, o.ID)
	w.delivered(vera, o)

	out, code := w.command("audit", "checkpoint")
	require.Zero(t, code, out)
	out, code = w.command("audit", "verify")
	require.Zero(t, code, out)
	require.Contains(t, out, "the audit log is whole")
	story, code := w.command("audit", "show", o.ID.String())
	require.Zero(t, code, story)
	for _, told := range []string{"opened the order", "accepted the terms", "saved the request", "approved the order",
		"issued the certificate (certificate sha256:", "payment ", "serial " + o.Certificate.SerialNumber, "revealed the storage credentials", "fetched the certificate"} {
		require.Contains(t, story, told)
	}
	require.NotContains(t, story, vera.Subject.Surname)

	const flip = "UPDATE audit_entries SET hash = set_byte(hash, 5, get_byte(hash, 5) # 1) WHERE sequence = 2"
	w.sql(flip)
	out, code = w.command("audit", "verify")
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "entry 2: changed")
	w.sql(flip)
	_, code = w.command("audit", "verify")
	require.Zero(t, code)

	out, code = w.command("audit", "approval", o.ID.String(), "--trust", w.stack.Authorities().TrustDir())
	require.Zero(t, code, out)
	require.Contains(t, out, "the approval "+c.ID.String()+" is good")
	file := filepath.Join(t.TempDir(), "approval.json")
	trusted := []string{"--trust", w.stack.Authorities().TrustDir(), "--checkpoint-key", w.auditKey()}
	out, code = w.command("audit", "approval", c.ID.String(), "--export", file, "--trust", w.stack.Authorities().TrustDir())
	require.Zero(t, code, out)
	_, code = w.command("audit", "approval", "--file", file)
	require.Equal(t, 1, code, "nobody vouches for it")
	out, code = w.command(append([]string{"audit", "approval", "--file", file}, trusted...)...)
	require.Zero(t, code, out)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := strings.Replace(string(data), c.ID.String(), o.ID.String(), 1)
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	_, code = w.command(append([]string{"audit", "approval", "--file", file}, trusted...)...)
	require.Equal(t, 1, code)

	w.carded(o)
}

// carded makes the evidence card of an order and verifies it away from the database.
func (w *world) carded(o contract.Order) {
	w.t.Helper()
	trust, pdf := w.stack.Authorities().TrustDir(), filepath.Join(w.t.TempDir(), "card.pdf")
	out, code := w.command("audit", "card", o.ID.String(), "--out", pdf, "--trust", trust, "--operator", "op")
	require.Zero(w.t, code, out)
	out, code = w.command("audit", "card", pdf, "--trust", trust, "--audit-keys", filepath.Dir(w.auditKey()))
	require.Zero(w.t, code, out)
	_, code = w.command("audit", "card", pdf)
	require.Equal(w.t, 1, code, "nobody vouches for it")
}

// auditKey writes the public half of the stack's checkpoint key to a file.
func (w *world) auditKey() string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.stack.Dir(), "audit.pem"))
	require.NoError(w.t, err)
	key, err := audit.ParseKey(data)
	require.NoError(w.t, err)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(w.t, err)
	path := filepath.Join(w.t.TempDir(), "audit.pub.pem")
	require.NoError(w.t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600))
	return path
}

// Revoked by command, listed by the worker, refused by everybody who reads the list.
func TestRevocationReachesTheList(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	vera := w.employee()
	o := w.waiting(vera, w.upload(vera, 1))
	w.paid(w.director, caller.OfConfirmation(w.confirmed(o.ID).ID))
	o = w.issued(vera, o.ID)
	credentials, err := vera.Credentials(t.Context(), o.ID)
	require.NoError(t, err)
	der, err := vera.Fetch(t.Context(), credentials.Login, credentials.Password, "cer")
	require.NoError(t, err)
	certificate, err := pki.ParseCertificate(der)
	require.NoError(t, err)

	refused := func() fault.Code {
		trust, err := path.LoadTrust(w.stack.Authorities().TrustDir())
		require.NoError(t, err)
		_, err = path.NewValidator(trust, path.Options{}).Validate(certificate, certificate.NotBefore.Add(time.Hour))
		return fault.CodeOf(err)
	}
	require.Empty(t, refused())
	out, code := w.command("certificates", "revoke", o.Certificate.SerialNumber, "--issuer", "bign", "--reason", "key-compromise", "--operator", "op-1")
	require.Zero(t, code, out)
	require.Eventually(t, func() bool { return refused() == fault.Revoked }, time.Minute, 200*time.Millisecond)
}

// The worker has made the schedule; a run of it asks for the reminder, once.
func TestR1_ScheduleRemindsOfACertificateThatEnds(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	vera := w.employee()
	o := w.waiting(vera, w.upload(vera, 1))
	w.paid(w.director, caller.OfConfirmation(w.confirmed(o.ID).ID))
	w.issued(vera, o.ID)
	w.sql("UPDATE certificates SET not_after = now() + interval '6 days' WHERE order_id = $1", o.ID.String())

	temporal := w.temporal()
	schedule := temporal.ScheduleClient().GetHandle(t.Context(), workflows.RemindersSchedule)
	described, err := schedule.Describe(t.Context())
	require.NoError(t, err)
	require.Len(t, described.Info.NextActionTimes, 10)
	require.Equal(t, 6, described.Info.NextActionTimes[0].UTC().Hour(), "09:00 in Minsk")
	reminders := func() (n int) {
		for _, m := range w.stack.Inbox().Messages(vera.Subject.Email, inbox.Mail) {
			if strings.HasPrefix(m.Subject, "Срок действия сертификата истекает") && strings.Contains(m.Text, "6.0.01") {
				n++
			}
		}
		return n
	}
	before := reminders()
	for run := range 2 {
		require.NoError(t, schedule.Trigger(t.Context(), sdkclient.ScheduleTriggerOptions{}))
		require.Eventually(t, func() bool {
			d, err := schedule.Describe(t.Context())
			return err == nil && d.Info.NumActions == run+1 && len(d.Info.RunningWorkflows) == 0
		}, time.Minute, 100*time.Millisecond)
	}
	require.Eventually(t, func() bool { return reminders() == before+1 }, time.Minute, 100*time.Millisecond)
	require.Equal(t, before+1, reminders())
}
