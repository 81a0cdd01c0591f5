// Command faults takes orders through a stack of its own while, at random from a printed seed, its processes are killed and frozen, its
// database is stopped, killed, cut off and runs out of disk, its Temporal server dies, clocks go wrong, registers and channels fail and
// gateways tell payments twice, late or never. Afterwards a judge looks whether every order ended right, one certificate came of each
// that was paid, all money is accounted for, the audit log is whole and nothing is stuck. With -events it kills a process at every event
// of the histories instead. docs/reliability.md tells what came of it.
//
//	go run ./dev/faults -orders 10000 -faults 500
//	go run ./dev/faults -events worker,api,temporal
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // Minsk time on machines without a time zone database

	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/cli"
)

func main() {
	if code, ok := stack.Child(os.Args, cli.Main); ok {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// plan is what the command line asks for.
type plan struct {
	seed uint64
	// orders are made, faults happen meanwhile; lanes are the orders that are worked on at a time.
	orders, faults, lanes int
	// events are the processes that are killed at every event of the histories; none is the other kind of run.
	events []string
	// disk is how many megabytes PostgreSQL has; 0 leaves it the machine's, and faults of the disk out.
	disk int
	// data is the directory of the stack, kept when it is given.
	data string
	// patience is how long one step of an order is tried.
	patience time.Duration
	// rest is how long nothing may change at the end before an hour is let pass: waits of the service are not worth waiting for.
	rest time.Duration
}

// victims are the processes that can be killed at an event.
func victims() []string { return []string{stack.ProcessWorker, stack.ProcessAPI, processTemporal} }

func parse(args []string, out io.Writer) (plan, error) {
	var p plan
	var events string
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Uint64Var(&p.seed, "seed", 0, "what is drawn by; 0 draws one and prints it")
	flags.IntVar(&p.orders, "orders", 200, "orders that are made")
	flags.IntVar(&p.faults, "faults", 20, "faults of processes, servers, networks, clocks, registers and channels; those of payers come on top")
	flags.IntVar(&p.lanes, "lanes", 48, "orders and confirmations that are worked on at a time")
	flags.StringVar(&events, "events", "", "kill these at every event of the histories of both workflows instead: "+strings.Join(victims(), ","))
	flags.IntVar(&p.disk, "disk", 6144, "megabytes of the disk that PostgreSQL gets (a tmpfs; needs root); 0 leaves disk faults out")
	flags.StringVar(&p.data, "data", "", "directory of the stack, kept afterwards (default a temporary one, kept when something was found)")
	flags.DurationVar(&p.patience, "patience", 20*time.Minute, "how long one step of an order is tried")
	flags.DurationVar(&p.rest, "rest", 15*time.Second, "how long nothing may change at the end before an hour is let pass")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	if p.orders < 1 || p.faults < 0 || p.lanes < 1 {
		return p, errors.New("-orders and -lanes start at 1, -faults at 0")
	}
	if events != "" {
		p.events = strings.Split(events, ",")
	}
	for _, e := range p.events {
		if !slices.Contains(victims(), e) {
			return p, fmt.Errorf("no process %q; there are %s", e, strings.Join(victims(), ", "))
		}
	}
	if p.seed == 0 {
		p.seed = rand.Uint64N(1 << 32)
	}
	return p, nil
}

// errFound is returned when promises were not kept.
var errFound = errors.New("promises were not kept")

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	p, err := parse(args, out)
	if err != nil {
		return err
	}
	temporary := p.data == ""
	if temporary {
		if p.data, err = os.MkdirTemp("", "issuance-faults-"); err != nil {
			return err
		}
	}
	if p.data, err = filepath.Abs(p.data); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "seed %d: %d orders, %d faults; logs are in %s/logs\n", p.seed, p.orders, p.faults, p.data)
	// The stack outlives an interrupt, so that what was reached can be judged.
	r, err := start(context.WithoutCancel(ctx), p)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, r.close())
		if temporary && err == nil {
			err = os.RemoveAll(p.data)
		}
	}()
	if len(p.events) > 0 {
		return r.everyEvent(ctx, out)
	}
	return r.storm(ctx, out)
}
