package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/compose/manifest"
)

// arguments are those of "podman create" and "podman run" for one container of a service; instances are counted from 1.
func (p Project) arguments(service string, instance int) ([]string, error) {
	s := p.File.Services[service]
	args := []string{"--network", p.network(), "--network-alias", service, "--label", "compose.project=" + p.File.Name, "--label", "compose.service=" + service}
	environment, err := p.environment(s)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		args = append(args, "--env", name+"="+environment[name])
	}
	for _, secret := range s.Secrets {
		args = append(args, "--volume", p.path(p.File.Secrets[secret].File)+":/run/secrets/"+secret+":ro")
	}
	for _, volume := range s.Volumes {
		args = append(args, "--volume", p.volume(volume))
	}
	for _, port := range s.Ports {
		published, err := publish(port, instance)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", service, err)
		}
		args = append(args, "--publish", published)
	}
	args = append(args, confinement(s)...)
	if s.HealthCheck != nil {
		health, err := healthArguments(*s.HealthCheck)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", service, err)
		}
		args = append(args, health...)
	}
	if s.Restart != "" {
		args = append(args, "--restart", s.Restart)
	}
	return args, nil
}

// confinement is what holds a container, and its end.
func confinement(s manifest.Service) []string {
	var args []string
	if s.ReadOnly {
		// Podman's own addition, writable /tmp and /run, is not in the file.
		args = append(args, "--read-only", "--read-only-tmpfs=false")
	}
	for _, capability := range s.CapDrop {
		args = append(args, "--cap-drop", capability)
	}
	for _, option := range s.SecurityOpt {
		args = append(args, "--security-opt", option)
	}
	grace := time.Duration(s.StopGracePeriod)
	if grace == 0 {
		grace = 10 * time.Second
	}
	args = append(args, "--stop-timeout", strconv.Itoa(int(grace.Seconds())))
	if s.StopSignal != "" {
		args = append(args, "--stop-signal", s.StopSignal)
	}
	if s.Logging != nil {
		args = append(args, "--log-driver", s.Logging.Driver)
		for _, name := range slices.Sorted(maps.Keys(s.Logging.Options)) {
			// Podman keeps one file; how many there are is for Docker.
			if name != "max-file" {
				args = append(args, "--log-opt", name+"="+s.Logging.Options[name])
			}
		}
	}
	return args
}

// environment are the variables of the files, and over them those of the service.
func (p Project) environment(s manifest.Service) (map[string]string, error) {
	out := map[string]string{}
	for _, file := range s.EnvFile {
		read, err := manifest.ReadEnv(p.path(file))
		if err != nil {
			return nil, err
		}
		maps.Copy(out, read)
	}
	maps.Copy(out, s.Environment)
	return out, nil
}

// volume takes paths of the file's folder to absolute ones and gives volumes the project's name.
func (p Project) volume(text string) string {
	source, rest, _ := strings.Cut(text, ":")
	if strings.HasPrefix(source, ".") {
		return p.path(source) + ":" + rest
	}
	return p.File.Name + "_" + source + ":" + rest
}

func (p Project) path(relative string) string { return filepath.Join(p.Dir, relative) }

// publish takes one port out of a range: the first instance the first, and so on.
func publish(text string, instance int) (string, error) {
	at := strings.LastIndex(text, ":")
	if at < 0 {
		return "", fmt.Errorf("port %q: want ADDRESS:PORT:PORT", text)
	}
	host, ports, err := net.SplitHostPort(text[:at])
	if err != nil {
		return "", fmt.Errorf("port %q: %w", text, err)
	}
	first, last, isRange := strings.Cut(ports, "-")
	from, err := strconv.Atoi(first)
	to := from
	if isRange {
		var bad error
		to, bad = strconv.Atoi(last)
		err = errors.Join(err, bad)
	}
	if err != nil {
		return "", fmt.Errorf("port %q: %w", text, err)
	}
	if from+instance-1 > to {
		return "", fmt.Errorf("port %q: there is none left for container %d", text, instance)
	}
	return net.JoinHostPort(host, strconv.Itoa(from+instance-1)) + text[at:], nil
}

// healthArguments leave the clock to this program: podman's needs systemd.
func healthArguments(h manifest.HealthCheck) ([]string, error) {
	if len(h.Test) < 2 {
		return nil, errors.New("healthcheck: want CMD or CMD-SHELL and what to run")
	}
	command := h.Test[1]
	if h.Test[0] == "CMD" {
		list, err := json.Marshal(h.Test[1:])
		if err != nil {
			return nil, err
		}
		command = string(list)
	}
	return []string{"--health-cmd", command, "--health-interval", "disable", "--health-timeout", time.Duration(h.Timeout).String()}, nil
}
