package postgres

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary play a parent of the cluster in DATA that is going to be killed.
func TestMain(m *testing.M) {
	data := os.Getenv("PLAY_PARENT_ON")
	if data == "" {
		os.Exit(m.Run())
	}
	c, err := Start(context.Background(), Options{DataDir: data})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready", c.PID())
	<-c.Done()
}

// reachableDir is a data directory that the user postgres can walk to; t.TempDir is closed to others.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	var v T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&v))
	return v
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

// TestClusterKeepsItsStateAndPort tells the whole life of a cluster in one go, because each start costs a second.
func TestClusterKeepsItsStateAndPort(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	t.Cleanup(func() { require.NoError(t, Remove(data)) })
	begin := time.Now()
	c, err := Start(t.Context(), Options{DataDir: data})
	require.NoError(t, err)
	t.Logf("first start: %s", time.Since(begin).Round(time.Millisecond))
	require.NoError(t, c.CreateDatabase(t.Context(), "issuance"))
	require.NoError(t, c.CreateDatabase(t.Context(), "issuance"), "creating twice")
	require.Equal(t, "on", query[string](t, c.URL("issuance"), "SHOW fsync"))
	require.Equal(t, "UTF8", query[string](t, c.URL("issuance"), "SHOW server_encoding"))
	exec1(t, c.URL("issuance"), "CREATE TABLE kept AS SELECT 42 AS answer")
	addr, password := c.Addr(), c.Password()
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "closing twice")

	begin = time.Now()
	c, err = Start(t.Context(), Options{DataDir: data})
	require.NoError(t, err)
	t.Logf("second start: %s", time.Since(begin).Round(time.Millisecond))
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	require.Equal(t, addr, c.Addr())
	require.Equal(t, password, c.Password())
	require.Equal(t, 42, query[int](t, c.URL("issuance"), "SELECT answer FROM kept"))
	requirePrivate(t, c, data)
}

func requirePrivate(t *testing.T, c *Cluster, data string) {
	t.Helper()
	wrong := strings.Replace(c.URL("postgres"), c.Password(), "guess", 1)
	_, err := pgx.Connect(t.Context(), wrong)
	require.ErrorContains(t, err, "password authentication failed")
	for _, name := range []string{"password", "port"} {
		info, err := os.Stat(filepath.Join(data, "postgres", name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
}

func TestClusterSurvivesAKilledParent(t *testing.T) {
	t.Parallel()
	data := reachableDir(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "PLAY_PARENT_ON="+data)
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var pid int
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, err = fmt.Sscanf(line, "ready %d", &pid)
	require.NoError(t, err, line)
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())

	c, err := Start(t.Context(), Options{DataDir: data})
	require.NoError(t, err)
	require.NotEqual(t, pid, c.PID())
	require.Equal(t, 1, query[int](t, c.URL("postgres"), "SELECT 1"))

	// A second parent takes the cluster over from one that still runs, instead of corrupting it.
	second, err := Start(t.Context(), Options{DataDir: data})
	require.NoError(t, err)
	<-c.Done()
	require.NoError(t, syscall.Kill(second.PID(), 0))

	require.NoError(t, Remove(data))
	<-second.Done()
	require.NoDirExists(t, filepath.Join(data, "postgres"))
}

func TestStartErrorsNameTheCause(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()

	_, err = Start(t.Context(), Options{DataDir: reachableDir(t), BinDir: t.TempDir()})
	require.ErrorIs(t, err, ErrNoBinaries)
	require.ErrorContains(t, err, "apt-get install postgresql")

	h := home(t.TempDir())
	_, err = h.choosePort(l.Addr().(*net.TCPAddr).Port)
	require.ErrorContains(t, err, "in use by another program")
}

func TestParseLock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "12345\n/data\n": 12345, "1\n": 0, "-7\n": 0, "x\n": 0, "77": 77} {
		require.Equal(t, want, parseLock(text), "%q", text)
	}
}

func TestStopStaleLeavesForeignProcessesAlone(t *testing.T) {
	t.Parallel()
	cluster := t.TempDir()
	foreign := exec.Command("/bin/sleep", "600")
	require.NoError(t, foreign.Start())
	t.Cleanup(func() {
		require.NoError(t, foreign.Process.Kill())
		require.Error(t, foreign.Wait())
	})
	lock := filepath.Join(cluster, "postmaster.pid")
	require.NoError(t, os.WriteFile(lock, fmt.Appendf(nil, "%d\n%s\n", foreign.Process.Pid, cluster), 0o600))
	require.NoError(t, stopStale(cluster))
	require.NoFileExists(t, lock)
	require.NoError(t, foreign.Process.Signal(syscall.Signal(0)), "a reused process id is not ours to stop")
}

func TestReaches(t *testing.T) {
	t.Parallel()
	open := reachableDir(t)
	closed := filepath.Join(open, "closed")
	require.NoError(t, os.Mkdir(closed, 0o700))
	other := account{switched: true, uid: 54321, gid: 54321}
	require.True(t, other.reaches(filepath.Join(open, "x")))
	require.False(t, other.reaches(filepath.Join(closed, "x")))
	require.True(t, account{}.reaches(filepath.Join(closed, "x")), "our own account needs no help")
}

func TestOpenHomeLinksOutWhereTheServerCannotReach(t *testing.T) {
	t.Parallel()
	acct, err := serverAccount()
	require.NoError(t, err)
	data := filepath.Join(t.TempDir(), "closed")
	require.NoError(t, os.Mkdir(data, 0o700))
	h, err := openHome(data, acct)
	require.NoError(t, err)
	if acct.switched {
		require.Equal(t, outsideDir(data), string(h))
	} else {
		require.Equal(t, filepath.Join(data, "postgres"), string(h))
	}
	again, err := openHome(data, acct)
	require.NoError(t, err)
	require.Equal(t, h, again)
	require.NoError(t, Remove(data))
	require.NoDirExists(t, string(h))
}
