package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/compose/manifest"
)

// Project is one Compose file with its containers.
type Project struct {
	Podman Podman
	File   manifest.File
	// Dir is the folder of the file.
	Dir string
	// Out is told what is done; images are built with BuildArguments beside those of the file.
	Out            io.Writer
	BuildArguments []string
}

// Open reads docker-compose.yml of a folder.
func Open(dir string, podman Podman, out io.Writer) (Project, error) {
	environment := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		environment[name] = value
	}
	f, err := manifest.Load(filepath.Join(dir, "docker-compose.yml"), environment)
	return Project{Podman: podman, File: f, Dir: dir, Out: out}, err
}

func (p Project) network() string { return p.File.Name + "_default" }

// Container is the name of a service's container; instances are counted from 1.
func (p Project) Container(service string, instance int) string {
	return fmt.Sprintf("%s-%s-%d", p.File.Name, service, instance)
}

func (p Project) say(format string, args ...any) { _, _ = fmt.Fprintf(p.Out, format+"\n", args...) }

// Build builds the images that have a build section, each once.
func (p Project) Build(ctx context.Context) error {
	var done []string
	for _, name := range p.File.Order() {
		s := p.File.Services[name]
		if s.Build == nil || slices.Contains(done, s.Image) {
			continue
		}
		args := []string{"build", "--tag", s.Image}
		for _, arg := range slices.Sorted(maps.Keys(s.Build.Args)) {
			args = append(args, "--build-arg", arg+"="+s.Build.Args[arg])
		}
		args = append(append(args, p.BuildArguments...), p.path(s.Build.Context))
		if err := p.Podman.Stream(ctx, p.Out, p.Out, args...); err != nil {
			return fmt.Errorf("build %s: %w", s.Image, err)
		}
		done = append(done, s.Image)
	}
	return nil
}

