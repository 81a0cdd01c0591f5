package site

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/registers"
)

// Gateway is the host's address in the composition's network, as docker-compose.yml says.
const Gateway = "172.30.77.1"

// Subnet is that network, from which proxies and the portal come.
const Subnet = "172.30.77.0/24"

// Names of the parties.
const (
	IssuerHost    = "id.example.by"
	RegistersHost = "registers.example.by"
	MailHost      = "mail.example.by"
	SMSHost       = "sms.example.by"
	APIHost       = "issuance.example.by"
	UIHost        = "temporal.example.by"
	// ERIPAddress is where ERIP's messages come from.
	ERIPAddress = "192.0.2.10"
	// ERIPService and Salt are those of the contract with ERIP.
	ERIPService = 90100001
	Salt        = "salt of the contract"
	SMSUser     = "sandbox"
	SMSPassword = "password of the short messages"
)

// Hosts are lines of /etc/hosts for the containers.
func Hosts() []string {
	return []string{Gateway + " " + IssuerHost + " " + RegistersHost + " " + MailHost + " " + SMSHost}
}

// Site is a running site.
type Site struct {
	// Dir is the copy of the checkout.
	Dir string
	// Client calls the parties and the API by their names, and asks again while nobody answers there.
	Client *http.Client

	Authorities *authority.Authorities
	Issuer      *oidc.Server
	Registers   *registers.Server
	Inbox       *inbox.Server
	Gateways    *gateways.Server

	front   *front
	serial  int64
	closers []func() error
}

// Open copies the checkout and starts the parties. Dir is emptied first.
func Open(ctx context.Context, checkout, dir string) (*Site, error) {
	s := &Site{Dir: filepath.Join(dir, "checkout")}
	if err := s.open(ctx, checkout, dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Site) open(ctx context.Context, checkout, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := copyCheckout(ctx, checkout, s.Dir); err != nil {
		return fmt.Errorf("copy the checkout: %w", err)
	}
	now := time.Now()
	var err error
	if s.Authorities, err = authority.Open(filepath.Join(dir, "pki"), "password of the sandbox", now, authority.Bign); err != nil {
		return err
	}
	root, certificate, err := newTLS(APIHost, UIHost, IssuerHost, RegistersHost, MailHost, SMSHost)
	if err != nil {
		return err
	}
	if err := s.startParties(dir, certificate); err != nil {
		return err
	}
	if err := s.put("deploy/roots/own-root.pem", root); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	dialer := net.Dialer{Timeout: 5 * time.Second}
	s.Client = &http.Client{Transport: patient{&http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, "127.0.0.1:443")
		},
	}}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return nil
}

func (s *Site) startParties(dir string, certificate tls.Certificate) error {
	var err error
	if s.Inbox, err = inbox.Start(inbox.Options{
		SMTPListen: "0.0.0.0:587", HTTPListen: "127.0.0.1:0", DataDir: dir, SMSUsername: SMSUser, SMSPassword: SMSPassword,
		TLS: &tls.Config{Certificates: []tls.Certificate{certificate}},
	}); err != nil {
		return err
	}
	s.onClose(s.Inbox.Close)
	if s.Registers, err = registers.Start(registers.Options{Listen: "127.0.0.1:0"}); err != nil {
		return err
	}
	s.onClose(s.Registers.Close)
	if s.Issuer, err = oidc.Start(oidc.Options{Listen: "127.0.0.1:8090", DataDir: dir, Issuer: "https://" + IssuerHost, Persons: persons.SignIns(nil)}); err != nil {
		return err
	}
	s.onClose(s.Issuer.Close)
	if s.front, err = startFront(certificate, map[string]string{
		IssuerHost: "http://127.0.0.1:8090", RegistersHost: s.Registers.URL(), SMSHost: s.Inbox.URL(), UIHost: "http://127.0.0.1:8088",
	}); err != nil {
		return err
	}
	s.onClose(s.front.Close)
	s.Gateways, err = gateways.Start(gateways.Options{
		Listen: "127.0.0.1:0", ERIP: gateways.ERIPOptions{ServiceNo: ERIPService, Salt: Salt}, Targets: gateways.Targets{ERIP: s.front.eripURL},
		// No card is paid with here, but the sandbox wants a merchant.
		Assist: gateways.AssistOptions{MerchantID: "1", Login: "none", Password: "none", ResultSalt: "none"},
	})
	if err == nil {
		s.onClose(s.Gateways.Close)
	}
	return err
}

// Serve tells the proxy in front which APIs there are, as addresses such as 127.0.0.1:8080.
func (s *Site) Serve(addresses ...string) { s.front.serve(addresses) }

func (s *Site) onClose(f func() error) { s.closers = append(s.closers, f) }

// Close stops the parties.
func (s *Site) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}

// put writes a file of the checkout.
func (s *Site) put(name string, content []byte) error {
	path := filepath.Join(s.Dir, name)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o600))
}

// copyCheckout copies what git has and what would be committed.
func copyCheckout(ctx context.Context, from, to string) error {
	list := exec.CommandContext(ctx, "git", "-C", from, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	names, err := list.Output()
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, content, info.Mode())); err != nil {
			return err
		}
	}
	return nil
}
