package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/ports"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// fleet is a product whose processes are of several releases.
type fleet struct {
	dir string
	// first is the program that is there before anything is rolled out.
	first string
	// prefix are arguments before those of the product.
	prefix []string
	// current says whether its build is made current at the start.
	current bool
	// before is done before anything is started; nil for nothing.
	before func(ctx context.Context) error

	environment stack.Environment
	mu          sync.Mutex
	running     map[string]*supervise.Process
}

func newFleet(dir, first string) *fleet {
	return &fleet{dir: dir, first: first, current: true, running: map[string]*supervise.Process{}}
}

// Product takes the configuration over.
func (f *fleet) Product(e stack.Environment) stack.Product {
	f.environment = e
	return f
}

// Migrate runs the first program's migrations.
func (f *fleet) Migrate(ctx context.Context) error { return f.migrate(ctx, f.first) }

func (f *fleet) migrate(ctx context.Context, program string) error {
	token := filepath.Join(filepath.Dir(f.environment["TEMPORAL_TOKEN_FILE"]), "migrate.token")
	out, code := output(ctx, program, f.env(stack.Environment{"TEMPORAL_TOKEN_FILE": token}), f.arguments("migrate")...)
	if code != 0 {
		return fmt.Errorf("migrate: %s", out)
	}
	return nil
}

// Start runs an API and a worker of the first program.
func (f *fleet) Start(ctx context.Context) error {
	if f.before != nil {
		if err := f.before(ctx); err != nil {
			return err
		}
	}
	if _, err := f.begin(ctx, "api", f.first, "api", stack.Environment{"API_ADDRESS": f.environment["API_ADDRESS"]}); err != nil {
		return err
	}
	if _, err := f.begin(ctx, "worker", f.first, "worker", nil); err != nil || !f.current {
		return err
	}
	if err := f.known(ctx, releaseNow); err != nil {
		return err
	}
	if out, code := f.command(ctx, f.first, "deploy", "current", "--operator", "first"); code != 0 {
		return fmt.Errorf("deploy current: %s", out)
	}
	return nil
}

// known waits until the server has heard of a build from its first workers.
func (f *fleet) known(ctx context.Context, build string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		out, code := f.command(ctx, f.first, "deploy", "status", "--json")
		if code == 0 && strings.Contains(out, `"build": "`+build+`"`) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("build %s is not known: %s", build, out)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// begin runs a process of a program on ports of its own, and gives its address.
func (f *fleet) begin(ctx context.Context, name, program, process string, changes stack.Environment) (string, error) {
	port, err := ports.Free("127.0.0.1")
	if err != nil {
		return "", err
	}
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	own, ready := stack.Environment{"METRICS_ADDRESS": at}, "/healthz"
	if process == "api" {
		own, ready = stack.Environment{"API_ADDRESS": at, "METRICS_ADDRESS": ""}, "/readyz"
	}
	own = own.With(changes)
	if own["API_ADDRESS"] != "" {
		at = own["API_ADDRESS"]
	}
	child, err := supervise.Start(ctx, supervise.Options{
		Name: name, Path: program, Args: f.arguments(process), Env: f.env(own), LogFile: f.logFile(name), ReadyURL: "http://" + at + ready,
	})
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running[name] = child
	return "http://" + at, nil
}

func (f *fleet) arguments(args ...string) []string { return append(slices.Clone(f.prefix), args...) }

func (f *fleet) logFile(name string) string { return filepath.Join(f.dir, "logs", name+".log") }

func (f *fleet) env(changes stack.Environment) []string {
	return f.environment.With(changes).List("PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"))
}

// command runs an operator's command of a program.
func (f *fleet) command(ctx context.Context, program string, args ...string) (string, int) {
	return output(ctx, program, f.env(nil), f.arguments(args...)...)
}

// end stops a process as a deploy does.
func (f *fleet) end(name string) error {
	f.mu.Lock()
	child := f.running[name]
	delete(f.running, name)
	f.mu.Unlock()
	if child == nil {
		return fmt.Errorf("%s does not run", name)
	}
	return child.Stop()
}

// Unexpected waits for nobody: a process that dies makes its orders wait, which the test sees.
func (f *fleet) Unexpected(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Stop ends all of them.
func (f *fleet) Stop() error {
	f.mu.Lock()
	all := f.running
	f.running = map[string]*supervise.Process{}
	f.mu.Unlock()
	var errs []error
	for _, child := range all {
		errs = append(errs, child.Stop())
	}
	return errors.Join(errs...)
}
