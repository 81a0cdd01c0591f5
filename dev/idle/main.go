// Command idle opens many orders that wait for their manager on a local stack
// of its own and measures what all its processes cost while nothing happens:
// memory and processor time, right after and again after a restart.
//
//	go run ./dev/idle -orders 1000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata"

	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/cli"
)

func main() {
	if code, ok := stack.Child(os.Args, cli.Main); ok {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

type choices struct {
	data          string
	orders, lanes int
	settle, watch time.Duration
}

func parse(args []string, out io.Writer) (choices, error) {
	var c choices
	flags := flag.NewFlagSet("idle", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.data, "data", "", "directory of the stack (default a temporary one)")
	flags.IntVar(&c.orders, "orders", 1000, "orders that wait")
	flags.IntVar(&c.lanes, "lanes", 4, "orders opened at the same time")
	flags.DurationVar(&c.settle, "settle", time.Minute, "time between the work and the measurement")
	flags.DurationVar(&c.watch, "watch", time.Minute, "length of the measurement")
	return c, flags.Parse(args)
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args, out)
	if err != nil {
		return err
	}
	if c.data == "" {
		if c.data, err = os.MkdirTemp("", "issuance-idle-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(c.data) }()
	}
	if err := session(ctx, c, out, fmt.Sprintf("with %d waiting orders", c.orders), func(s *stack.Stack) error {
		began := time.Now()
		if err := open(ctx, s, c.orders, c.lanes); err != nil {
			return err
		}
		took := time.Since(began)
		_, err := fmt.Fprintf(out, "%d orders opened in %s, %.1f a second\n", c.orders, took.Round(time.Second), float64(c.orders)/took.Seconds())
		return err
	}); err != nil {
		return err
	}
	return session(ctx, c, out, "after a restart", func(*stack.Stack) error { return nil })
}

// session runs a stack, lets it work and then rest, and measures the rest.
func session(ctx context.Context, c choices, out io.Writer, title string, work func(*stack.Stack) error) (err error) {
	began := time.Now()
	s, err := stack.Start(ctx, stack.Options{DataDir: c.data})
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}()
	_, _ = fmt.Fprintf(out, "stack ready in %s\n", time.Since(began).Round(time.Millisecond))
	if err := work(s); err != nil {
		return err
	}
	if err := pause(ctx, c.settle); err != nil {
		return err
	}
	groups := processes(s)
	before, err := times(groups)
	if err != nil {
		return err
	}
	if err := pause(ctx, c.watch); err != nil {
		return err
	}
	after, err := times(groups)
	if err != nil {
		return err
	}
	return report(out, title, groups, before, after, c.watch)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
