package portaltest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Golden holds a text to testdata/golden/NAME.html, or writes it there.
func Golden(t testing.TB, update bool, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".html")
	if update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text, "%s: look at the page, then run with -update", name)
}
