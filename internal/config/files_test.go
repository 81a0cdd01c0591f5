package config_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// What an operator has to mend differs by the cause, so the cause is named.
func TestTheCauseOfAFileThatCannotBeReadIsNamed(t *testing.T) {
	dir, empty, secret := t.TempDir(), file(t, "empty", "\n"), file(t, "url", "postgres://u:p@db/issuance")
	for path, want := range map[string]string{
		"/none":         `DATABASE_URL_FILE: there is no file "/none"`,
		empty:           fmt.Sprintf("DATABASE_URL_FILE: file %q is empty, and the secret is required", empty),
		dir:             fmt.Sprintf("DATABASE_URL_FILE: file %q cannot be read: is a directory", dir),
		secret + "/sub": fmt.Sprintf("DATABASE_URL_FILE: file %q cannot be read: not a directory", secret+"/sub"),
	} {
		env := common(t)
		delete(env, "DATABASE_URL")
		env["DATABASE_URL_FILE"] = path
		_, err := config.LoadMigrate(env)
		require.Equal(t, []string{want}, problems(t, err))
	}
	_, err := config.LoadWorker(with(workerEnv(t), map[string]string{"TRUST_DIR": secret, "AUDIT_KEY_FILE": dir}))
	require.Equal(t, []string{fmt.Sprintf("AUDIT_KEY_FILE: %q is not a file", dir), fmt.Sprintf("TRUST_DIR: %q is not a directory", secret)}, problems(t, err))
}

// Compose mounts a file for each secret of a service: one that an installation does not have is an empty file.
func TestAnEmptySecretFileIsASecretThatIsNotThere(t *testing.T) {
	none := file(t, "none", "\n")
	c, err := config.LoadWorker(with(workerEnv(t), map[string]string{"SMTP_PASSWORD_FILE": none, "SMS_PASSWORD_FILE": none, "ASSIST_PASSWORD_FILE": none}))
	require.NoError(t, err)
	require.False(t, c.SMTP.Password.Set())
	_, err = config.LoadWorker(with(workerEnv(t), map[string]string{"SMTP_USER": "u", "SMTP_PASSWORD_FILE": none}))
	require.Equal(t, []string{"SMTP_PASSWORD: it is required with SMTP_USER"}, problems(t, err))
}

// Root may read everything, so this runs as somebody else: the test starts itself anew.
func TestAFileOfSomebodyElseIsToldFromAMissingOne(t *testing.T) {
	path := "/etc/shadow"
	if os.Getuid() == 0 {
		path = os.Getenv("FILE_OF_ROOT")
	}
	if path == "" {
		asNobody(t)
		return
	}
	env := common(t)
	delete(env, "DATABASE_URL")
	env["DATABASE_URL_FILE"], env["TEMPORAL_TLS_CA"] = path, path
	_, err := config.LoadMigrate(env)
	require.Equal(t, []string{
		fmt.Sprintf("DATABASE_URL_FILE: user %d may not read file %q: permission denied", os.Getuid(), path),
		fmt.Sprintf("TEMPORAL_TLS_CA: user %d may not read file %q: permission denied", os.Getuid(), path),
	}, problems(t, err))
}

// asNobody runs the calling test as user 65534, who has only what is given here.
func asNobody(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "nobody") //nolint:usetesting // nobody may not enter the test's own folder
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	program := filepath.Join(dir, "test")
	self, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, self, 0o755))                 //nolint:gosec // nobody has to start it
	require.NoError(t, os.Chmod(dir, 0o755))                               //nolint:gosec // and to find it
	cmd := exec.Command(program, "-test.run", "^"+t.Name()+"$", "-test.v") //nolint:gosec // ourselves
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: "+t.Name(), "it ran")
}
