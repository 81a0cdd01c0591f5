package supervise

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// Options describe one child process.
type Options struct {
	// Name is what messages call the process.
	Name string
	// Path and Args are the program and its arguments (without the program's name).
	Path string
	Args []string
	// Env is the whole environment of the child as KEY=VALUE; nil means the parent's.
	Env []string
	// Dir is the working directory; empty means the parent's.
	Dir string
	// LogFile takes stdout and stderr of the child, appended. The file is handed to the child itself, so that it can write its
	// last words even when the parent has died.
	LogFile string
	// ReadyURL must answer 200 before Start returns; empty means ready at once.
	ReadyURL string
	// ReadyTimeout bounds the wait for ReadyURL; 0 means 30 s.
	ReadyTimeout time.Duration
	// StopTimeout is the time between SIGTERM and SIGKILL; 0 means 10 s.
	StopTimeout time.Duration
}

// Process is a child that was started by Start.
type Process struct {
	*Child
	opts     Options
	stopping atomic.Bool
}

// ExitError says that a process ended without having been asked to.
type ExitError struct {
	// Name is the name from the options, LogFile where its output is.
	Name, LogFile string
	// Err is what the operating system said; nil for exit status 0.
	Err error
}

// Error names the process, its end and its log file.
func (e *ExitError) Error() string {
	end := "exit status 0"
	if e.Err != nil {
		end = e.Err.Error()
	}
	return fmt.Sprintf("%s ended unexpectedly (%s), its log is %s, which ends with\n%s", e.Name, end, e.LogFile, e.lastWords())
}

// lastWords are the last lines of the log: the file may be gone by the time somebody reads the error.
func (e *ExitError) lastWords() string {
	const most = 2 << 10
	log, err := os.ReadFile(e.LogFile)
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-most):])
}

// Unwrap gives the operating system's error.
func (e *ExitError) Unwrap() error { return e.Err }

// Start runs the process and waits until it is ready. A process that ends first is reported as *ExitError; one that is not ready
// in time, or whose context ends, is killed.
func Start(ctx context.Context, opts Options) (*Process, error) {
	opts = withDefaults(opts)
	if err := os.MkdirAll(filepath.Dir(opts.LogFile), 0o755); err != nil {
		return nil, fmt.Errorf("start %s: %w", opts.Name, err)
	}
	log, err := os.OpenFile(opts.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", opts.Name, err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(opts.Path, opts.Args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = opts.Env, opts.Dir, log, log
	child, err := Spawn(cmd, syscall.SIGKILL)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", opts.Name, err)
	}
	p := &Process{Child: child, opts: opts}
	if err := p.awaitReady(ctx); err != nil {
		_ = p.Kill()
		return nil, err
	}
	return p, nil
}

func withDefaults(opts Options) Options {
	if opts.ReadyTimeout == 0 {
		opts.ReadyTimeout = 30 * time.Second
	}
	if opts.StopTimeout == 0 {
		opts.StopTimeout = 10 * time.Second
	}
	if opts.LogFile == "" {
		opts.LogFile = os.DevNull
	}
	return opts
}

func (p *Process) awaitReady(ctx context.Context) error {
	if p.opts.ReadyURL == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.opts.ReadyTimeout)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		if answersOK(ctx, p.opts.ReadyURL) {
			return nil
		}
		select {
		case <-p.Done():
			return p.exitError()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready, its log is %s: %w", p.opts.Name, p.opts.LogFile, ctx.Err())
		case <-poll.C:
		}
	}
}

func answersOK(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (p *Process) exitError() error {
	return &ExitError{Name: p.opts.Name, LogFile: p.opts.LogFile, Err: p.Err()}
}

// Name is the name from the options.
func (p *Process) Name() string { return p.opts.Name }

// Unexpected waits until the process ends or ctx does. It returns an *ExitError for an end that nobody asked for, otherwise nil.
func (p *Process) Unexpected(ctx context.Context) error {
	select {
	case <-p.Done():
		if p.stopping.Load() {
			return nil
		}
		return p.exitError()
	case <-ctx.Done():
		return nil
	}
}

// Stop sends SIGTERM and, when the process is still there after the stop timeout, SIGKILL. It returns when the process is gone;
// the error tells that it had to be killed. Stopping a process that has ended is not an error.
func (p *Process) Stop() error {
	p.stopping.Store(true)
	if err := p.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		<-p.Done()
		return nil
	}
	timeout := time.NewTimer(p.opts.StopTimeout)
	defer timeout.Stop()
	select {
	case <-p.Done():
		return nil
	case <-timeout.C:
		_ = p.Kill()
		return fmt.Errorf("%s did not stop within %s and was killed", p.opts.Name, p.opts.StopTimeout)
	}
}

// Kill ends the process as kill -9 does and waits until it is gone.
func (p *Process) Kill() error {
	p.stopping.Store(true)
	err := p.Signal(syscall.SIGKILL)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-p.Done()
	return err
}
