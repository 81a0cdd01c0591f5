package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// Product is the product's own part of the stack.
type Product interface {
	// Migrate prepares database and Temporal server.
	Migrate(ctx context.Context) error
	// Start returns when API and worker are ready.
	Start(ctx context.Context) error
	// Unexpected waits until a part ends by itself, and says why, or until the context ends.
	Unexpected(ctx context.Context) error
	// Stop ends the worker and then the API.
	Stop() error
}

// Argument is the first argument that makes a program the product's binary: such a program has to call Main of package cli.
const Argument = "issuance"

// The names of the product's processes, which are its commands.
const (
	ProcessAPI    = "api"
	ProcessWorker = "worker"
	ProcessPortal = "portal"
	migration     = "migrate"
)

// parts are the processes in the order in which they stop: the worker before
// the API, since what the API promised is done after the next start.
func parts() []string { return []string{ProcessPortal, ProcessWorker, ProcessAPI} }

// Processes run the product as it runs in production: one process each for the
// API, the worker and the portal. It is safe for use from several goroutines.
type Processes struct {
	executable, logDir string
	environment        Environment
	own                map[string]Environment
	ready              map[string]string

	mu      sync.Mutex
	running map[string]*supervise.Process
}

// NewProcesses are child processes of an executable, logging into a directory. Own are the variables that only a process of that name
// gets, ready the addresses that answer 200 once it is ready.
func NewProcesses(executable, logDir string, environment Environment, own map[string]Environment, ready map[string]string) *Processes {
	return &Processes{executable: executable, logDir: logDir, environment: environment, own: own, ready: ready,
		running: map[string]*supervise.Process{}}
}

func (p *Processes) options(name string) supervise.Options {
	var inherited []string
	for _, v := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "GOMAXPROCS"} {
		if value, ok := os.LookupEnv(v); ok {
			inherited = append(inherited, v+"="+value)
		}
	}
	return supervise.Options{
		Name: name, Path: p.executable, Args: []string{Argument, name}, Env: p.environment.With(p.own[name]).List(inherited...),
		LogFile: p.LogFile(name), ReadyURL: p.ready[name],
	}
}

// LogFile is where a process writes.
func (p *Processes) LogFile(name string) string { return filepath.Join(p.logDir, name+".log") }

// Migrate runs the migrations to their end.
func (p *Processes) Migrate(ctx context.Context) error {
	o := p.options(migration)
	child, err := supervise.Start(ctx, o)
	if err != nil {
		return err
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), child.Kill())
	}
	if err := child.Err(); err != nil {
		return fmt.Errorf("%s failed (%w), its log is %s", migration, err, o.LogFile)
	}
	return nil
}

// Start runs all of them at once.
func (p *Processes) Start(ctx context.Context) error {
	started := make(chan error, len(parts()))
	for _, name := range parts() {
		go func() { started <- p.StartOne(ctx, name) }()
	}
	var errs []error
	for range parts() {
		errs = append(errs, <-started)
	}
	return errors.Join(errs...)
}

// StartOne runs one of them.
func (p *Processes) StartOne(ctx context.Context, name string) error {
	child, err := supervise.Start(ctx, p.options(name))
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running[name] = child
	return nil
}

// Kill ends a process as kill -9 does.
func (p *Processes) Kill(name string) error {
	if child := p.process(name); child != nil {
		return child.Kill()
	}
	return nil
}

// PID is the id of a process; 0 when it does not run.
func (p *Processes) PID(name string) int {
	if child := p.process(name); child != nil {
		return child.PID()
	}
	return 0
}

// Running tells whether a process runs.
func (p *Processes) Running(name string) bool {
	child := p.process(name)
	if child == nil {
		return false
	}
	select {
	case <-child.Done():
		return false
	default:
		return true
	}
}

func (p *Processes) process(name string) *supervise.Process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running[name]
}

// Unexpected waits until a process ends that nobody stopped.
func (p *Processes) Unexpected(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ends := make(chan error, len(parts()))
	for _, name := range parts() {
		child := p.process(name)
		if child == nil {
			return fmt.Errorf("%s does not run", name)
		}
		go func() { ends <- child.Unexpected(ctx) }()
	}
	return <-ends
}

// Stop ends them one after another.
func (p *Processes) Stop() error {
	var errs []error
	for _, name := range parts() {
		if child := p.process(name); child != nil {
			errs = append(errs, child.Stop())
		}
	}
	return errors.Join(errs...)
}

// StopOne ends a process as an orchestrator does before a deploy: asked first, killed when it does not stop.
func (p *Processes) StopOne(name string) error {
	if child := p.process(name); child != nil {
		return child.Stop()
	}
	return nil
}
