// Package intake brings in the payments that nobody pushes, again and again:
// bank statements and registers of ERIP from folders, the states of card payments
// by polling; and it relays what was paid to the workflows that wait for it.
package intake

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

	"github.com/remote-issuance/remote-issuance/internal/loop"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
)

// The folders beside the watched files that take them when they are done.
const (
	processedDir = "processed"
	failedDir    = "failed"
	// reasonSuffix ends the name of the file that says why another failed.
	reasonSuffix = ".reason.txt"
)

// ErrFile is returned for a file that no repetition makes readable.
var ErrFile = errors.New("the file cannot be read")

// maxFile is the size in bytes above which a file is not read.
const maxFile = clientbank.MaxStatement

// Sink takes a file. It must be safe to give it the same one again: a crash
// between the sink and the move of the file does that. An error that wraps
// ErrFile fails the file for good; any other leaves it for the next scan.
type Sink func(ctx context.Context, data []byte) error

// Folder imports the files that appear in a directory.
type Folder struct {
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

// NewFolder makes the folders for files that are done.
func NewFolder(dir string, sink Sink, log *slog.Logger) (*Folder, error) {
	if sink == nil || log == nil {
		return nil, errors.New("intake: a sink and a logger are required")
	}
	for _, name := range []string{processedDir, failedDir} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o750); err != nil {
			return nil, fmt.Errorf("intake: %w", err)
		}
	}
	return &Folder{dir: dir, sink: sink, log: log, seen: map[string]version{}}, nil
}

// Run scans the folder at every interval until the context ends. A
// failing scan is logged and tried again.
func (f *Folder) Run(ctx context.Context, interval time.Duration) error {
	loop.Every{Interval: interval, Log: f.log, Failed: "folder of files"}.Run(ctx, f.Scan)
	return nil
}

// Scan imports every file that has not changed since the scan before. Names
// that begin with a dot or end in .part or .tmp are still being written.
func (f *Folder) Scan(ctx context.Context) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("intake: %w", err)
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
		if before, known := f.seen[name]; !known || before != v {
			now[name] = v
			continue
		}
		if err := f.take(ctx, name, info); err != nil {
			now[name] = v
			problems = append(problems, err)
		}
	}
	f.seen = now
	return errors.Join(problems...)
}

func unfinished(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") || strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".tmp")
}

// take gives one file to the sink and moves it away.
func (f *Folder) take(ctx context.Context, name string, info fs.FileInfo) error {
	err := f.give(ctx, name, info)
	switch {
	case err == nil:
		f.log.InfoContext(ctx, "file imported", "bytes", info.Size())
		_, err = f.move(name, processedDir)
		return err
	case !errors.Is(err, ErrFile):
		return fmt.Errorf("intake: file left for the next scan: %w", err)
	}
	moved, moveErr := f.move(name, failedDir)
	if moveErr != nil {
		return moveErr
	}
	f.log.WarnContext(ctx, "file failed", "error", err)
	if err := os.WriteFile(moved+reasonSuffix, []byte(err.Error()+"\n"), 0o640); err != nil { //nolint:gosec // for operators of the group
		return fmt.Errorf("intake: %w", err)
	}
	return nil
}

func (f *Folder) give(ctx context.Context, name string, info fs.FileInfo) error {
	if info.Size() > maxFile {
		return fmt.Errorf("%w: larger than %d bytes", ErrFile, maxFile)
	}
	data, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		return err
	}
	return f.sink(ctx, data)
}

// move puts a file into a folder, beside others of the same name.
func (f *Folder) move(name, folder string) (string, error) {
	target := filepath.Join(f.dir, folder, name)
	for i := 1; ; i++ {
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			break
		}
		target = filepath.Join(f.dir, folder, fmt.Sprintf("%s.%d", name, i))
	}
	if err := os.Rename(filepath.Join(f.dir, name), target); err != nil {
		return "", fmt.Errorf("intake: %w", err)
	}
	return target, nil
}
