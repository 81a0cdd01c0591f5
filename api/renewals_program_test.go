package api

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/renewcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// desktop is the machine of somebody who renews with the command.
type desktop struct {
	b      *bundle
	dir    string
	server *httptest.Server
	mine   *program
}

func (b *bundle) desktop(token string) *desktop {
	b.t.Helper()
	d := &desktop{b: b, dir: b.t.TempDir(), mine: b.program(token)}
	d.server = httptest.NewUnstartedServer(nil)
	deps := b.deps
	protocol := *deps.Renewal
	protocol.PublicURL, protocol.Work = "http://"+d.server.Listener.Addr().String(), 4
	deps.Renewal = &protocol
	b.serve(deps)
	d.server.Config.Handler = b.handler
	d.server.Start()
	b.t.Cleanup(d.server.Close)
	everyone := b.people
	container, err := bpki.SealKey(d.mine.holder.Key, []byte("пароль"), bpki.Protection{})
	require.NoError(b.t, err)
	root, err := everyone.ca.RootCRL(b.now.Add(-time.Hour))
	require.NoError(b.t, err)
	issuing, err := everyone.ca.CRL(b.now.Add(-time.Hour))
	require.NoError(b.t, err)
	for name, content := range map[string][]byte{
		"present.key": container, "present.cer": d.mine.holder.Certificate.Raw, "password": []byte("пароль\n"),
		"trust/root.cer": everyone.ca.Root.Certificate.Raw, "trust/issuing.cer": everyone.ca.Issuing.Certificate.Raw,
		"trust/root.crl": root.Raw, "trust/issuing.crl": issuing.Raw,
	} {
		require.NoError(b.t, os.MkdirAll(filepath.Dir(d.path(name)), 0o700))
		require.NoError(b.t, os.WriteFile(d.path(name), content, 0o600))
	}
	return d
}

func (d *desktop) path(name string) string { return filepath.Join(d.dir, name) }

// screen is what the command writes to; whoever reads there where the order stands
// stops the command.
type screen struct {
	bytes.Buffer
	stop context.CancelFunc
}

func (s *screen) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("order ")) {
		defer s.stop()
	}
	return s.Buffer.Write(p)
}

// renews runs the command until it waits.
func (d *desktop) renews(out string, more ...string) (string, error) {
	d.b.t.Helper()
	cmd := renewcli.Command()
	ctx, stop := context.WithCancel(d.b.t.Context())
	defer stop()
	said := &screen{stop: stop}
	cmd.SetOut(said)
	cmd.SetErr(said)
	cmd.SilenceErrors = true
	cmd.SetArgs(append([]string{
		"--key", d.path("present.key"), "--certificate", d.path("present.cer"), "--password-file", d.path("password"), "--trust", d.path("trust"),
		"--server", d.server.URL, "--out", d.path(out), "--wait", "2m",
	}, more...))
	err := cmd.ExecuteContext(ctx)
	return said.String(), err
}

func (d *desktop) files(out string) (names []string) {
	d.b.t.Helper()
	entries, err := os.ReadDir(d.path(out))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(d.b.t, err)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(d.b.t, err)
		require.Equal(d.b.t, os.FileMode(0o600), info.Mode().Perm(), e.Name())
		names = append(names, e.Name())
	}
	return names
}

// newKey is the key that the command has made.
func (d *desktop) newKey(out string) bpki.Holder {
	d.b.t.Helper()
	container, err := os.ReadFile(filepath.Join(d.path(out), "new.key"))
	require.NoError(d.b.t, err)
	key, err := bpki.OpenKey(container, []byte("пароль"))
	require.NoError(d.b.t, err)
	return bpki.Holder{Key: key}
}

// order is the only order there is.
func (d *desktop) order() *sample {
	d.b.t.Helper()
	list, err := d.b.orders.OrdersOfApplicant(d.b.t.Context(), d.b.server.applicantKey(callerOf(d.certificate())), d.b.now, 0, 10)
	require.NoError(d.b.t, err)
	require.Len(d.b.t, list.Orders, 1)
	return &sample{Record: list.Orders[0].Record}
}

func (d *desktop) certificate() *pki.Certificate {
	d.b.t.Helper()
	c, err := pki.ParseCertificate(d.mine.holder.Certificate.Raw)
	require.NoError(d.b.t, err)
	return c
}

var agreed = []string{"--accept-terms", "agreement-3/contract-7", "--email", testEmail, "--phone", testPhone}

