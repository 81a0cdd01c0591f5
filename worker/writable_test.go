package worker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

func TestADirectoryThatCannotBeWrittenIsToldAtTheStart(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, writable("TRUST_DIR", config.Dir(dir)))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing is left behind")
	require.NoError(t, writable("STATEMENTS_DIR", ""), "a directory that is not configured")
	// Root may write everywhere, but not into what is no directory.
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{file, filepath.Join(dir, "none"), "/proc/self"} {
		err := writable("TRUST_DIR", config.Dir(path))
		require.ErrorContains(t, err, "TRUST_DIR: user ")
		require.ErrorContains(t, err, path, "and why")
	}
}
