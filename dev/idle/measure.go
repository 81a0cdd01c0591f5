package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/stack"
)

// group is a part of the stack with its processes.
type group struct {
	name string
	pids []int
}

func processes(s *stack.Stack) []group {
	groups := []group{{"stack: Temporal and sandboxes", []int{os.Getpid()}}}
	if p, ok := s.Product().(*stack.Processes); ok {
		groups = append(groups, group{"API", []int{p.PID(stack.ProcessAPI)}}, group{"worker", []int{p.PID(stack.ProcessWorker)}})
	}
	if c := s.Cluster(); c != nil {
		groups = append(groups, group{"PostgreSQL", append([]int{c.PID()}, children(c.PID())...)})
	}
	return groups
}

// children are the processes that a process has started.
func children(pid int) []int {
	var list []int
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		for _, field := range strings.Fields(string(data)) {
			if child, err := strconv.Atoi(field); err == nil {
				list = append(list, child)
			}
		}
	}
	return list
}

// tick is the unit of processor time in /proc on Linux.
const tick = 10 * time.Millisecond

// times is the processor time of each group.
func times(groups []group) ([]time.Duration, error) {
	list := make([]time.Duration, len(groups))
	for i, g := range groups {
		for _, pid := range g.pids {
			used, err := processorTime(pid)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
			list[i] += used
		}
	}
	return list, nil
}

// processorTime reads user and system time, the 14th and 15th field of /proc/PID/stat.
func processorTime(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in brackets, which may hold blanks.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(errUser, errSystem)
}

// memory is what a process keeps in memory, in kilobytes: all of it, and with shared pages divided among those who share them.
func memory(pid int) (rss, pss int, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "Rss:":
			rss = n
		case "Pss:":
			pss = n
		}
	}
	return rss, pss, lines.Err()
}

func report(out io.Writer, title string, groups []group, before, after []time.Duration, watched time.Duration) error {
	_, _ = fmt.Fprintf(out, "\n%s, nothing happening for %s\n%-32s %9s %9s %9s\n", title, watched, "", "RSS MB", "PSS MB", "CPU %")
	var allRSS, allPSS int
	var allCPU time.Duration
	for i, g := range groups {
		var sumRSS, sumPSS int
		for _, pid := range g.pids {
			rss, pss, err := memory(pid)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			sumRSS, sumPSS = sumRSS+rss, sumPSS+pss
		}
		used := after[i] - before[i]
		row(out, g.name, sumRSS, sumPSS, used, watched)
		allRSS, allPSS, allCPU = allRSS+sumRSS, allPSS+sumPSS, allCPU+used
	}
	row(out, "all", allRSS, allPSS, allCPU, watched)
	return nil
}

func row(out io.Writer, name string, rss, pss int, used, watched time.Duration) {
	_, _ = fmt.Fprintf(out, "%-32s %9.1f %9.1f %9.2f\n", name, float64(rss)/1024, float64(pss)/1024, 100*used.Seconds()/watched.Seconds())
}
