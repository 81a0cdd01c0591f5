package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unit is a service file: section, then key, then the values in order.
type unit map[string]map[string][]string

func readUnit(t *testing.T, path string) unit {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	u, section := unit{}, ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
			u[section] = map[string][]string{}
		default:
			key, value, ok := strings.Cut(line, "=")
			require.True(t, ok && section != "", "%s: %s", path, line)
			u[section][key] = append(u[section][key], value)
		}
	}
	return u
}

// environmentOf are the variables that a unit sets.
func environmentOf(t *testing.T, u unit) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, line := range u["Service"]["Environment"] {
		for pair := range strings.FieldsSeq(line) {
			name, value, ok := strings.Cut(pair, "=")
			require.True(t, ok, pair)
			require.NotContains(t, out, name, "set twice")
			out[name] = value
		}
	}
	return out
}

func units(t *testing.T) map[string]unit {
	t.Helper()
	out := map[string]unit{}
	for _, process := range []string{"api", "worker", "migrate"} {
		out[process] = readUnit(t, "systemd/issuance-"+process+".service")
	}
	return out
}

func TestUnitsGiveTheirProcessesWhatTheCompositionGives(t *testing.T) {
	names, c := known(), composed(t)
	for process, u := range units(t) {
		require.Equal(t, []string{"/usr/bin/issuance " + process}, u["Service"]["ExecStart"])
		environment := environmentOf(t, u)
		for name, value := range environment {
			require.True(t, names[name] || names[strings.TrimSuffix(name, "_FILE")], "%s: %s", process, name)
			if credential, ok := strings.CutPrefix(value, "%d/"); ok {
				require.Contains(t, u["Service"]["LoadCredential"], credential+":/etc/issuance/secrets/"+credential, process)
			}
		}
		for _, credential := range u["Service"]["LoadCredential"] {
			name, _, _ := strings.Cut(credential, ":")
			require.Contains(t, c.Secrets, name, process)
			require.True(t, slices.ContainsFunc(u["Service"]["Environment"], func(e string) bool { return strings.HasSuffix(e, "=%d/"+name) }), "%s: nobody reads %s", process, name)
		}
		for name, value := range c.Services[process].Environment {
			if strings.HasPrefix(value, "/run/secrets/") {
				require.Contains(t, environment, name, process)
			}
		}
	}
}

func TestUnitsStartInOrderAndComeBack(t *testing.T) {
	all := units(t)
	require.Equal(t, []string{"oneshot"}, all["migrate"]["Service"]["Type"])
	for _, process := range []string{"api", "worker"} {
		u := all[process]
		require.Equal(t, []string{"issuance-migrate.service"}, u["Unit"]["Requires"])
		require.Contains(t, u["Unit"]["After"][0], "issuance-migrate.service")
		require.Equal(t, []string{"always"}, u["Service"]["Restart"])
		require.Equal(t, []string{"30"}, u["Service"]["TimeoutStopSec"])
	}
}

// systemd's own verdict: no unknown keys, and little that is left open.
func TestSystemdAcceptsTheUnits(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "issuance")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755)) //nolint:gosec // it has to be executable
	var files []string
	for process := range units(t) {
		raw, err := os.ReadFile("systemd/issuance-" + process + ".service")
		require.NoError(t, err)
		file := filepath.Join(dir, "issuance-"+process+".service")
		write(t, file, strings.ReplaceAll(string(raw), "/usr/bin/issuance", program))
		files = append(files, file)
	}
	out, err := exec.Command(tool, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	for line := range strings.Lines(string(out)) {
		require.NotContains(t, line, "issuance-", "a warning")
	}
	for _, file := range files {
		out, err := exec.Command(tool, "security", "--offline=yes", "--threshold=20", file).CombinedOutput()
		require.NoError(t, err, string(out))
	}
}
