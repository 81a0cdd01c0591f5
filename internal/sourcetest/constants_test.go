package sourcetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
)

func TestConstants(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	require.NoError(t, os.WriteFile(file, []byte(`package a

type Colour string

const (
	Red   Colour = "red"
	None  Colour = ""
	Other        = "other"
	Size  int    = 3
)

func f() { const Blue Colour = "blue" }
`), 0o600))
	require.Equal(t, []string{"red", "blue"}, sourcetest.Constants(t, file, "Colour"))
}
