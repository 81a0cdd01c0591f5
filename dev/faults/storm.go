package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// storm takes all orders through all faults and judges what came of it. An interrupt ends both early; what was begun is finished and
// judged.
func (r *rig) storm(ctx context.Context, out io.Writer) error {
	list := units(r.plan.seed, r.plan.orders)
	d, i := newDriver(r), newInjector(r, r.plan.orders)
	var faults sync.WaitGroup
	faults.Go(func() { i.run(ctx) })
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go r.watch(watching)
	r.work(ctx, d, i, list)
	faults.Wait()
	return r.judge(context.WithoutCancel(ctx), d, out)
}

// work plays the units, so many at a time.
func (r *rig) work(ctx context.Context, d *driver, i *injector, list []unit) {
	lanes := make(chan struct{}, r.plan.lanes)
	var playing sync.WaitGroup
	defer playing.Wait()
	for _, u := range list {
		i.admit(ctx, u.orders())
		if ctx.Err() != nil {
			return
		}
		lanes <- struct{}{}
		playing.Go(func() {
			defer func() { <-lanes }()
			if err := d.play(context.WithoutCancel(ctx), u); err != nil {
				r.tally.stop(fmt.Sprintf("unit %d (%s): %v", u.n, u.story, err))
			}
		})
	}
}

// watchEvery is how often progress is told.
const watchEvery = 30 * time.Second

func (r *rig) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		var open, ended, issued int64
		_ = r.pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE stage <> 'ended'), count(*) FILTER (WHERE stage = 'ended'),
			count(*) FILTER (WHERE ending = 'issued') FROM orders`).Scan(&open, &ended, &issued)
		fmt.Fprintf(os.Stderr, "%s: %d orders begun, %d driven, %d open, %d ended, %d issued; %d faults\n", time.Since(r.tally.began).Round(time.Second),
			r.tally.started.Load(), r.tally.driven.Load(), open, ended, issued, r.tally.happened())
	}
}

// judge lets the service come to rest and tells what is not as it should be.
func (r *rig) judge(ctx context.Context, d *driver, out io.Writer) error {
	if err := r.settle(ctx, d); err != nil {
		r.tally.stop("settling: " + err.Error())
	}
	found, err := r.found(ctx)
	if err != nil {
		return err
	}
	violations := judge.Look(d.done, found)
	r.tally.print(out)
	ends := map[string]int{}
	for _, o := range found.Orders {
		ends[fmt.Sprintf("%s %s", o.End.End, o.Reason)]++
	}
	counted(out, "orders by their end", ends)
	sums, fates := map[string]int{}, map[string]int{}
	for _, p := range d.done.Payments {
		sums[string(p.Source)] += int(p.Amount)
	}
	for _, p := range found.Payments {
		if !p.Share && !p.Reversal {
			fates[fmt.Sprintf("%s %s", p.State, p.Reason)]++
		}
	}
	counted(out, "kopecks that payers paid", sums)
	counted(out, "payments in the ledger by what became of them", fates)
	for _, text := range r.tally.stuck {
		violations = append(violations, judge.Violation{Rule: judge.RuleLeft, Detail: text})
	}
	for _, v := range violations {
		_, _ = fmt.Fprintln(out, v)
	}
	_, _ = fmt.Fprintf(out, "seed %d: %d orders, %d faults, %d violations\n", r.plan.seed, len(found.Orders), r.tally.happened(), len(violations))
	if len(violations) > 0 {
		return errFound
	}
	return nil
}

const (
	// mostHours is how many hours the service gets to come to rest: less than any term of an order that waits.
	mostHours = 40
	look      = time.Second
	// term is longer than any order waits.
	term = 12 * 24 * time.Hour
)

// settle mends everything, lets what is under way come to its end, then the days pass that end the rest. What is stuck does not keep
// the rest from being judged.
func (r *rig) settle(ctx context.Context, d *driver) error {
	if err := r.revive(ctx, everyProcess()...); err != nil {
		return err
	}
	if err := errors.Join(d.statements(ctx), d.eripRegister()); err != nil {
		return err
	}
	waits := d.waits()
	if err := r.until(ctx, func() (int, error) { return r.open(ctx, waits) }); err != nil {
		r.tally.stop(fmt.Sprintf("settling: orders that nothing keeps waiting: %v", err))
	}
	if err := d.persist(ctx, "let the days pass", func() error { return r.stack.LetPass(ctx, term) }); err != nil {
		return err
	}
	if err := d.payTooLate(ctx); err != nil {
		return err
	}
	// The same once more, as banks do.
	if err := errors.Join(d.statements(ctx), d.eripRegister()); err != nil {
		return err
	}
	return r.until(ctx, func() (int, error) { return r.undone(ctx) })
}

// until waits for a count to come to nothing, and lets hours pass when it does not move.
func (r *rig) until(ctx context.Context, count func() (int, error)) error {
	last, since, hours := -1, time.Now(), 0
	for {
		n, err := count()
		switch {
		case err != nil:
			r.tally.refusal("look how far the service is")
		case n == 0:
			return nil
		case n != last:
			last, since = n, time.Now()
		case time.Since(since) > r.plan.rest && hours >= mostHours:
			return fmt.Errorf("%d are left", n)
		case time.Since(since) > r.plan.rest:
			if err := r.stack.LetPass(ctx, time.Hour); err != nil {
				r.tally.note("an hour did not pass: " + err.Error())
			}
			hours++
			since = time.Now()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		pause(ctx, look)
	}
}

// waits are the orders that only days end.
func (d *driver) waits() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := []string{}
	for _, o := range d.done.Orders {
		if len(o.Ends) == 1 && o.Ends[0].End == order.EndAnnulled {
			list = append(list, o.ID.String())
		}
	}
	return list
}
