// Package ports gives out TCP ports that stay free until their server binds them.
//
// A server of its own process wants a number and not a listener. The kernel's way, binding port 0, gives a number of the range
// from which it also draws the local ports of outgoing connections, so that any program may take it a moment later. The ports
// here lie below that range, and processes that draw at the same time draw from different blocks: each holds a lock on its own.
package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

const (
	// first to last are below the local ports of Linux (32768 and up) and above what servers usually have.
	first = 12000
	last  = 32000
	// blockSize is enough for some local stacks in one process.
	blockSize = 100
)

// block is a run of ports that this process alone draws from.
type block struct {
	next, end int
	lock      *os.File
}

var (
	mu      sync.Mutex
	current block
	taken   []*os.File // locks of used-up blocks, kept until the process ends
)

// Free returns a port of the host (an IP address) on which nobody listens and which no other caller of Free is given while this
// process lives.
func Free(host string) (int, error) {
	mu.Lock()
	defer mu.Unlock()
	for range (last - first) / blockSize {
		for current.next < current.end {
			port := current.next
			current.next++
			if IsFree(host, port) {
				return port, nil
			}
		}
		if err := nextBlock(); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("no free port from %d to %d on %s", first, last, host)
}

// IsFree tells whether nobody listens on the port.
func IsFree(host string, port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	return err == nil && l.Close() == nil
}

// nextBlock takes a block that no living process holds.
func nextBlock() error {
	dir := filepath.Join(os.TempDir(), "remote-issuance-ports-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("locks of ports: %w", err)
	}
	blocks := (last - first) / blockSize
	for _, n := range rand.Perm(blocks) {
		lock, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(first+n*blockSize)), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return fmt.Errorf("lock of ports: %w", err)
		}
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			if current.lock != nil {
				taken = append(taken, current.lock)
			}
			current = block{next: first + n*blockSize, end: first + (n+1)*blockSize, lock: lock}
			return nil
		}
		if closeErr := lock.Close(); closeErr != nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("lock of ports: %w", errors.Join(err, closeErr))
		}
	}
	return errors.New("every block of ports is held by another process")
}
