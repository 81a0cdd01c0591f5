package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// User is the owner of the cluster, the role that everything of the local stack connects as.
const User = "issuance"

// Options describe the cluster.
type Options struct {
	// DataDir is the data directory of the stack; the cluster lives in DataDir/postgres. It is created when absent.
	DataDir string
	// Port on 127.0.0.1; 0 takes the one of the last start, or a free one.
	Port int
	// BinDir is the folder with postgres and initdb; empty means to look for it.
	BinDir string
	// LogFile takes the server's messages; empty means DataDir/logs/postgres.log.
	LogFile string
	// Settings are parameters of the server as name=value, over those that every cluster has.
	Settings []string
}

// Cluster is a server. It is safe for use from several goroutines.
type Cluster struct {
	port         int
	password     string
	installation installation
	home         home
	account      account

	// again launches the server on the same cluster.
	again   func() (*supervise.Child, error)
	logFile string

	mu    sync.Mutex
	child *supervise.Child
}

// Start initialises the cluster when it is new, stops a server left over from a killed parent, starts the server and waits until it
// answers. It returns ErrNoBinaries when PostgreSQL is not installed.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	dataDir, err := filepath.Abs(opts.DataDir)
	if err != nil {
		return nil, err
	}
	opts.DataDir = dataDir
	if opts.LogFile == "" {
		opts.LogFile = filepath.Join(dataDir, "logs", "postgres.log")
	}
	c, err := start(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return c, nil
}

func start(ctx context.Context, opts Options) (*Cluster, error) {
	acct, err := serverAccount()
	if err != nil {
		return nil, err
	}
	h, err := openHome(opts.DataDir, acct)
	if err != nil {
		return nil, err
	}
	password, err := h.secret(acct)
	if err != nil {
		return nil, err
	}
	inst, err := prepare(ctx, h, acct, opts.BinDir)
	if err != nil {
		return nil, err
	}
	port, err := h.choosePort(opts.Port)
	if err != nil {
		return nil, err
	}
	c := &Cluster{port: port, password: password, logFile: opts.LogFile, installation: inst, home: h, account: acct,
		again: func() (*supervise.Child, error) {
			return launch(inst, h, acct, settings(port, opts.Settings), opts.LogFile)
		}}
	if c.child, err = c.again(); err != nil {
		return nil, err
	}
	if err := c.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Restart launches a server that has ended, on the same cluster and port, and waits until it answers. One that runs is left alone.
func (c *Cluster) Restart(ctx context.Context) error {
	if c.Running() {
		return nil
	}
	child, err := c.again()
	if err != nil {
		return fmt.Errorf("start PostgreSQL again: %w", err)
	}
	c.mu.Lock()
	c.child = child
	c.mu.Unlock()
	return c.awaitReady(ctx)
}

// Running tells whether the server has not ended.
func (c *Cluster) Running() bool {
	select {
	case <-c.Done():
		return false
	default:
		return true
	}
}

// Kill ends the server as kill -9 does: what it had not written to its log is lost, as at a power failure. Its sessions end by themselves.
func (c *Cluster) Kill() error {
	child := c.current()
	if err := child.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-child.Done()
	return nil
}

func (c *Cluster) current() *supervise.Child {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.child
}

func (c *Cluster) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.Done():
			return fmt.Errorf("the server ended: %w; its log is %s", errors.Join(c.current().Err(), err), c.logFile)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w; its log is %s", err, c.logFile)
		case <-poll.C:
		}
	}
}

// Addr is the server's host:port.
func (c *Cluster) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

// Password is the password of User.
func (c *Cluster) Password() string { return c.password }

// URL is the connection string for a database.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(User, c.password), Host: c.Addr(), Path: "/" + database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// duplicateDatabase is the SQLSTATE of a CREATE DATABASE whose name is taken.
const duplicateDatabase = "42P04"

// CreateDatabase creates a database; one that exists already is left as it is.
func (c *Cluster) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == duplicateDatabase {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// PID is the process id of the server, for tests that kill it.
func (c *Cluster) PID() int { return c.current().PID() }

// Done is closed when the server has ended, asked or not.
func (c *Cluster) Done() <-chan struct{} { return c.current().Done() }

// Close stops the server with a fast shutdown (SIGINT: clients are disconnected, a checkpoint is written), after 20 s with an
// immediate one (SIGQUIT). Closing twice is not an error.
func (c *Cluster) Close() error {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		child := c.current()
		if err := child.Signal(sig); errors.Is(err, os.ErrProcessDone) {
			<-child.Done()
			return nil
		}
		timeout := time.NewTimer(20 * time.Second)
		select {
		case <-child.Done():
			timeout.Stop()
			return nil
		case <-timeout.C:
		}
	}
	return errors.New("the PostgreSQL server does not stop")
}
