// Command dev runs the whole service on one machine without Docker: databases,
// Temporal with its Web UI, sandboxes of every outside party, API, worker and portal. The
// first start takes a sample order from a request file to a certificate.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
	_ "time/tzdata" // Minsk time on machines without a time zone database

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/demo"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/cli"
)

func main() {
	if code, ok := stack.Child(os.Args, cli.Main); ok {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == "pay" {
		if err := gateways.Command(ctx, os.Args[2:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

// choices are what the command line says.
type choices struct {
	data         string
	fresh, quick bool
	noDemo       bool
	families     []authority.Family
}

func parse(args []string, out io.Writer) (choices, error) {
	var c choices
	family := "both"
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.data, "data", "data", "directory that keeps everything")
	flags.BoolVar(&c.fresh, "fresh", false, "delete what the directory holds first")
	flags.BoolVar(&c.quick, "quick", false, "a day of the deadlines lasts a minute")
	flags.BoolVar(&c.noDemo, "no-demo", false, "leave the sample order out")
	flags.StringVar(&family, "family", family, "algorithms of the sandbox CAs: stb, ecdsa or both")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	switch family {
	case "both":
		c.families = []authority.Family{authority.Bign, authority.ECDSA}
	case "stb":
		c.families = []authority.Family{authority.Bign}
	case "ecdsa":
		c.families = []authority.Family{authority.ECDSA}
	default:
		return c, fmt.Errorf("--family %q: want stb, ecdsa or both", family)
	}
	return c, nil
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	c, err := parse(args, out)
	if err != nil {
		return err
	}
	if c.fresh {
		if err := stack.Forget(c.data); err != nil {
			return err
		}
	}
	began := time.Now()
	s, err := stack.Start(ctx, stack.Options{
		DataDir: c.data, Quick: c.quick, Families: c.families, FixedPorts: true, Prometheus: true,
		DatabaseURL: os.Getenv("DATABASE_URL"), TemporalAddress: os.Getenv("TEMPORAL_ADDRESS"),
		Report: func(step string, took time.Duration) { printStep(out, step, took) },
	})
	if err != nil {
		return err
	}
	defer func() {
		_, _ = fmt.Fprintln(out, "\nstopping …")
		err = errors.Join(err, s.Close())
	}()
	printStep(out, "the stack is ready", time.Since(began))
	if err := s.ConfirmBackups(ctx); err != nil {
		return err
	}
	if err := sample(ctx, c, s, out); err != nil {
		return err
	}
	printAddresses(out, s)
	return s.Wait(ctx)
}

// sample takes the sample orders through, once in a data directory.
func sample(ctx context.Context, c choices, s *stack.Stack, out io.Writer) error {
	if c.noDemo || demo.Done(s.Dir()) {
		return nil
	}
	_, _ = fmt.Fprintln(out, "\nSample: two employees order, their manager confirms and pays, the certificates are delivered")
	err := demo.Run(ctx, s, func(step string, took time.Duration) { printStep(out, step, took) })
	if err != nil {
		return fmt.Errorf("the sample order failed: %w\nlogs are in %s", err, filepath.Join(s.Dir(), "logs"))
	}
	return nil
}

func printStep(out io.Writer, step string, took time.Duration) {
	_, _ = fmt.Fprintf(out, "%8s  %s\n", took.Round(time.Millisecond), step)
}

func printAddresses(out io.Writer, s *stack.Stack) {
	_, _ = fmt.Fprintln(out)
	for _, line := range [][2]string{
		{"portal", s.URLs.Portal}, {"API", s.URLs.API}, {"contract of the API", s.URLs.API + "/openapi.yaml"}, {"Temporal UI", s.URLs.TemporalUI},
		{"what needs an operator", s.URLs.Portal + "/operator"}, {"alerts and numbers (Prometheus)", s.URLs.Prometheus},
		{"sample certificates and keys", s.FilesDir() + "  (password " + persons.Password + ")"},
		{"mail and SMS inbox", s.URLs.Inbox}, {"tokens of the sample persons", s.URLs.OIDC},
		{"payment sandboxes", s.URLs.Gateways}, {"state registers", s.URLs.Registers}, {"days, faults, persons (sandbox)", s.URLs.Sandbox}, {"certificate storage", s.URLs.API + "/storage"},
		{"Temporal", s.URLs.Temporal}, {"logs", filepath.Join(s.Dir(), "logs")},
	} {
		if line[1] != "" {
			_, _ = fmt.Fprintf(out, "%-30s %s\n", line[0], line[1])
		}
	}
	_, _ = fmt.Fprintln(out, "\nCtrl-C stops everything; the next start goes on from here.")
}
