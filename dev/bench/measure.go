package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// turn is what one contender did in one round.
type turn struct {
	contender string
	orders    int
	// rate is orders a second at full load, cpu the processor time of each group for an order.
	rate float64
	cpu  map[string]time.Duration
	// cost is the processor time of the groups that count for the contender.
	cost time.Duration
	// full, single and half are the latencies from payment to end, sorted: at full load, one in flight, at half load.
	full, single, half []time.Duration
	counts             counts
	// calls are those of each statement of the contender, an order.
	calls map[string]share
	// foreign is how many processors others took meanwhile, speed what a fixed piece of work took before.
	foreign float64
	speed   time.Duration
}

// counts are what an order takes whatever the machine.
type counts struct {
	histories
	statements, commits, wal, database float64
}

// snapshot is the state of all meters at one time.
type snapshot struct {
	at      time.Time
	groups  map[string]time.Duration
	machine time.Duration
	counters
}

func (r *rig) snapshot(ctx context.Context) (s snapshot, err error) {
	s.groups = map[string]time.Duration{}
	for _, g := range r.groups {
		if s.groups[g.Name], err = g.Processor(); err != nil {
			return s, err
		}
		if s.groups[g.Name] == 0 {
			return s, fmt.Errorf("%s does not run any more", g.Name)
		}
	}
	s.at = time.Now()
	if s.machine, err = machineTime(); err != nil {
		return s, err
	}
	s.counters, err = readCounters(ctx, r.counters)
	return s, err
}

// phaseTimeout bounds one load, so that an order that got stuck is an error.
const phaseTimeout = 10 * time.Minute

// turn lets a contender take its orders. Settle is the wait for counters that are published late; 0 leaves them out.
func (r *rig) turn(ctx context.Context, c contender, p plan, settle time.Duration) (turn, error) {
	ctx, cancel := context.WithTimeout(ctx, phaseTimeout)
	defer cancel()
	t := turn{contender: c.name}
	var err error
	if t.speed, err = calibrate(); err != nil {
		return t, err
	}
	if err := r.fullLoad(ctx, c, p, settle, &t); err != nil {
		return t, err
	}
	jobs, err := c.prepare(ctx, c.jobs(p.single))
	if err != nil {
		return t, err
	}
	if p.single > 0 {
		if t.single, err = closed(ctx, jobs, 1); err != nil {
			return t, err
		}
	}
	if p.half > 0 {
		interval := time.Duration(float64(time.Second) * float64(c.each) / (t.rate / 2))
		if jobs, err = c.prepare(ctx, max(1, int(p.half/interval))); err != nil {
			return t, err
		}
		if t.half, err = open(ctx, jobs, interval); err != nil {
			return t, err
		}
	}
	return t, r.ended(ctx, c.workflows)
}

func (r *rig) fullLoad(ctx context.Context, c contender, p plan, settle time.Duration, t *turn) error {
	jobs, err := c.prepare(ctx, c.jobs(p.orders*c.factor))
	if err != nil {
		return err
	}
	t.orders = len(jobs) * c.each
	runtime.GC()
	if err := pause(ctx, settle); err != nil {
		return err
	}
	began := time.Now()
	before, err := r.snapshot(ctx)
	if err != nil {
		return err
	}
	if t.full, err = closed(ctx, jobs, max(1, p.lanes/c.each)); err != nil {
		return err
	}
	if err := r.ended(ctx, c.workflows); err != nil {
		return err
	}
	after, err := r.snapshot(ctx)
	if err != nil {
		return err
	}
	t.account(c, before, after)
	if settle > 0 {
		if err := pause(ctx, settle); err != nil {
			return err
		}
		late, err := readCounters(ctx, r.counters)
		if err != nil {
			return err
		}
		t.counts.commits = float64(late.commits-before.commits) / float64(t.orders)
	}
	t.counts.histories, err = r.histories(ctx, c, began, t.orders)
	return err
}

func (t *turn) account(c contender, before, after snapshot) {
	took, n := after.at.Sub(before.at), float64(t.orders)
	t.rate = n / took.Seconds()
	t.cpu = map[string]time.Duration{}
	var ours time.Duration
	for name, used := range after.groups {
		ours += used - before.groups[name]
		t.cpu[name] = (used - before.groups[name]) / time.Duration(t.orders)
	}
	for _, name := range c.processes {
		t.cost += t.cpu[name]
	}
	t.foreign = max(0, (after.machine-before.machine-ours).Seconds()/took.Seconds())
	t.counts.wal = float64(after.wal-before.wal) / n
	t.counts.database = float64(after.database-before.database) / n
	t.calls = map[string]share{}
	for query, w := range after.calls[c.database] {
		if had := before.calls[c.database][query]; w.calls > had.calls {
			t.calls[query] = w.since(had, n)
		}
	}
	t.counts.statements = float64(after.statements[c.database]-before.statements[c.database]) / n
}
