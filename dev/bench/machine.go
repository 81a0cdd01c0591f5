package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/usage"
)

func machineTime() (time.Duration, error) { return usage.Machine() }

// calibration is a fixed piece of work: so many octets are hashed.
const (
	calibrationBlock  = 1 << 20
	calibrationRounds = 64
)

// calibrate tells how much processor time a fixed piece of work takes now: it grows when the processor is slower, whoever the reason.
func calibrate() (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := threadTime()
	if err != nil {
		return 0, err
	}
	block := make([]byte, calibrationBlock)
	for range calibrationRounds {
		digest := sha256.Sum256(block)
		copy(block, digest[:])
	}
	after, err := threadTime()
	return after - before, err
}

// threadTime is the processor time of this thread, the first field of its schedstat in nanoseconds.
func threadTime() (time.Duration, error) {
	const file = "/proc/thread-self/schedstat"
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(data), " ")
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return time.Duration(n), nil
}

// machine is where a measurement was made.
type machine struct {
	processor, kernel, compiler, postgres string
	processors                            int
	began                                 time.Time
}

func (r *rig) machine(ctx context.Context) (machine, error) {
	m := machine{processors: runtime.NumCPU(), compiler: runtime.Version(), processor: runtime.GOARCH, began: time.Now()}
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.processor = strings.TrimSpace(value)
				break
			}
		}
	}
	if data, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.kernel = strings.TrimSpace(string(data))
	}
	err := r.counters.QueryRow(ctx, "SHOW server_version").Scan(&m.postgres)
	return m, err
}
