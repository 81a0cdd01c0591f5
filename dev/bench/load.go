package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// closed runs the jobs with so many at a time.
func closed(ctx context.Context, jobs []job, lanes int) ([]time.Duration, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lanes)
	var all collected
	for _, j := range jobs {
		group.Go(func() error { return all.run(ctx, j) })
	}
	err := group.Wait()
	return all.sorted(), err
}

// open starts a job every interval, whatever has become of those before.
func open(ctx context.Context, jobs []job, interval time.Duration) ([]time.Duration, error) {
	group, ctx := errgroup.WithContext(ctx)
	var all collected
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for _, j := range jobs {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		group.Go(func() error { return all.run(ctx, j) })
	}
	err := group.Wait()
	return all.sorted(), err
}

// collected are the latencies of jobs that run at the same time.
type collected struct {
	mu   sync.Mutex
	list []time.Duration
}

func (c *collected) run(ctx context.Context, j job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	took, err := j(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, took...)
	return err
}

func (c *collected) sorted() []time.Duration {
	slices.Sort(c.list)
	return c.list
}

// quantile of a sorted list; 0 of an empty one.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
