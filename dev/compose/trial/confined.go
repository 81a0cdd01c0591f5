package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// inspected is what is read of "podman inspect".
type inspected struct {
	State  struct{ Pid int }
	Config struct {
		User        string
		StopTimeout uint
		Env         []string
	}
	HostConfig struct {
		ReadonlyRootfs bool
		CapDrop        []string
		SecurityOpt    []string
		LogConfig      struct{ Size string }
		RestartPolicy  struct{ Name string }
	}
	RestartCount  int
	EffectiveCaps []string
}

func (t *Trial) inspect(ctx context.Context, service string, instance int) (inspected, error) {
	text, err := t.Podman.Run(ctx, "inspect", t.project.Container(service, instance))
	if err != nil {
		return inspected{}, err
	}
	var list []inspected
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 {
		return inspected{}, fmt.Errorf("podman inspect: %w", err)
	}
	return list[0], nil
}

// confined holds each running container against the file: what the kernel says of the process counts, not what was asked for.
func (t *Trial) confined(ctx context.Context) error {
	for service, uid := range map[string]string{"postgres": "999", "temporal": "1000", "temporal-ui": "1000", "api": "65532", "worker": "65532"} {
		in, err := t.inspect(ctx, service, 1)
		if err != nil {
			return err
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", in.State.Pid))
		if err != nil {
			return err
		}
		if got := field(status, "Uid"); got != uid {
			return fmt.Errorf("%s runs as user %s", service, got)
		}
		wanted := t.project.File.Services[service]
		if len(wanted.CapDrop) > 0 && strings.Trim(field(status, "CapEff")+field(status, "CapBnd"), "0") != "" {
			return fmt.Errorf("%s has capabilities %s", service, field(status, "CapBnd"))
		}
		if len(wanted.SecurityOpt) > 0 && field(status, "NoNewPrivs") != "1" {
			return fmt.Errorf("%s may gain privileges", service)
		}
		if wanted.ReadOnly {
			if err := t.readOnly(in.State.Pid); err != nil {
				return fmt.Errorf("%s: %w", service, err)
			}
		}
		if in.HostConfig.LogConfig.Size != "10MB" && in.HostConfig.LogConfig.Size != "10m" {
			return fmt.Errorf("%s: its log may grow to %q", service, in.HostConfig.LogConfig.Size)
		}
		if i := slices.IndexFunc(in.Config.Env, func(e string) bool { return strings.Contains(e, "PASSWORD=") || strings.Contains(e, "_PWD=") }); i >= 0 {
			return fmt.Errorf("%s: a password stands in its environment", service)
		}
	}
	return t.modes()
}

// readOnly looks into the mounts of a process.
func (t *Trial) readOnly(pid int) error {
	mounts, err := os.ReadFile(fmt.Sprintf("/proc/%d/mounts", pid))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[1] == "/" && !slices.Contains(strings.Split(fields[3], ","), "ro") {
			return fmt.Errorf("its root is writable: %s", fields[3])
		}
	}
	return nil
}

// modes are those of the secrets on the host: nobody but their reader.
func (t *Trial) modes() error {
	dir := filepath.Join(t.Site.Dir, "deploy/secrets")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if public := strings.HasSuffix(entry.Name(), "_ca"); !public && info.Mode().Perm()&0o007 != 0 {
			return fmt.Errorf("secret %s is open to everybody: %s", entry.Name(), info.Mode())
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 && !strings.HasSuffix(entry.Name(), "_ca") {
			return fmt.Errorf("secret %s still belongs to root", entry.Name())
		}
	}
	return nil
}

// field is the first value of a line of /proc/PID/status.
func field(status []byte, name string) string {
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				return fields[0]
			}
		}
	}
	return ""
}
