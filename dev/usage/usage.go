package usage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Group is a process that is measured under a name, alone or with those that it has started.
type Group struct {
	Name string
	PID  int
	// Children adds the processes that the process has started, those that have ended included.
	Children bool
}

// tick is the unit of processor time in /proc on Linux.
const tick = 10 * time.Millisecond

// Processor is the processor time, user and system, that the group has taken so far; 0 for a process that is gone.
func (g Group) Processor() (time.Duration, error) {
	used, err := processor(g.PID, g.Children)
	for _, child := range g.children() {
		more, childErr := processor(child, true)
		used, err = used+more, errors.Join(err, childErr)
	}
	return used, err
}

// Memory is what the group keeps in memory, in kilobytes: all of it, and with shared pages divided among those who share them.
func (g Group) Memory() (rss, pss int, err error) {
	rss, pss, err = memory(g.PID)
	for _, child := range g.children() {
		r, p, childErr := memory(child)
		rss, pss, err = rss+r, pss+p, errors.Join(err, childErr)
	}
	return rss, pss, err
}

func (g Group) children() []int {
	if !g.Children {
		return nil
	}
	var list []int
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(g.PID) + "/task/*/children")
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

// processor reads user and system time, the 14th and 15th field of /proc/PID/stat, and with waited those of ended children, the two
// after them.
func processor(pid int, waited bool) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	// The second field is the name in brackets, which may hold blanks.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 15 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	counted := fields[11:13]
	if waited {
		counted = fields[11:15]
	}
	return ticks(counted)
}

func ticks(fields []string) (time.Duration, error) {
	var sum time.Duration
	for _, f := range fields {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}

func memory(pid int) (rss, pss int, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
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

// Machine is the processor time that all processes of the machine have taken so far, with what a hypervisor gave to other machines.
func Machine() (time.Duration, error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	fields := strings.Fields(line)
	// cpu user nice system idle iowait irq softirq steal …
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	return ticks([]string{fields[1], fields[2], fields[3], fields[6], fields[7], fields[8]})
}
