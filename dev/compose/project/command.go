package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Main is "docker compose" with arguments, and "docker run". What it does not know it refuses.
func Main(ctx context.Context, podman Podman, open func() (Project, error), args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "run" {
		return podman.Stream(ctx, out, out, args...)
	}
	if len(args) < 2 || args[0] != "compose" {
		return errors.New("want docker compose build, up, run, exec, stop, ps or down, or docker run")
	}
	p, err := open()
	if err != nil {
		return err
	}
	rest := args[2:]
	switch args[1] {
	case "build":
		return p.Build(ctx)
	case "up":
		scale, err := upFlags(rest)
		if err != nil {
			return err
		}
		return p.Up(ctx, scale)
	case "run":
		service, command, err := onceFlags(rest)
		if err != nil {
			return err
		}
		return p.Once(ctx, out, service, command)
	case "exec":
		if len(rest) < 2 {
			return errors.New("exec: want a service and a command")
		}
		return podman.Stream(ctx, out, out, append([]string{"exec", p.Container(rest[0], 1)}, rest[1:]...)...)
	case "stop":
		return p.Stop(ctx, rest...)
	case "ps":
		return podman.Stream(ctx, out, out, "ps", "--all", "--filter", "label=compose.project="+p.File.Name)
	case "down":
		return p.Down(ctx)
	default:
		return fmt.Errorf("docker compose %s is not known here", args[1])
	}
}

func upFlags(args []string) (map[string]int, error) {
	scale := map[string]int{}
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--detach" || args[i] == "--wait":
		case args[i] == "--scale" && i+1 < len(args):
			i++
			service, text, _ := strings.Cut(args[i], "=")
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("--scale %s: want SERVICE=NUMBER", args[i])
			}
			scale[service] = n
		default:
			return nil, fmt.Errorf("up %s is not known here", args[i])
		}
	}
	return scale, nil
}

func onceFlags(args []string) (service string, command []string, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args[0] != "--rm" && args[0] != "--no-deps" {
			return "", nil, fmt.Errorf("run %s is not known here", args[0])
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return "", nil, errors.New("run: want a service")
	}
	return args[0], args[1:], nil
}
