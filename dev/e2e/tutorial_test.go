package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/walkthrough"
)

// sandboxed is a stack whose days a test lets pass.
func (a *stacks) sandboxed(t *testing.T) *stack.Stack {
	t.Helper()
	return a.get(t, "sandboxed", stack.Options{})
}

// What the tutorial tells to type is typed here, on a whole stack: a reminder, a lapse, a payment on the last day, a register that
// differs, payers that pay twice, a wrong sum and too late (D3, D6, P4, P5, S7).
func TestD3_D6_P4_TheTutorialRunsFromNothingToACertificate(t *testing.T) {
	for _, program := range []string{"curl", "jq", "openssl", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("the tutorial needs %s: apt-get install %s", program, program)
		}
	}
	s := all.sandboxed(t)
	blocks, err := walkthrough.Read("../../docs/tutorial.md")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	before := s.Now()
	outputs, err := walkthrough.Run(ctx, t.TempDir(), []string{"PATH=" + os.Getenv("PATH"), "SANDBOX=" + s.URLs.Sandbox}, blocks)
	require.NoError(t, err)
	require.Len(t, outputs, len(blocks))
	require.Greater(t, s.Now().Sub(before), 9*24*time.Hour, "days have passed")
}
