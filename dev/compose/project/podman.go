package project

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Podman runs podman with settings and a storage of its own.
type Podman struct {
	// Dir keeps settings, images and containers.
	Dir string
	// Hosts are lines of /etc/hosts in every container: what a name server would say.
	Hosts []string
}

// Prepare writes the settings. Limits are given because a machine's hard limits may be lower than podman's defaults and cannot be raised;
// cgroups are managed without systemd.
func (p Podman) Prepare() error {
	files := map[string]string{
		"hosts": "127.0.0.1 localhost\n" + strings.Join(p.Hosts, "\n") + "\n",
		"containers.conf": fmt.Sprintf("[containers]\ndefault_ulimits = [\"nofile=4096:4096\", \"nproc=4096:4096\"]\nbase_hosts_file = %q\n"+
			"[engine]\nruntime = \"runc\"\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n"+
			"[network]\nnetwork_backend = \"netavark\"\nnetwork_config_dir = %q\n", p.path("hosts"), p.path("networks")),
		"storage.conf":    fmt.Sprintf("[storage]\ndriver = \"overlay\"\ngraphroot = %q\nrunroot = %q\n", p.path("storage"), p.path("run")),
		"registries.conf": "unqualified-search-registries = [\"docker.io\"]\n",
	}
	for name, content := range files {
		if err := os.MkdirAll(p.Dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p.path(name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (p Podman) path(name string) string { return filepath.Join(p.Dir, name) }

// Command is podman with arguments.
func (p Podman) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "podman", args...)
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+p.path("containers.conf"), "CONTAINERS_STORAGE_CONF="+p.path("storage.conf"),
		"CONTAINERS_REGISTRIES_CONF="+p.path("registries.conf"))
	return cmd
}

// Run gives what podman prints; an error has what it complains of.
func (p Podman) Run(ctx context.Context, args ...string) (string, error) {
	var out, complaint bytes.Buffer
	cmd := p.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("podman %s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, strings.TrimSpace(complaint.String()+out.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// Stream runs podman and passes on what it prints.
func (p Podman) Stream(ctx context.Context, out, errOut io.Writer, args ...string) error {
	cmd := p.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = out, errOut
	return cmd.Run()
}
