package clientbank

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The folders beside the watched files that take them when they are done.
const (
	processedDir = "processed"
	failedDir    = "failed"
	// reasonSuffix ends the name of the file that says why another failed.
	reasonSuffix = ".reason.txt"
)

// Sink takes a statement. It must be safe to give it the same one again: a
// crash between the sink and the move of the file does that. An error that
// wraps ErrStatement fails the file for good; any other leaves it for the
// next scan.
type Sink func(ctx context.Context, name string, data []byte) error

// Watcher imports statements that appear in a folder.
type Watcher struct {
	dir  string
	sink Sink
	log  *slog.Logger
	// seen holds the files of the last scan: one that has not changed since
	// is complete.
	seen map[string]version
}

// version is what changes while a file is being written.
type version struct {
	size     int64
	modified time.Time
}

// NewWatcher makes the folders for files that are done.
func NewWatcher(dir string, sink Sink, log *slog.Logger) (*Watcher, error) {
	if sink == nil || log == nil {
		return nil, errors.New("clientbank: a sink and a logger are required")
	}
	for _, name := range []string{processedDir, failedDir} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o750); err != nil {
			return nil, fmt.Errorf("clientbank: %w", err)
		}
	}
	return &Watcher{dir: dir, sink: sink, log: log, seen: map[string]version{}}, nil
}

// Watch scans the folder at every interval until the context ends, and
// returns the context's error. A failing scan is logged and tried again.
func (w *Watcher) Watch(ctx context.Context, interval time.Duration) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := w.Scan(ctx); err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "statement folder", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Scan imports every file that has not changed since the scan before. Names
// that begin with a dot or end in .part or .tmp are still being written.
func (w *Watcher) Scan(ctx context.Context) error {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return fmt.Errorf("clientbank: %w", err)
	}
	now := map[string]version{}
	var problems []error
	for _, entry := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name := entry.Name()
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || unfinished(name) {
			continue
		}
		v := version{size: info.Size(), modified: info.ModTime()}
		if before, known := w.seen[name]; !known || before != v {
			now[name] = v
			continue
		}
		if err := w.take(ctx, name, info); err != nil {
			now[name] = v
			problems = append(problems, err)
		}
	}
	w.seen = now
	return errors.Join(problems...)
}

func unfinished(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") || strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".tmp")
}

// take gives one file to the sink and moves it away.
func (w *Watcher) take(ctx context.Context, name string, info fs.FileInfo) error {
	err := w.give(ctx, name, info)
	switch {
	case err == nil:
		w.log.InfoContext(ctx, "statement imported", "bytes", info.Size())
		_, err = w.move(name, processedDir)
		return err
	case !errors.Is(err, ErrStatement):
		return fmt.Errorf("clientbank: statement left for the next scan: %w", err)
	}
	moved, moveErr := w.move(name, failedDir)
	if moveErr != nil {
		return moveErr
	}
	w.log.WarnContext(ctx, "statement failed", "error", err)
	if err := os.WriteFile(moved+reasonSuffix, []byte(err.Error()+"\n"), 0o640); err != nil { //nolint:gosec // for operators of the group
		return fmt.Errorf("clientbank: %w", err)
	}
	return nil
}

func (w *Watcher) give(ctx context.Context, name string, info fs.FileInfo) error {
	if info.Size() > MaxStatement {
		return fmt.Errorf("%w: larger than %d bytes", ErrStatement, MaxStatement)
	}
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		return err
	}
	return w.sink(ctx, name, data)
}

// move puts a file into a folder, beside others of the same name.
func (w *Watcher) move(name, folder string) (string, error) {
	target := filepath.Join(w.dir, folder, name)
	for i := 1; ; i++ {
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			break
		}
		target = filepath.Join(w.dir, folder, fmt.Sprintf("%s.%d", name, i))
	}
	if err := os.Rename(filepath.Join(w.dir, name), target); err != nil {
		return "", fmt.Errorf("clientbank: %w", err)
	}
	return target, nil
}
