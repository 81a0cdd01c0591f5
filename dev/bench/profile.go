package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"

	"github.com/remote-issuance/remote-issuance/internal/cli"
)

// profilesVariable tells API and worker where their profiles go.
const profilesVariable = "BENCH_PROFILES"

// profiled runs a command of the product, with profiles when they are wanted.
func profiled(args []string) int {
	dir := os.Getenv(profilesVariable)
	if dir == "" {
		return cli.Main(args)
	}
	stop, err := startProfiles(filepath.Join(dir, args[0]))
	if err != nil {
		fmt.Fprintln(os.Stderr, "profiles:", err)
		return 1
	}
	code := cli.Main(args)
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "profiles:", err)
		return 1
	}
	return code
}

// startProfiles profiles processor time from now on, and allocations until it is stopped.
func startProfiles(name string) (stop func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	cpu, err := os.Create(name + ".cpu.pprof")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		runtime.GC()
		allocations, err := os.Create(name + ".allocs.pprof")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		return errors.Join(cpu.Close(), pprof.Lookup("allocs").WriteTo(allocations, 0), allocations.Close())
	}, nil
}
