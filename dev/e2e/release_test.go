package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The two releases of the tests of deploys. Both are the program of this
// repository, stamped like a release; the next one has another step in its
// workflow, behind a version, and one more migration.
const (
	releaseNow  = "1.0.0"
	releaseNext = "1.1.0"
)

// nextStep is what the next release does before an order waits for its payment.
const (
	nextChange = "deploy-test-pause-before-payment"
	nextBefore = "	o.stage, o.until = order.StageAwaitingPayment, o.payBy\n	o.describe(ctx)\n"
	nextStep   = `	if workflow.GetVersion(ctx, "` + nextChange + `", workflow.DefaultVersion, 1) >= 1 {
		if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
`
)

// buildRelease builds the program with a version stamped, and with the files
// of the overlay (by path in the repository) in the place of those that are there.
func buildRelease(t *testing.T, dir, version string, overlay map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	program := filepath.Join(dir, "issuance-"+version)
	args := []string{"build", "-buildvcs=false", "-ldflags", "-s -w -X github.com/remote-issuance/remote-issuance/internal/cli.stampedVersion=v" + version}
	if len(overlay) > 0 {
		replace := map[string]string{}
		for path, file := range overlay {
			replace[filepath.Join(root, path)] = file
		}
		described, err := json.Marshal(map[string]any{"Replace": replace})
		require.NoError(t, err)
		file := filepath.Join(dir, "overlay.json")
		require.NoError(t, os.WriteFile(file, described, 0o600))
		args = append(args, "-overlay", file)
	}
	build := exec.CommandContext(t.Context(), "go", append(args, "-o", program, "./cmd/issuance")...)
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// buildNext builds the next release.
func buildNext(t *testing.T, dir string) string {
	t.Helper()
	const stages = "workflows/order_stages.go"
	now, err := os.ReadFile(filepath.Join("../..", stages))
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(now), nextBefore), "the place of the new step in %s", stages)
	next := filepath.Join(dir, "order_stages.go")
	require.NoError(t, os.WriteFile(next, []byte(strings.Replace(string(now), nextBefore, nextStep+nextBefore, 1)), 0o600))
	migration, err := filepath.Abs("testdata/next/00099_next.sql")
	require.NoError(t, err)
	return buildRelease(t, dir, releaseNext, map[string]string{stages: next, "internal/postgres/migrations/00099_next.sql": migration})
}

// output runs a command to its end and gives what it said and its exit code.
func output(ctx context.Context, program string, env []string, args ...string) (string, int) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); cmd.ProcessState == nil {
		return fmt.Sprint(out.String(), err), -1
	}
	return out.String(), cmd.ProcessState.ExitCode()
}
