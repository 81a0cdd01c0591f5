package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/supervise"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/internal/clock"
)

// TemporalArgument is the first argument that makes a program the stack's Temporal server (Options.TemporalAlone).
const TemporalArgument = "temporal-server"

// temporalSettings is the variable by which the child is told, as JSON, what server to run: it holds a password, which must not be
// among the arguments.
const temporalSettings = "TEMPORAL_SERVER"

// aloneServer is what the child is told.
type aloneServer struct {
	Options temporal.Options
	// Ready is the address that answers once the server can be used.
	Ready string
	// Clock is the file that the server's time follows, looked at when movedPath is asked for; empty is the machine's time.
	Clock string
}

// movedPath tells the child that days have passed.
const movedPath = "/clock-moved"

// aloneTemporal is the server in a process of its own.
type aloneTemporal struct {
	options supervise.Options

	mu    sync.Mutex
	child *supervise.Process
}

func (a *aloneTemporal) start(ctx context.Context) error {
	child, err := supervise.Start(ctx, a.options)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.child = child
	return nil
}

func (a *aloneTemporal) process() *supervise.Process {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.child
}

func (s *Stack) startTemporalAlone(ctx context.Context, o temporal.Options) error {
	executable, err := s.executable()
	if err != nil {
		return err
	}
	ready, err := freeAddress()
	if err != nil {
		return err
	}
	o.UIListen = ""
	settings := aloneServer{Options: o, Ready: ready}
	if s.movable() {
		settings.Clock = s.clock.Path()
	}
	told, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	s.alone = &aloneTemporal{options: supervise.Options{
		Name: "temporal", Path: executable, Args: []string{TemporalArgument}, Env: Environment{temporalSettings: string(told)}.List(os.Environ()...),
		LogFile: filepath.Join(s.dir, "logs", "temporal-process.log"), ReadyURL: "http://" + ready, ReadyTimeout: time.Minute,
	}}
	if err := s.alone.start(ctx); err != nil {
		return err
	}
	s.URLs.Temporal = o.Listen
	s.onClose(func() error { return s.alone.process().Stop() })
	return nil
}

// ServeTemporal runs the server that the environment describes until the process is asked to stop.
func ServeTemporal() error {
	var told aloneServer
	if err := json.Unmarshal([]byte(os.Getenv(temporalSettings)), &told); err != nil {
		return fmt.Errorf("%s: %w", temporalSettings, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ahead, err := followedTime(told.Clock)
	if err != nil {
		return err
	}
	if told.Clock != "" {
		told.Options.Ahead = ahead.ahead
	}
	server, err := temporal.Start(ctx, told.Options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", told.Ready)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	ready := &http.Server{ReadHeaderTimeout: readyPatience, Handler: ahead.doors(server)}
	go func() { _ = ready.Serve(listener) }()
	<-ctx.Done()
	return errors.Join(ready.Close(), server.Close())
}

const readyPatience = time.Second

// fileTime is a time that is ahead by what a file says, from each look on: a server's time must not move before its timers are told.
type fileTime struct {
	path string
	last atomic.Int64
}

func followedTime(path string) (*fileTime, error) {
	f := &fileTime{path: path}
	if path == "" {
		return f, nil
	}
	return f, f.look()
}

func (f *fileTime) look() error {
	ahead, err := clock.Read(f.path)
	if err == nil {
		f.last.Store(int64(ahead))
	}
	return err
}

func (f *fileTime) ahead() time.Duration { return time.Duration(f.last.Load()) }

// doors answer that the server is ready, and let time pass.
func (f *fileTime) doors(server *temporal.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST "+movedPath, func(w http.ResponseWriter, r *http.Request) {
		if err := f.look(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		} else if err := server.ClockMoved(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	return mux
}

// ring tells the Temporal server that days have passed.
func (s *Stack) ring(ctx context.Context) error {
	if s.alone == nil {
		return s.temporal.ClockMoved(ctx)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.alone.options.ReadyURL+movedPath, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the Temporal server answers HTTP %d when days have passed", response.StatusCode)
	}
	return nil
}

// Temporal is the server's process when it runs alone; nil when it does not.
func (s *Stack) Temporal() *supervise.Process {
	if s.alone == nil {
		return nil
	}
	return s.alone.process()
}

// RestartTemporal starts a server again that runs alone and has ended, with the same settings.
func (s *Stack) RestartTemporal(ctx context.Context) error {
	if s.alone == nil {
		return errors.New("the Temporal server has no process of its own")
	}
	return s.alone.start(ctx)
}

// TemporalPID is the process id of a Temporal server that runs alone; 0 when it does not.
func (s *Stack) TemporalPID() int {
	if s.alone == nil {
		return 0
	}
	return s.alone.process().PID()
}
