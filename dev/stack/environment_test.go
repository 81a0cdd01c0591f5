package stack_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/stack"
)

func TestEnvironmentIsReadByAShell(t *testing.T) {
	file := filepath.Join(t.TempDir(), "environment.sh")
	e := stack.Environment{"ONE": "it's $HOME; \"quoted\"", "TWO": "2"}
	require.NoError(t, e.WriteShell(file))
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `. "$0"; printf '%s|%s' "$ONE" "$TWO"`, file).Output()
	require.NoError(t, err)
	require.Equal(t, e["ONE"]+"|2", string(out))
}
