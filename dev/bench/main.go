// Command bench measures what an order costs. On a local stack of its own it
// takes real orders through the HTTP API beside a Temporal workflow that does
// next to nothing, one with seven remote activities, and a hand-written state
// machine on PostgreSQL, all in turn, and prints ratios, latencies and counts.
//
//	go run ./dev/bench -rounds 3
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // Minsk time on machines without a time zone database

	"github.com/remote-issuance/remote-issuance/dev/stack"
)

func main() {
	if code, ok := stack.Child(os.Args, profiled); ok {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// plan is what the command line asks for.
type plan struct {
	data string
	// rounds are how often every contender has its turn, orders how many it takes at full load in each, warm how many before the
	// first round, single how many one after another.
	rounds, orders, warm, single int
	// lanes are the orders in flight at full load.
	lanes int
	// half is the time at half load, settle the one after which PostgreSQL has published its counters.
	half, settle time.Duration
	contenders   []string
	// statements is how many of the statements of ours are listed, profiles the directory for profiles of API and worker.
	statements int
	profiles   string
	// waiting is how many orders are opened to wait, in place of the competition; 0 for none.
	waiting int
}

func parse(args []string, out io.Writer) (plan, error) {
	var p plan
	var only string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&p.data, "data", "", "directory of the stack (default a temporary one)")
	flags.IntVar(&p.rounds, "rounds", 3, "turns of every contender")
	flags.IntVar(&p.orders, "orders", 100, "orders at full load in each turn; the fast contenders take more")
	flags.IntVar(&p.warm, "warm", 50, "orders of every contender before the first round")
	flags.IntVar(&p.single, "single", 60, "orders one after another in each turn")
	flags.IntVar(&p.lanes, "lanes", 32, "orders in flight at full load")
	flags.DurationVar(&p.half, "half", 10*time.Second, "time at half load in each turn; 0 leaves it out")
	flags.DurationVar(&p.settle, "settle", 11*time.Second, "wait before the commits of the first round are counted")
	flags.IntVar(&p.statements, "statements", 0, "list so many of the statements of an order, the most frequent first")
	flags.StringVar(&p.profiles, "profiles", "", "directory for profiles of API and worker (pprof), which slow them down a little")
	flags.IntVar(&p.waiting, "waiting", 0, "open so many orders that wait for their payment, in place of the competition")
	flags.StringVar(&only, "only", "", "contenders, separated by commas (default all: "+strings.Join(names(), ", ")+")")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	if p.rounds < 1 || p.orders < 1 || p.lanes < 1 || p.waiting < 0 {
		return p, errors.New("-rounds, -orders and -lanes start at 1, -waiting at 0")
	}
	p.contenders = names()
	if only != "" {
		p.contenders = strings.Split(only, ",")
	}
	for _, name := range p.contenders {
		if !slices.Contains(names(), name) {
			return p, fmt.Errorf("no contender %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	return p, nil
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	p, err := parse(args, out)
	if err != nil {
		return err
	}
	if p.data == "" {
		if p.data, err = os.MkdirTemp("", "issuance-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(p.data)) }()
	}
	r, err := start(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if p.waiting > 0 {
		return r.wait(ctx, p, out)
	}
	results, err := r.compete(ctx, p, os.Stderr)
	if err != nil {
		return fmt.Errorf("%w; logs are in %s/logs", err, p.data)
	}
	m, err := r.machine(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	report(out, m, p, results)
	return nil
}