func TestSTB78_TheCommandRenewsAndGoesOnAfterACrash(t *testing.T) {
	b := setup(t)
	d := b.desktop(asIndividual)
	said, err := d.renews("renewal")
	require.Error(t, err)
	require.Contains(t, said, "https://example.by/agreement")
	require.Contains(t, said, "--accept-terms agreement-3/contract-7")
	require.Empty(t, d.files("renewal"), "nothing is made before the terms are accepted")
	_, err = d.renews("renewal", "--accept-terms", "agreement-2/contract-7")
	require.Error(t, err)
	require.Empty(t, d.files("renewal"))

	said, err = d.renews("renewal", agreed...)
	require.ErrorContains(t, err, "the same command goes on")
	require.Contains(t, said, "checking")
	require.Equal(t, []string{"new.key", "request.cms"}, d.files("renewal"))
	s := b.saved(d.order())
	said, err = d.renews("renewal", agreed...)
	require.ErrorContains(t, err, "the same command goes on")
	require.Contains(t, said, "pay 86.40 BYN")
	require.Contains(t, said, s.bill.Number.ERIP())
	require.Equal(t, 1, b.count("orders"))

	issued, err := theirs(t).ca.Issue(testca.ProfileIndividual, testca.SampleIndividual(), d.newKey("renewal").Key.Public(), b.now.Add(-time.Minute), b.now.AddDate(1, 0, 0))
	require.NoError(t, err)
	b.issue(s, issued.Raw)
	_, err = d.renews("renewal", agreed...)
	require.NoError(t, err)
	require.Equal(t, []string{"new.cer", "new.key", "request.cms"}, d.files("renewal"))
	got, err := os.ReadFile(filepath.Join(d.path("renewal"), "new.cer"))
	require.NoError(t, err)
	require.Equal(t, issued.Raw, got)
	said, err = d.renews("renewal", agreed...)
	require.NoError(t, err)
	require.Contains(t, said, "there already")
	require.Equal(t, 1, b.count("orders"))
}

func TestSTB78_TheCommandKeepsNoCertificateThatIsNotItsOwn(t *testing.T) {
	for name, change := range map[string]func(*order.Subject){
		"of somebody else": func(s *order.Subject) { s.PersonalNumber = "3010190A009PB4" },
		"of a namesake":    func(s *order.Subject) { s.Surname = "Чужой" },
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			d := b.desktop(asIndividual)
			_, err := d.renews("renewal", agreed...)
			require.Error(t, err)
			subject := testca.SampleIndividual()
			change(&subject)
			s := b.saved(d.order())
			issued, err := theirs(t).ca.Issue(testca.ProfileIndividual, subject, d.newKey("renewal").Key.Public(), b.now.Add(-time.Minute), b.now.AddDate(1, 0, 0))
			require.NoError(t, err)
			b.issue(s, issued.Raw)
			_, err = d.renews("renewal", agreed...)
			require.ErrorContains(t, err, "somebody else")
			require.Equal(t, []string{"new.key", "request.cms"}, d.files("renewal"))
		})
	}
}

func TestSTB78_TheCommandSaysWhatTheServiceRefuses(t *testing.T) {
	b := setup(t)
	d := b.desktop(asIndividual)
	said, err := d.renews("two", "--accepted-in-portal")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, said, "terms")
	said, err = d.renews("one", append([]string{"--position", "Директор"}, agreed...)...)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, said, "refused: ")
	_, err = d.renews("three", "--accept-terms", "agreement-3/contract-7", "--email", "x")
	require.ErrorContains(t, err, "--email")
	_, err = d.renews("four", append([]string{"--payment", "12"}, agreed...)...)
	require.ErrorContains(t, err, "--payment")
	_, err = d.renews("five", append([]string{"--server", "http://example.by"}, agreed...)...)
	require.ErrorContains(t, err, "https")
	_, err = d.renews("six", append([]string{"--certificate", d.path("trust/root.cer")}, agreed...)...)
	require.ErrorContains(t, err, "is not the key")
}

func TestSTB78_TheCommandWritesOverNothing(t *testing.T) {
	for _, name := range []string{"new.key", "request.cms", "new.cer"} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			d := b.desktop(asIndividual)
			require.NoError(t, os.Mkdir(d.path("renewal"), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(d.path("renewal"), name), []byte("cut"), 0o600))
			_, err := d.renews("renewal", agreed...)
			require.Error(t, err)
			left, err := os.ReadFile(filepath.Join(d.path("renewal"), name))
			require.NoError(t, err)
			require.Equal(t, "cut", string(left))
			require.Zero(t, b.count("orders"))
		})
	}
}