// Up starts every service with what it waits for, as many containers as scale says (one when it says nothing), and waits until all are
// healthy.
func (p Project) Up(ctx context.Context, scale map[string]int) error {
	if err := p.makeNetwork(ctx); err != nil {
		return err
	}
	for _, name := range p.File.Order() {
		for other, on := range p.File.Services[name].DependsOn {
			if err := p.await(ctx, other, on.Condition); err != nil {
				return fmt.Errorf("%s waits for %s: %w", name, other, err)
			}
		}
		for instance := 1; instance <= max(1, scale[name]); instance++ {
			if err := p.start(ctx, name, instance); err != nil {
				return err
			}
		}
	}
	for _, name := range p.File.Order() {
		if p.File.Services[name].HealthCheck == nil {
			continue
		}
		for instance := 1; instance <= max(1, scale[name]); instance++ {
			if err := p.AwaitHealthy(ctx, name, instance); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p Project) makeNetwork(ctx context.Context) error {
	if _, err := p.Podman.Run(ctx, "network", "exists", p.network()); err == nil {
		return nil
	}
	args := []string{"network", "create"}
	for _, subnet := range p.File.Networks["default"].IPAM.Config {
		args = append(args, "--subnet", subnet.Subnet, "--gateway", subnet.Gateway)
	}
	_, err := p.Podman.Run(ctx, append(args, p.network())...)
	return err
}

// start creates a container unless it is there, and starts it unless it runs.
func (p Project) start(ctx context.Context, service string, instance int) error {
	name, s := p.Container(service, instance), p.File.Services[service]
	state, err := p.Podman.Run(ctx, "inspect", "--format", "{{.State.Status}}", name)
	if err != nil {
		args, err := p.arguments(service, instance)
		if err != nil {
			return err
		}
		args = append([]string{"create", "--name", name}, args...)
		if _, err := p.Podman.Run(ctx, append(args, p.program(s, s.Command)...)...); err != nil {
			return err
		}
	}
	if state == "running" {
		return nil
	}
	p.say("start %s", name)
	_, err = p.Podman.Run(ctx, "start", name)
	return err
}

// program is image and command, with an entrypoint of several words.
func (p Project) program(s manifest.Service, command []string) []string {
	if len(s.Entrypoint) == 0 {
		return append([]string{s.Image}, command...)
	}
	return append(append([]string{"--entrypoint", s.Entrypoint[0], s.Image}, s.Entrypoint[1:]...), command...)
}

// Once runs a service's image once beside it, with other arguments, and without ports and restarts.
func (p Project) Once(ctx context.Context, out io.Writer, service string, command []string) error {
	s := p.File.Services[service]
	s.Ports, s.Restart, s.HealthCheck = nil, "", nil
	alone := p
	alone.File.Services = maps.Clone(p.File.Services)
	alone.File.Services[service] = s
	args, err := alone.arguments(service, 1)
	if err != nil {
		return err
	}
	return p.Podman.Stream(ctx, out, out, append(append([]string{"run", "--rm"}, args...), p.program(s, command)...)...)
}

// patience is how long a container may take to be healthy or to complete.
const patience = 5 * time.Minute

func (p Project) await(ctx context.Context, service, condition string) error {
	if condition == manifest.Healthy {
		return p.AwaitHealthy(ctx, service, 1)
	}
	return p.poll(ctx, func() (bool, error) {
		text, err := p.Podman.Run(ctx, "inspect", "--format", "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}", p.Container(service, 1))
		if err != nil {
			return false, err
		}
		var status string
		var code, restarts int
		if _, err := fmt.Sscan(text, &status, &code, &restarts); err != nil {
			return false, err
		}
		if status != "exited" || code != 0 {
			most, limited := strings.CutPrefix(p.File.Services[service].Restart, "on-failure:")
			if n, err := strconv.Atoi(most); limited && err == nil && restarts >= n && status == "exited" {
				return false, fmt.Errorf("%s ended with %d: %s", service, code, p.Logs(ctx, service, 1))
			}
		}
		return status == "exited" && code == 0, nil
	})
}

// AwaitHealthy asks a container's health check until it is well.
func (p Project) AwaitHealthy(ctx context.Context, service string, instance int) error {
	var last error
	err := p.poll(ctx, func() (bool, error) {
		last = p.Healthy(ctx, service, instance)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%s is not healthy: %w; its log: %s", service, errors.Join(err, last), p.Logs(ctx, service, instance))
	}
	return nil
}

// Healthy asks a container's health check once.
func (p Project) Healthy(ctx context.Context, service string, instance int) error {
	_, err := p.Podman.Run(ctx, "healthcheck", "run", p.Container(service, instance))
	return err
}

// Logs are the last lines that a container wrote.
func (p Project) Logs(ctx context.Context, service string, instance int) string {
	var b strings.Builder
	_ = p.Podman.Stream(ctx, &b, &b, "logs", "--tail", "30", p.Container(service, instance))
	return b.String()
}

func (p Project) poll(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// containers are those of the project, all of them with stopped ones.
func (p Project) containers(ctx context.Context) ([]string, error) {
	out, err := p.Podman.Run(ctx, "ps", "--all", "--filter", "label=compose.project="+p.File.Name, "--format", "{{.Names}}")
	return strings.Fields(out), err
}

// Stop ends the containers of services, all of them when none is named: those that others wait for last.
func (p Project) Stop(ctx context.Context, services ...string) error {
	names, err := p.containers(ctx)
	if err != nil {
		return err
	}
	for _, service := range slices.Backward(p.File.Order()) {
		if len(services) > 0 && !slices.Contains(services, service) {
			continue
		}
		for instance := 1; ; instance++ {
			name := p.Container(service, instance)
			if !slices.Contains(names, name) {
				break
			}
			p.say("stop %s", name)
			if _, err := p.Podman.Run(ctx, "stop", name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Down removes containers, network and volumes.
func (p Project) Down(ctx context.Context) error {
	names, err := p.containers(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		_, err := p.Podman.Run(ctx, "rm", "--force", "--time", "1", name)
		errs = append(errs, err)
	}
	for volume := range p.File.Volumes {
		_, err := p.Podman.Run(ctx, "volume", "rm", "--force", p.File.Name+"_"+volume)
		errs = append(errs, err)
	}
	_, err = p.Podman.Run(ctx, "network", "rm", "--force", p.network())
	return errors.Join(append(errs, err)...)
}
