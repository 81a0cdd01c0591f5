package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// packed builds the package of a version from a program that only says who it is.
func packed(t *testing.T, version string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("building the packager takes a while")
	}
	dir := t.TempDir()
	program, file := filepath.Join(dir, "program"), filepath.Join(dir, "issuance.deb")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho "+version+"\n"), 0o755)) //nolint:gosec // it has to be executable
	cmd := exec.CommandContext(t.Context(), "go", "tool", "-modfile=tools/packaging/go.mod", "nfpm", "package", "--config", "deploy/deb/nfpm.yaml",
		"--packager", "deb", "--target", file)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOWORK=off", "PROGRAM="+program, "VERSION="+version, "ARCH=amd64")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return file
}

// machine is a folder that dpkg takes for the root of a machine.
type machine struct {
	t    *testing.T
	root string
}

func newMachine(t *testing.T) machine {
	t.Helper()
	for _, tool := range []string{"dpkg", "systemd-sysusers", "systemd-tmpfiles"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed: the package is tried out on Debian")
		}
	}
	if os.Getuid() != 0 {
		t.Skip("packages are installed by root")
	}
	m := machine{t, t.TempDir()}
	for _, dir := range []string{"var/lib/dpkg/updates", "var/lib/dpkg/info", "etc"} {
		require.NoError(t, os.MkdirAll(filepath.Join(m.root, dir), 0o755))
	}
	write(t, filepath.Join(m.root, "var/lib/dpkg/status"), "")
	return m
}

// dpkg runs it on the machine; the packages that ours depends on are those of the machine that tests.
func (m machine) dpkg(args ...string) string {
	m.t.Helper()
	all := append([]string{"--root=" + m.root, "--force-script-chrootless", "--force-depends", "--log=/dev/null"}, args...)
	out, err := exec.CommandContext(m.t.Context(), "dpkg", all...).CombinedOutput()
	require.NoError(m.t, err, string(out))
	return string(out)
}

func (m machine) path(name string) string { return filepath.Join(m.root, name) }

func TestDebianPackageIsInstalledUpgradedAndRemoved(t *testing.T) {
	m := newMachine(t)
	out := m.dpkg("--install", packed(t, "1.2.3~rc1"))
	require.Contains(t, out, "write /etc/issuance/issuance.env")
	users, err := os.ReadFile(m.path("etc/passwd"))
	require.NoError(t, err)
	require.Regexp(t, `(?m)^issuance:[^:]*:\d+:\d+:Remote issuance:/var/lib/issuance:/usr/sbin/nologin$`, string(users))
	for path, mode := range map[string]os.FileMode{
		"usr/bin/issuance": 0o755, "etc/issuance/secrets": 0o700 | os.ModeDir, "etc/issuance/ca": 0o750 | os.ModeDir,
		"var/lib/issuance/trust": 0o750 | os.ModeDir, "etc/issuance/tariff.json": 0o644,
	} {
		info, err := os.Stat(m.path(path))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode(), path)
	}
	for name := range units(t) {
		require.FileExists(t, m.path("usr/lib/systemd/system/issuance-"+name+".service"))
	}
	require.NoFileExists(t, m.path("etc/issuance/issuance.env"), "a sample is no configuration")
	links, err := filepath.Glob(m.path("etc/systemd/system/*.wants/*"))
	require.NoError(t, err)
	require.Empty(t, links, "nothing is enabled")

	write(t, m.path("etc/issuance/tariff.json"), "[]")
	write(t, m.path("etc/issuance/issuance.env"), "PRODUCTION=true\n")
	write(t, m.path("etc/issuance/secrets/master_keys"), "secret")
	out = m.dpkg("--install", packed(t, "1.2.3"))
	require.Contains(t, out, "upgraded from 1.2.3~rc1")
	said, err := exec.CommandContext(t.Context(), m.path("usr/bin/issuance")).Output()
	require.NoError(t, err)
	require.Equal(t, "1.2.3\n", string(said))
	ours, err := os.ReadFile(m.path("etc/issuance/tariff.json"))
	require.NoError(t, err)
	require.Equal(t, "[]", strings.TrimSpace(string(ours)), "the operator's prices stay")

	m.dpkg("--remove", "issuance")
	require.NoFileExists(t, m.path("usr/bin/issuance"))
	require.FileExists(t, m.path("etc/issuance/tariff.json"))
	require.Contains(t, m.dpkg("--purge", "issuance"), "/etc/issuance is left")
	require.NoFileExists(t, m.path("etc/issuance/tariff.json"))
	require.FileExists(t, m.path("etc/issuance/secrets/master_keys"), "keys are never deleted")
}

func TestNoUnitStartsBeforeItIsConfigured(t *testing.T) {
	for name, u := range units(t) {
		require.Equal(t, []string{"/etc/issuance/issuance.env"}, u["Unit"]["ConditionPathExists"], name)
		require.Equal(t, []string{"/etc/issuance/issuance.env"}, u["Service"]["EnvironmentFile"], name)
	}
}
