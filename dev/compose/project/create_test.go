package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/compose/manifest"
)

func of(t *testing.T, text string) Project {
	t.Helper()
	f, err := manifest.Parse([]byte(text), nil)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.env"), []byte("# c\nA=1\nB=x=y\n\n"), 0o600))
	return Project{File: f, Dir: dir}
}

func TestAServiceBecomesArguments(t *testing.T) {
	p := of(t, `
name: shop
services:
  web:
    image: img:1
    command: [serve]
    env_file: [a.env]
    environment: {B: "2", C: ":9"}
    secrets: [key]
    volumes: ["./etc:/etc/shop:ro", "data:/data"]
    ports: ["127.0.0.1:80-81:8080"]
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    stop_grace_period: 30s
    restart: unless-stopped
    healthcheck: {test: ["CMD", "/web", "health"], interval: 5s, timeout: 3s, retries: 3}
    logging: {driver: json-file, options: {max-size: 10m, max-file: "5"}}
secrets: {key: {file: secrets/key}}
volumes: {data: {}}
`)
	args, err := p.arguments("web", 2)
	require.NoError(t, err)
	require.Equal(t, []string{
		"--network", "shop_default", "--network-alias", "web", "--label", "compose.project=shop", "--label", "compose.service=web",
		"--env", "A=1", "--env", "B=2", "--env", "C=:9",
		"--volume", p.Dir + "/secrets/key:/run/secrets/key:ro", "--volume", p.Dir + "/etc:/etc/shop:ro", "--volume", "shop_data:/data",
		"--publish", "127.0.0.1:81:8080", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges:true", "--stop-timeout", "30", "--log-driver", "json-file", "--log-opt", "max-size=10m",
		"--health-cmd", `["/web","health"]`, "--health-interval", "disable", "--health-timeout", "3s", "--restart", "unless-stopped",
	}, args)
	_, err = p.arguments("web", 3)
	require.ErrorContains(t, err, "there is none left for container 3")
	require.Equal(t, []string{"img:1", "serve"}, p.program(p.File.Services["web"], []string{"serve"}))
	require.Equal(t, []string{"--entrypoint", "/bin/sh", "img:1", "-c", "x y", "serve"},
		p.program(manifest.Service{Image: "img:1", Entrypoint: []string{"/bin/sh", "-c", "x y"}}, []string{"serve"}))
}

func TestPublish(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:8080:80": "127.0.0.1:8080:80", "127.0.0.1:8080-8083:80": "127.0.0.1:8080:80", "[::1]:1-2:3": "[::1]:1:3",
	} {
		got, err := publish(text, 1)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"80", "8080:80", "127.0.0.1:a:80", "127.0.0.1:1-b:80", ""} {
		_, err := publish(text, 1)
		require.Error(t, err, text)
	}
	_, err := publish("127.0.0.1:8080:80", 2)
	require.ErrorContains(t, err, "none left", "fault 10: a second container of one fixed port")
}

func TestCommandsOfTheChapterAreUnderstoodAndOthersRefused(t *testing.T) {
	scale, err := upFlags([]string{"--detach", "--wait", "--scale", "api=2", "--scale", "worker=2"})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"api": 2, "worker": 2}, scale)
	service, command, err := onceFlags(strings.Fields("--rm --no-deps worker audit verify"))
	require.NoError(t, err)
	require.Equal(t, "worker", service)
	require.Equal(t, []string{"audit", "verify"}, command)
	for _, wrong := range []string{"up --force", "up --scale api", "up --scale api=0", "run --privileged x", "run", "pull", "exec api"} {
		args := strings.Fields("compose " + wrong)
		require.Error(t, Main(t.Context(), Podman{}, func() (Project, error) { return Project{}, nil }, args, os.Stderr), wrong)
	}
}
