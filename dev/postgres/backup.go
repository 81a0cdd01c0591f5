package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Run runs a program of the server's installation, such as pg_dump, as the server's account.
func (c *Cluster) Run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.installation.dir, program), args...)
	cmd.SysProcAttr, cmd.Dir, cmd.Env = c.account.procAttr(), string(c.home), []string{"PATH=" + c.installation.dir, "LC_ALL=C"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Home is the folder of the cluster, which the server's account may write to.
func (c *Cluster) Home() string { return string(c.home) }

// BaseBackup copies the running cluster into the backup that Recover starts from.
func (c *Cluster) BaseBackup(ctx context.Context) error {
	return c.Run(ctx, "pg_basebackup", "--pgdata", c.home.backup(), "--dbname", c.URL("postgres"), "--checkpoint", "fast")
}

func (h home) backup() string { return filepath.Join(string(h), "backup") }

// Recover puts the base backup in the place of a cluster that does not run, and replays the archive of its write-ahead log up to the
// restore point of that name. The cluster is stopped when it returns.
func Recover(ctx context.Context, opts Options, archive, point string) error {
	acct, err := serverAccount()
	if err != nil {
		return err
	}
	h, err := openHome(opts.DataDir, acct)
	if err != nil {
		return err
	}
	if err := stopStale(h.cluster()); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(h.cluster()), os.Rename(h.backup(), h.cluster())); err != nil {
		return err
	}
	signal := filepath.Join(h.cluster(), "recovery.signal")
	if err := errors.Join(os.WriteFile(signal, nil, 0o600), acct.own(signal)); err != nil {
		return err
	}
	opts.Settings = append(opts.Settings, "restore_command=cp "+archive+"/%f %p", "recovery_target_name="+point, "recovery_target_action=promote")
	c, err := Start(ctx, opts)
	if err != nil {
		return err
	}
	return errors.Join(c.promoted(ctx), c.Close())
}

// promoted waits for the end of a recovery.
func (c *Cluster) promoted(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for recovering := true; recovering; {
		if err := conn.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&recovering); err != nil {
			return fmt.Errorf("recover: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil
}
