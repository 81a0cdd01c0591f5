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
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// role owns the private cluster.
const role = "issuance"

// longestSocketDir keeps the path of a Unix socket within the 100 or so octets
// that systems allow.
const longestSocketDir = 80

// watch runs the server until its standard input ends, which is when the test
// process ends, and removes the folder. The server is stopped in immediate
// mode: there is nothing to keep.
const watch = `"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
 -c shared_buffers=64MB -c max_connections=300 -c timezone=UTC -c jit=off -c autovacuum=off >"$2/log" 2>&1 </dev/null &
server=$!
trap '' INT TERM HUP
read -r _
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"`

// startCluster starts a private cluster and gives the connection string of its
// maintenance database. The cluster lives as long as the closer is kept: once
// it is closed or collected, or this process ends, the watcher stops it.
func startCluster() (address string, alive io.Closer, err error) {
	bin, err := binaries()
	if err != nil {
		return "", nil, err
	}
	acct, err := serverAccount()
	if err != nil {
		return "", nil, err
	}
	dir, err := makeDir(acct)
	if err != nil {
		return "", nil, err
	}
	if out, err := acct.command(dir, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", role, "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		return "", nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	watcher := acct.command(dir, "/bin/sh", "-c", watch, "sh", filepath.Join(bin, "postgres"), dir)
	if alive, err = watcher.StdinPipe(); err != nil {
		return "", nil, err
	}
	if err := watcher.Start(); err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/postgres", RawQuery: url.Values{
		"host": {dir}, "sslmode": {"disable"},
	}.Encode()}
	return u.String(), alive, awaitAnswer(u.String(), filepath.Join(dir, "log"))
}

// command runs a program as the account in the folder.
func (a account) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.SysProcAttr, cmd.Env = dir, a.attributes(), []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	return cmd
}

func awaitAnswer(address, logFile string) error {
	ctx, cancel := context.WithTimeout(context.Background(), setUp)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			said, _ := os.ReadFile(logFile)
			return fmt.Errorf("the test cluster does not answer: %w: %s", err, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// makeDir makes a folder that the account owns and can reach.
func makeDir(acct account) (string, error) {
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		if len(parent) > longestSocketDir || !acct.reaches(parent) {
			continue
		}
		dir, err := os.MkdirTemp(parent, "issuance-pgtest-")
		if err != nil {
			continue
		}
		return dir, acct.own(dir)
	}
	return "", errors.New("no folder for temporary files that PostgreSQL can reach")
}

// binaries finds the folder with initdb and postgres.
func binaries() (string, error) {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		// Debian links single programs elsewhere; initdb looks for postgres beside itself.
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin"} {
		found, err := filepath.Glob(pattern)
		if err == nil {
			dirs = append(dirs, found...)
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, dir := range dirs {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no PostgreSQL server found; install the package postgresql or set %s", Variable)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}
