package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/postgres"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/dev/sandbox"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
)

// Namespace is the Temporal namespace of the stack.
const Namespace = "remote-issuance"

// URLs are where the parts of the stack are; empty for a part that is not there.
type URLs struct {
	API, Portal, TemporalUI, Inbox, OIDC, Registers, Gateways string
	// Prometheus is the page of alerts and numbers.
	Prometheus string
	// Codec is where the Temporal UI has payloads decoded, in the operator's name.
	Codec string
	// Sandbox is the address under which days pass and others misbehave on request.
	Sandbox string
	// Temporal is the frontend's host:port, Database the connection string of the product's database.
	Temporal, Database string
}

// Stack is a running local stack.
type Stack struct {
	// URLs are where its parts are.
	URLs URLs
	// Holders are the sample persons.
	Holders []persons.Holder

	options Options
	dir     string
	ports   ports
	secrets secrets
	cas     *authority.Authorities
	clock   *sandbox.Clock
	// holding guards Holders once the stack has started.
	holding sync.Mutex

	inbox     *inbox.Server
	registers *registers.Server
	gateways  *gateways.Server
	issuer    *oidc.Server
	cluster   *postgres.Cluster
	temporal  *temporal.Server
	product   Product
	// alone is the Temporal server when it has a process of its own.
	alone *aloneTemporal

	// closers undo what was started, last first; some parts start at the same time.
	mu      sync.Mutex
	closers []func() error
}

// Start starts everything and returns when the API is ready. On an error nothing is left running.
func Start(ctx context.Context, o Options) (*Stack, error) {
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, err
	}
	s := &Stack{options: o.withDefaults(), dir: dir}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	held, err := lock(s.dir)
	if err != nil {
		return err
	}
	s.onClose(held.Close)
	if s.secrets, err = loadSecrets(s.dir); err != nil {
		return err
	}
	if err := s.openClock(); err != nil {
		return err
	}
	if err := s.makeAuditKey(); err != nil {
		return err
	}
	if s.ports, err = choosePorts(s.dir, s.options.FixedPorts); err != nil {
		return err
	}
	s.URLs.API, s.URLs.Portal = s.ports.url(serviceAPI), s.ports.url(servicePortal)
	if err := s.startIssuer(); err != nil {
		return err
	}
	// Databases take the longest, persons and sandboxes wait for nobody.
	servers := make(chan error, 1)
	go func() { servers <- s.startServers(ctx) }()
	err = s.step("certification authorities and sample persons", s.preparePersons)
	if err == nil {
		err = s.step("sandboxes of registers, sign-in, mail, SMS and payments", s.startSandboxes)
	}
	if err := errors.Join(err, <-servers); err != nil {
		return err
	}
	if err := s.startProduct(ctx); err != nil {
		return err
	}
	if err := s.startSandbox(ctx); err != nil {
		return err
	}
	return s.startPrometheus(ctx)
}

func (s *Stack) step(name string, do func() error) error {
	began := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.options.Report(name, time.Since(began))
	return nil
}

func (s *Stack) onClose(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers = append(s.closers, f)
}

func (s *Stack) preparePersons() error {
	now := s.clock.Now()
	if err := writeTariff(s.tariffFile()); err != nil {
		return err
	}
	for _, dir := range []string{s.statementsDir(), s.registersDir()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	var err error
	if s.cas, err = authority.Open(filepath.Join(s.dir, "pki"), s.secrets.CAPassword, now, s.options.Families...); err != nil {
		return err
	}
	if s.Holders, err = persons.Open(filepath.Join(s.dir, "persons"), s.cas, now, s.options.Persons); err != nil {
		return err
	}
	return persons.WriteFiles(s.FilesDir(), s.Holders)
}

func (s *Stack) startProduct(ctx context.Context) error {
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.onClose(func() error { stop(); return nil })
	go s.cas.KeepFresh(keep, slog.Default(), s.clock.Now)
	e := s.environment(s.URLs.Database, s.URLs.Temporal).With(s.options.Environment)
	if err := e.WriteShell(filepath.Join(s.dir, "environment.sh")); err != nil {
		return err
	}
	if s.options.Product != nil {
		s.product = s.options.Product(e)
	} else {
		p, err := s.processes(e)
		if err != nil {
			return err
		}
		s.product = p
	}
	s.onClose(s.product.Stop)
	if err := s.step("migrations", func() error { return s.product.Migrate(ctx) }); err != nil {
		return err
	}
	return s.step("API, worker and portal", func() error { return s.product.Start(ctx) })
}

// processes run the product; the worker is ready when it serves its metrics.
func (s *Stack) processes(e Environment) (*Processes, error) {
	executable, err := s.executable()
	if err != nil {
		return nil, err
	}
	own := map[string]Environment{
		ProcessAPI:    {"METRICS_ADDRESS": s.ports.listen(serviceAPIMetrics)},
		ProcessWorker: {"METRICS_ADDRESS": s.ports.listen(serviceWorkerMetrics)},
		migration:     {},
	}
	if e[temporalTokenFile] != "" {
		own[ProcessAPI][temporalTokenFile] = s.temporalToken(TemporalAPI)
		own[migration][temporalTokenFile] = s.temporalToken(TemporalMigrate)
	}
	ready := map[string]string{
		ProcessAPI: s.URLs.API + "/readyz", ProcessWorker: s.ports.url(serviceWorkerMetrics) + "/metrics", ProcessPortal: s.URLs.Portal + "/healthz",
	}
	if s.options.Rewire != nil {
		for _, name := range parts() {
			if own[name], err = s.options.Rewire(name, e.With(own[name])); err != nil {
				return nil, err
			}
		}
	}
	return NewProcesses(executable, filepath.Join(s.dir, "logs"), e, own, ready), nil
}

// executable is the program that is started for the parts with processes of their own.
func (s *Stack) executable() (string, error) {
	if s.options.Executable != "" {
		return s.options.Executable, nil
	}
	return os.Executable()
}

// Wait returns why a part of the stack ended by itself, or nil when the context ends.
func (s *Stack) Wait(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ends := make(chan error, 2)
	go func() { ends <- s.attend(ctx) }()
	if s.cluster != nil {
		go func() {
			select {
			case <-s.cluster.Done():
				ends <- errors.New("the PostgreSQL server ended by itself")
			case <-ctx.Done():
			}
		}()
	}
	return <-ends
}

// attend keeps the product's processes running; another product is only watched.
func (s *Stack) attend(ctx context.Context) error {
	if p, ok := s.product.(*Processes); ok {
		return p.attend(ctx, func(what string) { s.options.Report(what, 0) })
	}
	return s.product.Unexpected(ctx)
}

// Close stops everything, what was started last first.
func (s *Stack) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}
