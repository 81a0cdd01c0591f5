package e2e_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/internal/cli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// The national protocol: the command orders, somebody pays, the command fetches and verifies the certificate. It is stopped
// once on the way, and goes on with the same order.
func TestSTB78_TheCommandGetsACertificateOf6000(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.private(order.KindIndividual)
	dir := t.TempDir()
	key, ok := p.Key.(*bign.PrivateKey)
	require.True(t, ok)
	container, err := bpki.SealKey(key, []byte("password"), bpki.Protection{})
	require.NoError(t, err)
	for name, content := range map[string][]byte{"key": container, "cer": p.Certificate.Raw, "password": []byte("password\n")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	renew := func(screen *watched) error {
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
		defer stop()
		screen.stop = stop
		root := cli.Root()
		root.SetOut(screen)
		root.SetErr(screen)
		root.SetArgs([]string{"renew", "--key", filepath.Join(dir, "key"), "--certificate", filepath.Join(dir, "cer"),
			"--password-file", filepath.Join(dir, "password"), "--trust", w.stack.Authorities().TrustDir(), "--server", w.stack.URLs.API,
			"--out", filepath.Join(dir, "new"), "--accept-terms", "1/1", "--email", p.Subject.Email, "--phone", p.Phone})
		return root.ExecuteContext(ctx)
	}
	first := &watched{until: regexp.MustCompile(`order (\d+): checking|under the number`)}
	require.ErrorContains(t, renew(first), "the same command goes on", "%s", &first.Buffer)
	o := w.ordered(p)
	w.await(p, o.ID, "awaiting-payment")
	second := &watched{until: regexp.MustCompile(`under the number (NOAIS\d{9})`)}
	require.ErrorContains(t, renew(second), "the same command goes on", "%s", &second.Buffer)
	payment, err := p.Payment(t.Context(), caller.OfOrder(o.ID))
	require.NoError(t, err)
	require.Equal(t, payment.Number, second.until.FindStringSubmatch(second.String())[1])
	entry, err := w.gateway.Notify(t.Context(), notification(payment))
	require.NoError(t, err)
	require.Equal(t, contract.Applied, entry.State, entry.Reason)
	w.issued(p, o.ID)
	last := &watched{}
	require.NoError(t, renew(last), "%s", &last.Buffer)

	der, err := os.ReadFile(filepath.Join(dir, "new", "new.cer"))
	require.NoError(t, err)
	certificate, err := pki.ParseCertificate(der)
	require.NoError(t, err)
	sealed, err := os.ReadFile(filepath.Join(dir, "new", "new.key"))
	require.NoError(t, err)
	made, err := bpki.OpenKey(sealed, []byte("password"))
	require.NoError(t, err)
	wanted, err := alg.KeyID(made.Public())
	require.NoError(t, err)
	got, err := alg.KeyID(certificate.PublicKey)
	require.NoError(t, err)
	require.Equal(t, wanted, got)
	require.Equal(t, p.Subject.PersonalNumber, certificate.Subject().PersonalNumber)
	trust, err := path.LoadTrust(w.stack.Authorities().TrustDir())
	require.NoError(t, err)
	_, err = path.NewValidator(trust, path.Options{Revocation: path.RevocationLeaf}).Validate(certificate, time.Now())
	require.NoError(t, err)
	require.Equal(t, 1, w.certificates(o.ID))
	w.ordered(p)
}

// ordered is the only order of a person.
func (w *world) ordered(p *party) contract.Order {
	w.t.Helper()
	var list struct{ Orders []contract.Order }
	require.NoError(w.t, p.Get(w.t.Context(), "/v1/orders?state=all", &list))
	require.Len(w.t, list.Orders, 1)
	return list.Orders[0]
}

// watched is the screen of a command that is stopped once it shows what was looked for.
type watched struct {
	bytes.Buffer
	until *regexp.Regexp
	stop  context.CancelFunc
}

func (s *watched) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if s.until != nil && s.until.Match(s.Bytes()) {
		s.stop()
	}
	return n, err
}
