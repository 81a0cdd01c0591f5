package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// prepare makes sure that the cluster exists and nobody runs it, and returns the binaries that fit it.
func prepare(ctx context.Context, h home, acct account, binDir string) (installation, error) {
	raw, err := os.ReadFile(filepath.Join(h.cluster(), "PG_VERSION"))
	if err != nil {
		inst, err := findInstallation(ctx, binDir, 0)
		if err != nil {
			return installation{}, err
		}
		return inst, initialise(ctx, inst, h, acct)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return installation{}, fmt.Errorf("PG_VERSION of the cluster: %w", err)
	}
	if err := stopStale(h.cluster()); err != nil {
		return installation{}, err
	}
	return findInstallation(ctx, binDir, major)
}

// initialise works in a folder beside the cluster and renames it when done, so that an interrupted run leaves no half cluster.
func initialise(ctx context.Context, inst installation, h home, acct account) error {
	fresh := h.cluster() + ".new"
	if err := errors.Join(os.RemoveAll(fresh), os.RemoveAll(h.cluster())); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(inst.dir, "initdb"), "-D", fresh, "-U", User, "--pwfile", h.password(),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	cmd.SysProcAttr, cmd.Dir, cmd.Env = acct.procAttr(), string(h), []string{"PATH=" + inst.dir, "LC_ALL=C"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(fresh, h.cluster())
}

// settings keep a server for one person small, and its data safe: fsync stays on.
func settings(port int, more []string) []string {
	pairs := []string{"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories=", "fsync=on",
		"shared_buffers=128MB", "max_connections=200", "max_wal_size=512MB", "checkpoint_timeout=15min", "wal_compression=on",
		"jit=off", "autovacuum_naptime=5min", "timezone=UTC", "log_timezone=UTC", "logging_collector=off", "log_min_messages=warning"}
	var args []string
	for _, pair := range append(pairs, more...) {
		args = append(args, "-c", pair)
	}
	return args
}

func launch(inst installation, h home, acct account, settings []string, logFile string) (*supervise.Child, error) {
	if err := os.MkdirAll(filepath.Dir(logFile), 0o755); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(filepath.Join(inst.dir, "postgres"), append([]string{"-D", h.cluster()}, settings...)...)
	cmd.SysProcAttr, cmd.Dir, cmd.Env = acct.procAttr(), string(h), []string{"LC_ALL=C", "TZ=UTC"}
	cmd.Stdout, cmd.Stderr = log, log
	return supervise.Spawn(cmd, syscall.SIGINT)
}
