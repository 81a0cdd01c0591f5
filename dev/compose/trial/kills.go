package trial

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// kills ends each container as kill -9 does, with an order across each end.
func (t *Trial) kills(ctx context.Context) {
	for _, service := range []string{"api", "worker", "postgres", "temporal", "temporal-ui"} {
		t.try("kill -9 of "+service+" with an order waiting", func() error {
			return t.individual(ctx, func(ctx context.Context) error {
				if err := t.kill(ctx, service); err != nil {
					return err
				}
				return t.recovered(ctx, service)
			})
		})
	}
}

// kill is told to the process, not to podman, which would take it for the operator's wish.
func (t *Trial) kill(ctx context.Context, service string) error {
	text, err := t.Podman.Run(ctx, "inspect", "--format", "{{.State.Pid}}", t.project.Container(service, 1))
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(text)
	if err != nil || pid <= 1 || pid == os.Getpid() {
		return fmt.Errorf("%s does not run: process id %q", service, text)
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// recovered waits until the container runs again by its restart policy, and everything is well.
func (t *Trial) recovered(ctx context.Context, service string) error {
	// The end has to be seen before the health: the first probe may reach what is dying.
	time.Sleep(time.Second)
	for _, name := range []string{service, "postgres", "temporal", "api", "worker"} {
		if err := t.project.AwaitHealthy(ctx, name, 1); err != nil {
			return err
		}
	}
	return nil
}

// stops ends one API and one worker as a deploy does: within the grace, with 0, and without holding waiting callers.
func (t *Trial) stops(ctx context.Context) {
	t.try("fault 17: a long wait does not hold the stop", func() error {
		p, err := t.Site.NewIndividual()
		if err != nil {
			return err
		}
		o, err := p.Open(ctx, "6.0.00")
		if err != nil {
			return err
		}
		t.Site.Serve("127.0.0.1:8081")
		answered := make(chan error, 1)
		go func() {
			answered <- p.Get(ctx, fmt.Sprintf("/v1/orders/%s?wait=55s&after=%d", o.ID, o.Version), &o)
		}()
		time.Sleep(2 * time.Second)
		took, err := t.stop(ctx, "api", 2)
		if err != nil {
			return err
		}
		t.Site.Serve("127.0.0.1:8080")
		select {
		case err := <-answered:
			if err != nil {
				return fmt.Errorf("the waiting caller: %w", err)
			}
		case <-time.After(5 * time.Second):
			return fmt.Errorf("the waiting caller got no answer, the stop took %s", took)
		}
		if took > 10*time.Second {
			return fmt.Errorf("the stop took %s", took)
		}
		return nil
	})
	t.try("a worker stops within its grace", func() error {
		took, err := t.stop(ctx, "worker", 2)
		if err == nil && took > 30*time.Second {
			err = fmt.Errorf("the stop took %s", took)
		}
		return err
	})
}

// stop stops a container and tells how long that took; it has to end with 0.
func (t *Trial) stop(ctx context.Context, service string, instance int) (time.Duration, error) {
	began, name := time.Now(), t.project.Container(service, instance)
	if _, err := t.Podman.Run(ctx, "stop", name); err != nil {
		return 0, err
	}
	took := time.Since(began)
	code, err := t.Podman.Run(ctx, "inspect", "--format", "{{.State.ExitCode}}", name)
	if err == nil && code != "0" {
		err = fmt.Errorf("%s ended with %s: %s", name, code, t.project.Logs(ctx, service, instance))
	}
	return took, err
}

// ended looks at how everything ended at the operator's stop.
func (t *Trial) ended(ctx context.Context) error {
	for _, service := range []string{"postgres", "temporal", "api", "worker"} {
		text, err := t.Podman.Run(ctx, "inspect", "--format", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}", t.project.Container(service, 1))
		if err != nil {
			return err
		}
		if text != "exited 0 false" {
			return fmt.Errorf("%s: %s", service, text)
		}
	}
	return nil
}
