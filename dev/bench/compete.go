package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// round is a turn of every contender.
type round []turn

// compete warms everything up and then gives every contender its turn, as often as the plan says; progress is told on the way. Stopped
// by its context it gives the rounds that were over.
func (r *rig) compete(ctx context.Context, p plan, progress io.Writer) ([]round, error) {
	for _, name := range p.contenders {
		if err := r.warm(ctx, r.contender(name), p); err != nil {
			return nil, fmt.Errorf("warm up of %s: %w", name, err)
		}
	}
	var rounds []round
	for n := range p.rounds {
		settle := p.settle
		if n > 0 {
			settle = 0
		}
		var turns round
		for _, name := range p.contenders {
			t, err := r.turn(ctx, r.contender(name), p, settle)
			if err != nil && ctx.Err() != nil && len(rounds) > 0 {
				return rounds, nil
			}
			if err != nil {
				return nil, fmt.Errorf("round %d of %s: %w", n+1, name, err)
			}
			_, _ = fmt.Fprintf(progress, "round %d of %d, %s: %.1f orders/s, %s CPU an order, foreign %.2f CPUs\n",
				n+1, p.rounds, name, t.rate, t.cost.Round(time.Millisecond/10), t.foreign)
			turns = append(turns, t)
		}
		rounds = append(rounds, turns)
	}
	return rounds, nil
}

func (r *rig) warm(ctx context.Context, c contender, p plan) error {
	if p.warm == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, phaseTimeout)
	defer cancel()
	jobs, err := c.prepare(ctx, c.jobs(p.warm))
	if err != nil {
		return err
	}
	if _, err = closed(ctx, jobs, max(1, p.lanes/c.each)); err != nil {
		return err
	}
	return r.ended(ctx, c.workflows)
}

// The bounds beyond which a turn says more of the machine than of the contender.
const (
	maxForeign = 0.2
	maxSlower  = 0.1
)

// dirty says why a turn counts for little; "" when it does not.
func (t turn) dirty(usual time.Duration) string {
	off := float64(t.speed)/float64(usual) - 1
	switch {
	case t.foreign > maxForeign && (off > maxSlower || off < -maxSlower):
		return fmt.Sprintf("foreign %.2f, speed %+.0f %%", t.foreign, 100*off)
	case t.foreign > maxForeign:
		return fmt.Sprintf("foreign %.2f", t.foreign)
	case off > maxSlower || off < -maxSlower:
		return fmt.Sprintf("speed %+.0f %%", 100*off)
	default:
		return ""
	}
}

// usualSpeed is the median of what the fixed piece of work took.
func usualSpeed(rounds []round) time.Duration {
	var all []time.Duration
	for _, turns := range rounds {
		for _, t := range turns {
			all = append(all, t.speed)
		}
	}
	slices.Sort(all)
	return quantile(all, 0.5)
}

// find is a contender's turn in a round; nil when it had none.
func (r round) find(name string) *turn {
	for i := range r {
		if r[i].contender == name {
			return &r[i]
		}
	}
	return nil
}
