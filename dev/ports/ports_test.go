package ports

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const childVariable = "PORTS_TEST_CHILD"

// TestMain prints ports and waits for the end of its input when it runs as the other process of a test.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	for range 50 {
		port, err := Free("127.0.0.1")
		if err != nil {
			panic(err)
		}
		_, _ = os.Stdout.WriteString(strconv.Itoa(port) + "\n")
	}
	_, _ = os.Stdout.WriteString("end\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func TestFreePortsAreBelowTheLocalPortsAndDiffer(t *testing.T) {
	seen := map[int]bool{}
	for range 3 * blockSize {
		port, err := Free("127.0.0.1")
		require.NoError(t, err)
		require.False(t, seen[port], "port %d twice", port)
		require.True(t, port >= first && port < last)
		seen[port] = true
	}
}

func TestFreePassesOverTakenPorts(t *testing.T) {
	port, err := Free("127.0.0.1")
	require.NoError(t, err)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1)))
	if err != nil {
		t.Skip("another program took the port")
	}
	defer func() { require.NoError(t, l.Close()) }()
	require.False(t, IsFree("127.0.0.1", port+1))
	next, err := Free("127.0.0.1")
	require.NoError(t, err)
	require.NotEqual(t, port+1, next)
}

func TestProcessesNeverDrawTheSamePort(t *testing.T) {
	mine := map[string]bool{}
	for range 50 {
		port, err := Free("127.0.0.1")
		require.NoError(t, err)
		mine[strconv.Itoa(port)] = true
	}
	for range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"=1")
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
		var read strings.Builder
		for buf := make([]byte, 4096); !strings.Contains(read.String(), "end"); {
			n, err := out.Read(buf)
			require.NoError(t, err)
			read.Write(buf[:n])
		}
		for _, port := range strings.Fields(strings.TrimSuffix(read.String(), "end\n")) {
			require.False(t, mine[port], "port %s is given to two processes", port)
			mine[port] = true
		}
	}
}
