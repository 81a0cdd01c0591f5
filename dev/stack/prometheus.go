package stack

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/deploy/prometheus"
	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// prometheusPage shows alerts and numbers.
const prometheusPage = "/consoles/index.html"

// startPrometheus runs Debian's Prometheus with the alerts and the page that are deployed. A stack without one lacks nothing else.
func (s *Stack) startPrometheus(ctx context.Context) error {
	if !s.options.Prometheus {
		return nil
	}
	program, err := exec.LookPath("prometheus")
	if err != nil {
		s.options.Report("no Prometheus is installed: the stack goes without (apt-get install prometheus)", 0)
		return nil
	}
	dir := filepath.Join(s.dir, "prometheus")
	if err := s.writePrometheus(dir); err != nil {
		return err
	}
	return s.step("Prometheus", func() error {
		consoles := filepath.Join(dir, "consoles")
		child, err := supervise.Start(ctx, supervise.Options{
			Name: "prometheus", Path: program, LogFile: filepath.Join(s.dir, "logs", "prometheus.log"), ReadyURL: s.ports.url(servicePrometheus) + "/-/ready",
			Args: []string{
				"--config.file=" + filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path=" + filepath.Join(dir, "data"),
				"--storage.tsdb.retention.size=100MB", "--web.listen-address=" + s.ports.listen(servicePrometheus),
				"--web.console.templates=" + consoles, "--web.console.libraries=" + consoles,
			},
			Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, ReadyTimeout: time.Minute,
		})
		if err != nil {
			return err
		}
		s.URLs.Prometheus = s.ports.url(servicePrometheus) + prometheusPage
		s.onClose(child.Stop)
		return nil
	})
}

// writePrometheus writes the deployed files and a configuration with the addresses of this stack.
func (s *Stack) writePrometheus(dir string) error {
	if err := os.RemoveAll(filepath.Join(dir, "consoles")); err != nil {
		return err
	}
	for _, name := range []string{"alerts.yml", "consoles/index.html"} {
		content, err := fs.ReadFile(prometheus.Files, name)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	config := fmt.Sprintf(`global: {scrape_interval: 5s, evaluation_interval: 5s, external_labels: {portal: %q}}
rule_files: [alerts.yml]
scrape_configs:
  - {job_name: remote-issuance-api, static_configs: [{targets: [%q]}]}
  - {job_name: remote-issuance-worker, static_configs: [{targets: [%q]}]}
`, s.URLs.Portal, s.ports.listen(serviceAPIMetrics), s.ports.listen(serviceWorkerMetrics))
	return os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o644)
}
