package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFieldReadsTheStatusOfAProcess(t *testing.T) {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(os.Getuid()), field(status, "Uid"))
	require.Empty(t, field(status, "Uidx"))
	require.Equal(t, "0000000000000000", field([]byte("CapBnd:\t0000000000000000\n"), "CapBnd"))
}

func TestAMistakeIsUndone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("right"), 0o600))
	require.NoError(t, replaced("secret", "wrong")(dir))
	require.NoError(t, restored("secret")(dir))
	raw, err := os.ReadFile(filepath.Join(dir, "secret"))
	require.NoError(t, err)
	require.Equal(t, "right", string(raw))
	require.Error(t, replaced("none", "wrong")(dir))
}

func TestEveryMistakeHasItsCause(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range negatives() {
		require.NotEmpty(t, n.want, n.name)
		require.False(t, seen[n.name], n.name)
		seen[n.name] = true
		require.True(t, n.spoil != nil || n.environment != nil, "%s is no mistake", n.name)
	}
}

func TestBlocksAreNamedByTheirFirstLine(t *testing.T) {
	require.Equal(t, "docker run x", firstLine("\ndocker run x \\\n  y\nshred\n"))
	require.Equal(t, "bc", last("abc", 2))
	require.Equal(t, "abc", last("abc", 9))
}

func TestLinesAreCounted(t *testing.T) {
	var l lines
	_, err := fmt.Fprint(&l, "a\nb\nc")
	require.NoError(t, err)
	require.EqualValues(t, 2, l)
}
