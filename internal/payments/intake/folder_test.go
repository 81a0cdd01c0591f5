package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// folder is a watched folder whose sink answers what the test wants.
type folder struct {
	*Folder
	path  string
	err   error
	taken []string
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	f := &folder{path: t.TempDir()}
	w, err := NewFolder(f.path, func(_ context.Context, data []byte) error {
		f.taken = append(f.taken, string(data))
		return f.err
	}, slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)))
	require.NoError(t, err)
	f.Folder = w
	return f
}

func (f *folder) put(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(f.path, name), []byte(text), 0o600))
}

func (f *folder) names(t *testing.T, sub string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(f.path, sub))
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestOnlyFilesThatHaveSettledAreTaken(t *testing.T) {
	f := newFolder(t)
	f.put(t, "a.txt", "half")
	require.NoError(t, f.Scan(t.Context()))
	f.put(t, "a.txt", "half and half")
	require.NoError(t, f.Scan(t.Context()))
	require.Empty(t, f.taken, "it is still growing")
	require.NoError(t, f.Scan(t.Context()))
	require.Equal(t, []string{"half and half"}, f.taken)
	require.Equal(t, []string{"a.txt"}, f.names(t, "processed"))
	require.Empty(t, f.names(t, "."))
}

func TestUnfinishedAndForeignFilesStay(t *testing.T) {
	f := newFolder(t)
	f.put(t, ".hidden", "x")
	f.put(t, "b.PART", "x")
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(f.path, "link.txt")))
	for range 3 {
		require.NoError(t, f.Scan(t.Context()))
	}
	require.Empty(t, f.taken)
	require.Len(t, f.names(t, "."), 3)
}

func TestUnreadableFileFailsWithItsReason(t *testing.T) {
	f := newFolder(t)
	f.err = fmt.Errorf("line 3: %w", ErrFile)
	for range 2 {
		f.put(t, "a.txt", "bad")
		require.NoError(t, f.Scan(t.Context()))
		require.NoError(t, f.Scan(t.Context()))
	}
	require.Equal(t, []string{"a.txt", "a.txt.1", "a.txt.1.reason.txt", "a.txt.reason.txt"}, f.names(t, "failed"))
	reason, err := os.ReadFile(filepath.Join(f.path, "failed", "a.txt.reason.txt"))
	require.NoError(t, err)
	require.Contains(t, string(reason), "line 3")
}

func TestP4_FileIsKeptWhileTheStoreIsAway(t *testing.T) {
	f := newFolder(t)
	f.err = errors.New("database is away")
	f.put(t, "a.txt", "good")
	require.NoError(t, f.Scan(t.Context()))
	require.ErrorIs(t, f.Scan(t.Context()), f.err)
	require.Equal(t, []string{"a.txt"}, f.names(t, "."))
	f.err = nil
	require.NoError(t, f.Scan(t.Context()))
	require.Equal(t, []string{"a.txt"}, f.names(t, "processed"))
}

func TestHugeFileIsNotRead(t *testing.T) {
	f := newFolder(t)
	f.put(t, "a.txt", "")
	require.NoError(t, os.Truncate(filepath.Join(f.path, "a.txt"), maxFile+1))
	require.NoError(t, f.Scan(t.Context()))
	require.NoError(t, f.Scan(t.Context()))
	require.Empty(t, f.taken)
	require.Contains(t, f.names(t, "failed"), "a.txt")
}

func TestRunEndsWithItsContext(t *testing.T) {
	f := newFolder(t)
	f.put(t, "a.txt", "good")
	ctx, cancel := context.WithCancel(t.Context())
	f.sink = func(context.Context, []byte) error { cancel(); return nil }
	require.NoError(t, f.Run(ctx, time.Millisecond))
	require.Equal(t, []string{"a.txt"}, f.names(t, "processed"))

	_, err := NewFolder(t.TempDir(), nil, slog.Default())
	require.Error(t, err)
}
