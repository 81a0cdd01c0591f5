package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	// atOnce is how many faults there are at a time, at most.
	atOnce = 4
	// mendPatience bounds one fault, its mending included.
	mendPatience = 5 * time.Minute
)

// injector lets the faults of a run happen, spread over its orders.
type injector struct {
	rig    *rig
	faults int
	orders int
	kinds  []kind
	rnd    *rand.Rand

	mu sync.Mutex
	// begun are the faults that have begun; moved is told of each, and of each order.
	begun int
	moved *sync.Cond
	locks map[string]*sync.Mutex
}

func newInjector(r *rig, orders int) *injector {
	i := &injector{rig: r, faults: r.plan.faults, orders: orders, kinds: kinds(r.disk != nil), locks: map[string]*sync.Mutex{},
		rnd: rand.New(rand.NewPCG(r.plan.seed, 0))} //nolint:gosec // what is drawn has to be drawn again by the same seed
	i.moved = sync.NewCond(&i.mu)
	for _, k := range i.kinds {
		for _, name := range k.takes {
			if hold, ok := r.holds[name]; ok {
				i.locks[name] = hold
			} else if i.locks[name] == nil {
				i.locks[name] = &sync.Mutex{}
			}
		}
	}
	return i
}

// due tells whether the next fault may begin: when as large a part of the orders was begun.
func (i *injector) due() bool {
	return i.rig.tally.started.Load()*int64(i.faults) >= int64(i.begun)*int64(i.orders)
}

// ahead is how many faults may be behind the orders.
const ahead = 6

// admit waits until as many faults have begun as belong to the orders before, so that the last ones are not left without any.
func (i *injector) admit(ctx context.Context, orders int) {
	stop := context.AfterFunc(ctx, func() { i.mu.Lock(); defer i.mu.Unlock(); i.moved.Broadcast() })
	defer stop()
	i.mu.Lock()
	defer i.mu.Unlock()
	for ctx.Err() == nil && i.begun < i.faults && i.rig.tally.started.Load()*int64(i.faults) > int64(i.begun+ahead)*int64(i.orders) {
		i.moved.Wait()
	}
	i.rig.tally.started.Add(int64(orders))
	i.moved.Broadcast()
}

// run lets all faults happen and returns when each is mended.
func (i *injector) run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { i.mu.Lock(); defer i.mu.Unlock(); i.moved.Broadcast() })
	defer stop()
	var mending sync.WaitGroup
	defer mending.Wait()
	slots := make(chan struct{}, atOnce)
	for n := range i.faults {
		i.mu.Lock()
		for ctx.Err() == nil && !i.due() {
			i.moved.Wait()
		}
		i.mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		k, own := draw(i.kinds, i.rnd), rand.New(rand.NewPCG(i.rig.plan.seed, uint64(n)+1)) //nolint:gosec // as above
		slots <- struct{}{}
		mending.Go(func() {
			defer func() { <-slots }()
			i.happen(ctx, k, own)
		})
		i.mu.Lock()
		i.begun++
		i.moved.Broadcast()
		i.mu.Unlock()
	}
}

// happen lets one fault happen. It is mended even when the run is interrupted.
func (i *injector) happen(ctx context.Context, k kind, rnd *rand.Rand) {
	takes := slices.Sorted(slices.Values(k.takes))
	for _, name := range takes {
		i.locks[name].Lock()
		defer i.locks[name].Unlock()
	}
	if ctx.Err() != nil {
		return
	}
	mending, cancel := context.WithTimeout(context.WithoutCancel(ctx), mendPatience)
	defer cancel()
	i.rig.tally.fault(k.name)
	if err := k.do(mending, i.rig, rnd); err != nil {
		i.rig.tally.note(fmt.Sprintf("%s: %v", k.name, err))
	}
}
