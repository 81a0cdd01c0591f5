package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopStale ends a server that an earlier parent left running on the cluster, and removes a lock file whose owner is gone. Two
// servers on one cluster would destroy it, and the lock file is how PostgreSQL itself prevents that.
func stopStale(cluster string) error {
	lock := filepath.Join(cluster, "postmaster.pid")
	raw, err := os.ReadFile(lock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid := parseLock(string(raw))
	if pid == 0 || !isServer(pid, cluster) {
		return removeIfPresent(lock)
	}
	// Fast shutdown first; immediate shutdown is as safe as a crash, which PostgreSQL recovers from.
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the server of an earlier run (process %d): %w", pid, err)
		}
		if goneWithin(pid, cluster, 10*time.Second) {
			return removeIfPresent(lock)
		}
	}
	return fmt.Errorf("the server of an earlier run (process %d) does not stop", pid)
}

// parseLock reads the process id from the first line of postmaster.pid; 0 when there is none.
func parseLock(text string) int {
	first, _, _ := strings.Cut(text, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// isServer tells whether pid is a server of this cluster. Process ids are reused, so its command line is asked as well.
func isServer(pid int, cluster string) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if errors.Is(err, fs.ErrNotExist) {
		_, procErr := os.Stat("/proc/self")
		return procErr != nil
	}
	if err != nil {
		return true
	}
	real, err := filepath.EvalSymlinks(cluster)
	if err != nil {
		real = cluster
	}
	return strings.Contains(string(cmdline), real)
}

func goneWithin(pid int, cluster string, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if !isServer(pid, cluster) {
			return true
		}
	}
	return false
}

func removeIfPresent(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
