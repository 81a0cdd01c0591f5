package engine

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheTokenIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	token := &token{file: file, now: func() time.Time { return now }}
	get := func() string {
		value, err := token.get(t.Context())
		require.NoError(t, err)
		return value
	}
	write := func(content string) { require.NoError(t, os.WriteFile(file, []byte(content), 0o600)) }

	_, err := token.get(t.Context())
	require.ErrorContains(t, err, "token of the temporal client")
	write(" \n")
	_, err = token.get(t.Context())
	require.ErrorContains(t, err, "the file is empty")
	write("first\n")
	require.Equal(t, "first", get())
	write("second")
	require.Equal(t, "first", get(), "not before its time")
	now = now.Add(tokenFor)
	require.Equal(t, "second", get())
	now = now.Add(tokenFor)
	require.NoError(t, os.Remove(file))
	require.Equal(t, "second", get(), "in the moment of its renewal")
	now = now.Add(tokenFor)
	write("third")
	require.Equal(t, "third", get())
}
