// Command compose starts docker-compose.yml for real and tries it out: podman
// runs the unchanged file and Dockerfile on stand-ins for the official images,
// the installation chapter of docs/operations.md says what to do, and package
// trial what is looked at. Everything runs in a network namespace of its own, so
// that neither ports nor filters of the machine are touched. It wants root,
// Linux, and Debian's packages podman, runc, netavark, aardvark-dns, iptables,
// iproute2 and mmdebstrap.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/remote-issuance/remote-issuance/dev/compose/project"
	"github.com/remote-issuance/remote-issuance/dev/compose/site"
	"github.com/remote-issuance/remote-issuance/dev/compose/standin"
	"github.com/remote-issuance/remote-issuance/dev/compose/trial"
)

// The environment tells a copy of this program what it is.
const (
	variableData = "COMPOSE_TEST_DATA"
	// inside is the copy in the network namespace, docker the one that the chapter's blocks call.
	inside, docker = "inside", "docker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	data := os.Getenv(variableData)
	if data != "" && len(args) > 0 && args[0] == docker {
		return runDocker(ctx, data, args[1:])
	}
	if data != "" && len(args) > 0 && args[0] == inside {
		return runInside(ctx, data)
	}
	flags := flag.NewFlagSet("compose", flag.ContinueOnError)
	flags.StringVar(&data, "data", "data/compose", "folder that keeps images and the site")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errors.Join(err, flag.ErrHelp)
	}
	data, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	if err := able(ctx); err != nil {
		if os.Getenv("CI") != "true" {
			return err
		}
		fmt.Println("skipped: containers cannot run here:", err)
		return nil
	}
	return runOutside(ctx, data)
}

// podman has its settings and its storage in the data folder.
func podman(data string) project.Podman {
	return project.Podman{Dir: filepath.Join(data, "podman"), Hosts: site.Hosts()}
}

// able says why containers cannot run on this machine.
func able(ctx context.Context) error {
	if os.Getuid() != 0 {
		return errors.New("only root makes network namespaces and images of whole systems")
	}
	var missing []string
	for program, name := range map[string]string{
		"podman": "podman", "runc": "runc", "/usr/lib/podman/netavark": "netavark", "/usr/lib/podman/aardvark-dns": "aardvark-dns",
		"iptables": "iptables", "ip": "iproute2", "mmdebstrap": "mmdebstrap",
	} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("install Debian's packages %s", strings.Join(missing, " "))
	}
	for _, probe := range [][]string{{"ip", "link", "set", "lo", "up"}, {"iptables", "-t", "nat", "-L", "-n"}} {
		if out, err := namespaced(ctx, probe[0], probe[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s in a network namespace: %w: %s", strings.Join(probe, " "), err, out)
		}
	}
	return nil
}

// namespaced is a command in a network namespace of its own.
func namespaced(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd
}

// runOutside does what needs the network: the stand-ins. The rest is for the copy inside.
func runOutside(ctx context.Context, data string) error {
	made := filepath.Join(data, "made")
	if err := os.MkdirAll(made, 0o755); err != nil {
		return err
	}
	p := podman(data)
	if err := p.Prepare(); err != nil {
		return err
	}
	download := exec.CommandContext(ctx, "go", "mod", "download")
	download.Env = append(os.Environ(), "GOWORK=off")
	if out, err := download.CombinedOutput(); err != nil {
		return fmt.Errorf("go mod download: %w: %s", err, out)
	}
	if err := (standin.Builder{Podman: p, Module: "dev", Dir: made, Out: os.Stdout}).Build(ctx); err != nil {
		return err
	}
	fmt.Println("The images of the composition are stand-ins; beside the official ones they differ in:")
	for _, difference := range standin.Differences() {
		fmt.Println("  " + difference)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := namespaced(ctx, self, inside)
	cmd.Env = append(os.Environ(), variableData+"="+data, "GOPROXY=file:///modules")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// runInside follows the chapter.
func runInside(ctx context.Context, data string) (err error) {
	if out, err := exec.CommandContext(ctx, "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip: %w: %s", err, out)
	}
	checkout, err := os.Getwd()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tools := filepath.Join(data, "tools")
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' docker \"$@\"\n", self)
	if err := errors.Join(os.MkdirAll(tools, 0o755), os.WriteFile(filepath.Join(tools, docker), []byte(script), 0o755)); err != nil {
		return err
	}
	s, err := site.Open(ctx, checkout, filepath.Join(data, "site"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	t := &trial.Trial{Podman: podman(data), Site: s, Tools: tools, Out: os.Stdout}
	defer func() {
		p, openErr := project.Open(s.Dir, podman(data), os.Stdout)
		if openErr == nil {
			openErr = p.Down(context.WithoutCancel(ctx))
		}
		err = errors.Join(err, openErr)
	}()
	return t.Run(ctx)
}

// runDocker is "docker" for the blocks of the chapter.
func runDocker(ctx context.Context, data string, args []string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	open := func() (project.Project, error) {
		p, err := project.Open(dir, podman(data), os.Stdout)
		if err != nil {
			return p, err
		}
		p.BuildArguments, err = mounts(ctx)
		return p, err
	}
	return project.Main(ctx, podman(data), open, args, os.Stdout)
}

// mounts give the stand-in of golang what the official image has in it, and what it would fetch.
func mounts(ctx context.Context) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 3 {
		return nil, fmt.Errorf("go env: %q", out)
	}
	return []string{
		"--network", "none", "--volume", lines[0] + ":/usr/local/go:ro", "--volume", filepath.Join(lines[1], "cache/download") + ":/modules:ro",
		"--volume", lines[2] + ":/root/.cache/go-build",
	}, nil
}
