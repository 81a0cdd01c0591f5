package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
	_ "time/tzdata"

	"google.golang.org/grpc"

	sdkclient "go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/internal/cli"
	"github.com/remote-issuance/remote-issuance/internal/contract"
	"github.com/remote-issuance/remote-issuance/internal/engine"
)

// wholeStack is the first argument that makes the test binary a stack of its own, which a test can kill.
const wholeStack = "whole-stack"

func TestMain(m *testing.M) {
	if code, ok := stack.Child(os.Args, cli.Main); ok {
		os.Exit(code)
	}
	if len(os.Args) > 2 && os.Args[1] == wholeStack {
		os.Exit(runWholeStack(os.Args[2]))
	}
	dir, err := os.MkdirTemp("", "issuance-e2e-")
	if err != nil {
		panic(err)
	}
	all.dir = dir
	code := m.Run()
	fmt.Printf("operations of the contract that were called: %v\n", all.covered.Operations())
	if err := all.close(); err != nil {
		fmt.Println("closing the stacks:", err)
		code = max(code, 1)
	}
	if code == 0 {
		_ = os.RemoveAll(dir)
	} else {
		fmt.Println("logs are in", dir)
	}
	os.Exit(code)
}

func runWholeStack(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := stack.Start(ctx, stack.Options{DataDir: dir, WithoutUI: true})
	if err == nil {
		err = errors.Join(announce(dir, s.URLs), s.Wait(ctx), s.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// stacks are those that the tests share, each started by the first test that wants it.
type stacks struct {
	dir     string
	covered caller.Coverage
	spans   spans

	mu      sync.Mutex
	running map[string]*stack.Stack
}

var all = &stacks{running: map[string]*stack.Stack{}}

// ordinary runs API and worker as processes, as production does.
func (a *stacks) ordinary(t *testing.T) *stack.Stack {
	t.Helper()
	return a.get(t, "ordinary", stack.Options{Environment: stack.Environment{"TRACES_URL": a.spans.url()}})
}

// standsStill is how far time runs in a workflow of the skipping stack before it waits to be forwarded.
const standsStill = time.Second

// skipping runs API and worker in this process; the time of its workflows passes when a test forwards it.
func (a *stacks) skipping(t *testing.T) *stack.Stack {
	t.Helper()
	skip := grpc.WithChainUnaryInterceptor(temporal.SkipTime(func(string) time.Duration { return standsStill }))
	product := &stack.InProcess{API: []engine.Option{func(o *sdkclient.Options) {
		o.ConnectionOptions.DialOptions = append(o.ConnectionOptions.DialOptions, skip)
	}}}
	return a.get(t, "skipping", stack.Options{TimeSkipping: true, Product: product.Product})
}

func (a *stacks) get(t *testing.T, name string, o stack.Options) *stack.Stack {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, ok := a.running[name]; ok {
		return s
	}
	o.DataDir, o.WithoutUI = filepath.Join(a.dir, name), true
	s, err := stack.Start(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatalf("start the %s stack: %v", name, err)
	}
	a.running[name] = s
	return s
}

func (a *stacks) close() error {
	var errs []error
	for _, s := range a.running {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// loadContract reads the contract that the API was built from.
var loadContract = sync.OnceValues(func() (*contract.Contract, error) {
	document, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	return contract.Load(document)
})
