package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/remote-issuance/remote-issuance/dev/supervise"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func (s *Stack) startTemporal(ctx context.Context) error {
	store, err := temporalStore(s.URLs.Database)
	if err != nil {
		return err
	}
	o := temporal.Options{
		Postgres: store, Listen: s.ports.listen(serviceTemporal), Namespace: Namespace, TimeSkipping: s.options.TimeSkipping,
		Codec:            temporal.Codec{Endpoint: s.ports.url(serviceCodec) + "/codec"},
		SearchAttributes: map[string]enumspb.IndexedValueType{}, LogFile: filepath.Join(s.dir, "logs", "temporal.log"),
		Dynamic: s.options.TemporalSettings,
	}
	for _, a := range workflows.SearchAttributes() {
		o.SearchAttributes[a.GetName()] = a.GetValueType()
	}
	if !s.options.WithoutUI {
		o.UIListen = s.ports.listen(serviceTemporalUI)
	}
	if o.Authorization, err = s.authorization(); err != nil {
		return err
	}
	if s.movable() {
		o.Ahead = s.clock.Ahead
	}
	if s.options.TemporalAlone {
		return s.startTemporalAlone(ctx, o)
	}
	if s.temporal, err = temporal.Start(ctx, o); err != nil {
		return err
	}
	s.onClose(s.temporal.Close)
	s.URLs.Temporal, s.URLs.TemporalUI = s.temporal.HostPort(), s.temporal.UIURL()
	return nil
}

// temporalConns bounds the connections to each of Temporal's databases: more bring one machine nothing, and each is a PostgreSQL
// process that keeps megabytes.
const temporalConns = 8

// temporalDatabase is where the Temporal server keeps workflows.
const temporalDatabase = "temporal"

// temporalStore puts Temporal's two databases beside the product's.
func temporalStore(databaseURL string) (*temporal.Postgres, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.User == nil || u.Hostname() == "" {
		return nil, errors.New("DATABASE_URL: want postgres://user:password@host:port/name")
	}
	port := u.Port()
	if port == "" {
		port = "5432"
	}
	password, _ := u.User.Password()
	return &temporal.Postgres{Database: temporalDatabase, Addr: net.JoinHostPort(u.Hostname(), port), User: u.User.Username(), Password: password,
		MaxConns: temporalConns}, nil
}

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
	told, err := json.Marshal(aloneServer{Options: o, Ready: ready})
	if err != nil {
		return err
	}
	child, err := supervise.Start(ctx, supervise.Options{
		Name: "temporal", Path: executable, Args: []string{TemporalArgument}, Env: Environment{temporalSettings: string(told)}.List(os.Environ()...),
		LogFile: filepath.Join(s.dir, "logs", "temporal-process.log"), ReadyURL: "http://" + ready, ReadyTimeout: time.Minute,
	})
	if err != nil {
		return err
	}
	s.temporalAlone, s.URLs.Temporal = child, o.Listen
	s.onClose(child.Stop)
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
	server, err := temporal.Start(ctx, told.Options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", told.Ready)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	ready := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() { _ = ready.Serve(listener) }()
	<-ctx.Done()
	return errors.Join(ready.Close(), server.Close())
}

// TemporalPID is the process id of a Temporal server that runs alone; 0 when it does not.
func (s *Stack) TemporalPID() int {
	if s.temporalAlone == nil {
		return 0
	}
	return s.temporalAlone.PID()
}

// freeAddress is an address on this machine that nobody listens at.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
