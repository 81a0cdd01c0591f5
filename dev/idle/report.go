package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/usage"
)

func processes(s *stack.Stack) []usage.Group {
	groups := []usage.Group{{Name: "stack: Temporal and sandboxes", PID: os.Getpid()}}
	if p, ok := s.Product().(*stack.Processes); ok {
		groups = append(groups, usage.Group{Name: "API", PID: p.PID(stack.ProcessAPI)}, usage.Group{Name: "worker", PID: p.PID(stack.ProcessWorker)})
	}
	if c := s.Cluster(); c != nil {
		groups = append(groups, usage.Group{Name: "PostgreSQL", PID: c.PID(), Children: true})
	}
	return groups
}

// times is the processor time of each group.
func times(groups []usage.Group) ([]time.Duration, error) {
	list := make([]time.Duration, len(groups))
	for i, g := range groups {
		var err error
		if list[i], err = g.Processor(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func report(out io.Writer, title string, groups []usage.Group, before, after []time.Duration, watched time.Duration) error {
	_, _ = fmt.Fprintf(out, "\n%s, nothing happening for %s\n%-32s %9s %9s %9s\n", title, watched, "", "RSS MB", "PSS MB", "CPU %")
	var allRSS, allPSS int
	var allCPU time.Duration
	for i, g := range groups {
		rss, pss, err := g.Memory()
		if err != nil {
			return err
		}
		used := after[i] - before[i]
		row(out, g.Name, rss, pss, used, watched)
		allRSS, allPSS, allCPU = allRSS+rss, allPSS+pss, allCPU+used
	}
	row(out, "all", allRSS, allPSS, allCPU, watched)
	return nil
}

func row(out io.Writer, name string, rss, pss int, used, watched time.Duration) {
	_, _ = fmt.Fprintf(out, "%-32s %9.1f %9.1f %9.2f\n", name, float64(rss)/1024, float64(pss)/1024, 100*used.Seconds()/watched.Seconds())
}
