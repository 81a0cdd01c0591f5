package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// guard runs a server that keeps what it has promised to keep, until its
// standard input ends; then it kills it as a crash would. A word on the input
// says that the folder is still needed.
const guard = `"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=on -c full_page_writes=off \
 -c shared_buffers=64MB -c max_connections=100 -c timezone=UTC -c jit=off >>"$2/log" 2>&1 </dev/null &
server=$!
trap '' INT TERM HUP
read -r word
kill -QUIT "$server" 2>/dev/null
wait "$server"
[ "$word" = keep ] || rm -rf "$2"`

// Cluster is a server of a test's own that can crash and come back.
type Cluster struct {
	bin, dir string
	account  account
	running  *exec.Cmd
	input    io.WriteCloser
}

// NewCluster starts a server with an empty, migrated database; it is gone
// after the test.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	c, err := newCluster()
	if err != nil {
		t.Fatalf("test cluster: %v", err)
	}
	t.Cleanup(func() { _ = c.stop("") })
	if err := errors.Join(c.start(), postgres.Migrate(context.Background(), c.URL())); err != nil {
		t.Fatalf("test cluster: %v", err)
	}
	return c
}

func newCluster() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	acct, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := makeDir(acct)
	if err != nil {
		return nil, err
	}
	out, err := acct.command(dir, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", role, "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	return &Cluster{bin: bin, dir: dir, account: acct}, nil
}

// URL is the connection string of the database; it stays the same.
func (c *Cluster) URL() string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/postgres", RawQuery: url.Values{
		"host": {c.dir}, "sslmode": {"disable"},
	}.Encode()}
	return u.String()
}

// Crash kills the server without any warning: what it has not written to its
// log is lost.
func (c *Cluster) Crash(t testing.TB) {
	t.Helper()
	if err := c.stop("keep\n"); err != nil {
		t.Errorf("test cluster: %v", err)
	}
}

// Recover starts the server again and returns when it answers.
func (c *Cluster) Recover(t testing.TB) {
	t.Helper()
	if err := c.start(); err != nil {
		t.Errorf("test cluster: %v", err)
	}
}

func (c *Cluster) start() error {
	guarded := c.account.command(c.dir, "/bin/sh", "-c", guard, "sh", filepath.Join(c.bin, "postgres"), c.dir)
	input, err := guarded.StdinPipe()
	if err != nil {
		return err
	}
	if err := guarded.Start(); err != nil {
		return err
	}
	c.running, c.input = guarded, input
	return awaitAnswer(c.URL(), filepath.Join(c.dir, "log"))
}

func (c *Cluster) stop(word string) error {
	if c.running == nil {
		return nil
	}
	_, err := io.WriteString(c.input, word)
	err = errors.Join(err, c.input.Close())
	// How a killed server ended is of no interest.
	_ = c.running.Wait()
	c.running = nil
	return err
}
