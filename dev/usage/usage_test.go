package usage_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/usage"
)

func TestAProcessIsMeasured(t *testing.T) {
	g := usage.Group{PID: os.Getpid()}
	rss, pss, err := g.Memory()
	require.NoError(t, err)
	require.Greater(t, pss, 1024)
	require.GreaterOrEqual(t, rss, pss)
	before, err := g.Processor()
	require.NoError(t, err)
	machine, err := usage.Machine()
	require.NoError(t, err)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if after, err := g.Processor(); err == nil && after > before+50*time.Millisecond {
			break
		}
	}
	after, err := g.Processor()
	require.NoError(t, err)
	require.Greater(t, after, before)
	machineAfter, err := usage.Machine()
	require.NoError(t, err)
	require.Greater(t, machineAfter, machine)
}

func TestAProcessThatIsGoneTakesNothing(t *testing.T) {
	g := usage.Group{PID: 1 << 30, Children: true}
	used, err := g.Processor()
	require.NoError(t, err)
	require.Zero(t, used)
	rss, pss, err := g.Memory()
	require.NoError(t, err)
	require.Zero(t, rss+pss)
}

func TestChildrenCountWhileTheyLiveAndAfterwards(t *testing.T) {
	alone, all := usage.Group{PID: os.Getpid()}, usage.Group{PID: os.Getpid(), Children: true}
	spent := func() time.Duration {
		own, err := alone.Processor()
		require.NoError(t, err)
		with, err := all.Processor()
		require.NoError(t, err)
		return with - own
	}
	before := spent()
	child := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	require.NoError(t, child.Start())
	require.Eventually(t, func() bool { return spent() > before+30*time.Millisecond }, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
	require.Greater(t, spent(), before)
}
