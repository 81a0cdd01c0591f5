package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// alertNames are those of a file of rules or of their tests.
func alertNames(t *testing.T, file, pattern string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("prometheus", file))
	require.NoError(t, err)
	var names []string
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(data), -1) {
		names = append(names, found[1])
	}
	return names
}

// Every alert fires in the tests of the rules, and the service in order raises none.
func TestAlertsFireOnWhatTheyAreFor(t *testing.T) {
	rules := alertNames(t, "alerts.yml", `alert: (\w+)`)
	require.NotEmpty(t, rules)
	require.Subset(t, alertNames(t, "alerts_test.yml", `(?s)alertname: (\w+)\s+exp_alerts:\s+- exp_labels`), rules)
	require.Subset(t, alertNames(t, "alerts_test.yml", `alertname: (\w+), exp_alerts: \[\]`), rules)
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: it comes with Debian's prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}, {"check", "config", "prometheus.yml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = "prometheus"
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", strings.Join(args, " "), out)
	}
}

// Whoever is woken finds what to do under the alert's name.
func TestEveryAlertHasAChapterForOperators(t *testing.T) {
	operations, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	require.NoError(t, err)
	for _, name := range alertNames(t, "alerts.yml", `alert: (\w+)`) {
		require.Contains(t, string(operations), "\n### "+name+"\n")
	}
	for _, link := range alertNames(t, "alerts.yml", `runbook: docs/operations.md#(\w+)`) {
		require.Regexp(t, `(?i)\n### `+link+`\n`, string(operations))
	}
}
