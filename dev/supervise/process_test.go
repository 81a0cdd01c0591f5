package supervise

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary play the child: ROLE names what it does.
func TestMain(m *testing.M) {
	switch os.Getenv("ROLE") {
	case "server":
		playServer(false)
	case "stubborn":
		playServer(true)
	case "failing":
		fmt.Println("last words")
		os.Exit(3)
	case "parent":
		playParent()
	default:
		os.Exit(m.Run())
	}
}

func playServer(ignoreTerm bool) {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	l, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		os.Exit(4)
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	}()
	fmt.Println("serving")
	for range term {
		if !ignoreTerm {
			os.Exit(0)
		}
	}
}

// playParent starts a child, prints its process id, and waits to be killed.
func playParent() {
	cmd := exec.Command("/bin/sleep", "600")
	child, err := Spawn(cmd, syscall.SIGKILL)
	if err != nil {
		os.Exit(5)
	}
	fmt.Println(child.PID())
	<-child.Done()
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}

func child(t *testing.T, role string) Options {
	t.Helper()
	addr := freeAddr(t)
	return Options{Name: role, Path: os.Args[0], Env: []string{"ROLE=" + role, "LISTEN=" + addr}, ReadyURL: "http://" + addr + "/",
		LogFile: filepath.Join(t.TempDir(), "logs", role+".log"), StopTimeout: 5 * time.Second}
}

func TestStartWaitsForReadinessAndStopsInOrder(t *testing.T) {
	t.Parallel()
	opts := child(t, "server")
	p, err := Start(t.Context(), opts)
	require.NoError(t, err)
	require.Equal(t, "server", p.Name())
	require.NoError(t, p.Stop())
	require.NoError(t, p.Err(), "the child must have left by itself on SIGTERM")
	require.NoError(t, p.Unexpected(t.Context()), "an end that was asked for is not unexpected")
	require.NoError(t, p.Stop(), "stopping twice")
	log, err := os.ReadFile(opts.LogFile)
	require.NoError(t, err)
	require.Equal(t, "serving\n", string(log))
}

func TestStopKillsAProcessThatIgnoresSIGTERM(t *testing.T) {
	t.Parallel()
	opts := child(t, "stubborn")
	opts.StopTimeout = 50 * time.Millisecond
	p, err := Start(t.Context(), opts)
	require.NoError(t, err)
	require.ErrorContains(t, p.Stop(), "was killed")
	require.ErrorContains(t, p.Err(), "killed")
}

func TestStartReportsAProcessThatEndsAtOnce(t *testing.T) {
	t.Parallel()
	opts := child(t, "failing")
	_, err := Start(t.Context(), opts)
	var exit *ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, "failing", exit.Name)
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, opts.LogFile)
}

func TestStartGivesUpOnAProcessThatIsNeverReady(t *testing.T) {
	t.Parallel()
	opts := child(t, "server")
	opts.ReadyURL, opts.ReadyTimeout = "http://"+freeAddr(t)+"/", 100*time.Millisecond
	_, err := Start(t.Context(), opts)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestStartOfAMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Name: "api", Path: "/no/such/program"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestUnexpectedReportsAKilledProcess(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), child(t, "server"))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(p.PID(), syscall.SIGKILL))
	var exit *ExitError
	require.ErrorAs(t, p.Unexpected(t.Context()), &exit)
	require.ErrorContains(t, exit, "signal: killed")
}

func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = []string{"ROLE=parent"}
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(line[:len(line)-1])
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, 0), "the child must run before its parent dies")

	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	require.Eventually(t, func() bool { return !running(pid) }, 5*time.Second, 10*time.Millisecond)
}

// running is false for a zombie too: nobody may be there to collect an orphan's exit status.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	var id int
	var name, state string
	_, err = fmt.Sscan(string(stat), &id, &name, &state)
	return err == nil && state != "Z" && state != "X"
}
