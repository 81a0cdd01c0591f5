package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/compose/site"
)

// faults looks for what was once found wrong with the running composition; the negative cases come later.
func (t *Trial) faults(ctx context.Context) {
	for _, check := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"fault 4: no secret stands in .env, and git does not see it", t.dotEnv},
		{"fault 6: ERIP is told by its address behind the proxy, and nobody else", t.strangerAtERIP},
		{"fault 7: the Temporal UI asks who comes, writes nothing and decodes over https", t.userInterface},
		{"fault 8: connections are far from the limit", t.connections},
		{"fault 12: the CA's key was encrypted by the program", t.encryptedKey},
		{"fault 13: nobody who comes is superuser, and the service owns nothing", t.roles},
		{"fault 14: every connection speaks TLS, others are refused", t.databaseTLS},
		{"fault 15: Temporal logs little", t.quiet},
		{"fault 18: the write-ahead log is archived", t.archived},
	} {
		t.try(check.name, func() error { return check.do(ctx) })
	}
}

func (t *Trial) dotEnv(ctx context.Context) error {
	raw, err := os.ReadFile(filepath.Join(t.Site.Dir, ".env"))
	if err != nil {
		return err
	}
	secrets, err := filepath.Glob(filepath.Join(t.Site.Dir, "deploy/secrets/*"))
	if err != nil || len(secrets) == 0 {
		return errors.Join(err, errors.New("no secrets"))
	}
	for _, file := range secrets {
		secret, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if text := strings.TrimSpace(string(secret)); text != "" && strings.Contains(string(raw), text) {
			return fmt.Errorf("%s stands in .env", filepath.Base(file))
		}
	}
	for file, line := range map[string]string{".gitignore": "/.env", ".dockerignore": ".env"} {
		list, err := os.ReadFile(filepath.Join(t.Site.Dir, file))
		if err != nil || !strings.Contains("\n"+string(list), "\n"+line+"\n") {
			return errors.Join(err, fmt.Errorf("%s does not name .env", file))
		}
	}
	return t.shell(ctx, "docker run --rm --network none --entrypoint /issuance remote-issuance:local --help")
}

// strangerAtERIP asks without the proxy and through it, as somebody who is not ERIP; ERIP itself has been heard by the orders.
func (t *Trial) strangerAtERIP(ctx context.Context) error {
	for _, address := range []string{"http://127.0.0.1:8080", "https://" + site.APIHost} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/gateways/erip", strings.NewReader("XML="))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		client := http.DefaultClient
		if strings.HasPrefix(address, "https") {
			client = t.Site.Client
		}
		response, err := client.Do(r)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			return fmt.Errorf("a stranger at %s got %d", address, response.StatusCode)
		}
	}
	return nil
}

func (t *Trial) get(ctx context.Context, url string) (int, http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	response, err := t.Site.Client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, body, err
}

func (t *Trial) userInterface(ctx context.Context) error {
	_, _, body, err := t.get(ctx, "https://"+site.UIHost+"/api/v1/settings")
	if err != nil {
		return err
	}
	var settings struct {
		Auth                struct{ Enabled bool }
		Codec               struct{ Endpoint string }
		DisableWriteActions bool
	}
	if err := json.Unmarshal(body, &settings); err != nil {
		return fmt.Errorf("settings: %w: %.200s", err, body)
	}
	if !settings.Auth.Enabled || !settings.DisableWriteActions || settings.Codec.Endpoint != "https://"+site.APIHost+"/codec" {
		return fmt.Errorf("settings: %+v", settings)
	}
	status, _, _, err := t.get(ctx, "https://"+site.UIHost+"/api/v1/namespaces")
	if err != nil || status != http.StatusUnauthorized {
		return errors.Join(err, fmt.Errorf("somebody without a token got %d", status))
	}
	status, header, _, err := t.get(ctx, "https://"+site.UIHost+"/auth/sso")
	if err != nil || status != http.StatusFound || !strings.HasPrefix(header.Get("Location"), "https://"+site.IssuerHost) {
		return errors.Join(err, fmt.Errorf("sign-in leads with %d to %q", status, header.Get("Location")))
	}
	return nil
}

// query asks PostgreSQL as its superuser, on the socket.
func (t *Trial) query(ctx context.Context, database, sql string) (string, error) {
	return t.Podman.Run(ctx, "exec", "--user", "postgres", t.project.Container("postgres", 1), "psql", "-X", "-A", "-t", "-U", "postgres", "-d", database, "-c", sql)
}

func (t *Trial) number(ctx context.Context, sql string) (int, error) {
	text, err := t.query(ctx, "issuance", sql)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func (t *Trial) connections(ctx context.Context) error {
	open, err := t.number(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
	if err != nil {
		return err
	}
	limit, err := t.number(ctx, "SELECT setting FROM pg_settings WHERE name = 'max_connections'")
	if err != nil {
		return err
	}
	// Temporal's five services with both pools, two APIs and two workers with ten and two each, and some for operators.
	var most int
	environment := t.project.File.Services["temporal"].Environment
	for _, name := range []string{"SQL_MAX_CONNS", "SQL_VIS_MAX_CONNS"} {
		n, err := strconv.Atoi(environment[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		most += 5 * n
	}
	if most += 4*12 + 20; most > limit {
		return fmt.Errorf("%d connections are possible, %d allowed", most, limit)
	}
	if open > limit/2 {
		return fmt.Errorf("%d of %d connections nearly idle", open, limit)
	}
	t.say("          connections: %d of %d", open, limit)
	return nil
}

func (t *Trial) encryptedKey(context.Context) error {
	raw, err := os.ReadFile(filepath.Join(t.Site.Dir, "deploy/ca/issuing/key.pem"))
	if err != nil || !strings.Contains(string(raw), "BEGIN ENCRYPTED PRIVATE KEY") {
		return errors.Join(err, fmt.Errorf("not encrypted: %.40s", raw))
	}
	if _, err := os.Stat(filepath.Join(t.Site.Dir, "deploy/ca/issuing/clear.pem")); !errors.Is(err, os.ErrNotExist) {
		return errors.New("the clear key is still there")
	}
	return nil
}

func (t *Trial) roles(ctx context.Context) error {
	text, err := t.query(ctx, "issuance", "SELECT string_agg(rolname || ':' || (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls), ' ' ORDER BY rolname) "+
		"FROM pg_roles WHERE rolcanlogin")
	if err != nil {
		return err
	}
	if text != "issuance:false issuance_owner:false postgres:true temporal:false" {
		return fmt.Errorf("roles: %s", text)
	}
	text, err = t.query(ctx, "issuance", "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename NOT IN ('issuance', 'temporal') AND pid <> pg_backend_pid()")
	if err != nil || text != "0" {
		return errors.Join(err, fmt.Errorf("%s connections of other roles", text))
	}
	owned, err := t.number(ctx, "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'issuance'")
	if err != nil || owned != 0 {
		return errors.Join(err, fmt.Errorf("the service owns %d tables", owned))
	}
	for sql, want := range map[string]string{
		"SET ROLE issuance; CREATE TABLE x (y int)": "permission denied for schema public", "SET ROLE issuance; DROP TABLE orders": "must be owner",
	} {
		if _, err := t.query(ctx, "issuance", sql); err == nil || !strings.Contains(err.Error(), want) {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

func (t *Trial) databaseTLS(ctx context.Context) error {
	open, err := t.number(ctx, "SELECT count(*) FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.client_addr IS NOT NULL AND NOT s.ssl AND a.client_addr <> '127.0.0.1'")
	if err != nil || open != 0 {
		return errors.Join(err, fmt.Errorf("%d connections in the clear", open))
	}
	password, err := os.ReadFile(filepath.Join(t.Site.Dir, "deploy/secrets/service_password"))
	if err != nil {
		return err
	}
	clear := "postgres://issuance:" + strings.TrimSpace(string(password)) + "@postgres:5432/issuance?sslmode=disable"
	_, err = t.Podman.Run(ctx, "exec", t.project.Container("postgres", 1), "psql", "-X", clear, "-c", "SELECT 1")
	if err == nil || !strings.Contains(err.Error(), "no encryption") {
		return fmt.Errorf("a connection in the clear: %w", err)
	}
	return nil
}

func (t *Trial) quiet(ctx context.Context) error {
	var count lines
	if err := t.Podman.Stream(ctx, &count, &count, "logs", t.project.Container("temporal", 1)); err != nil {
		return err
	}
	t.say("          lines in Temporal's log: %d", count)
	if count > 500 {
		return fmt.Errorf("%d lines", count)
	}
	return nil
}

// lines counts lines.
type lines int

// Write counts.
func (l *lines) Write(p []byte) (int, error) {
	*l += lines(strings.Count(string(p), "\n"))
	return len(p), nil
}

func (t *Trial) archived(ctx context.Context) error {
	file, err := t.query(ctx, "issuance", "SELECT pg_walfile_name(pg_switch_wal())")
	if err != nil {
		return err
	}
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(filepath.Join(t.Site.Dir, "deploy/archive", file)); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	failed, err := t.query(ctx, "issuance", "SELECT last_failed_wal FROM pg_stat_archiver")
	return errors.Join(err, fmt.Errorf("%s is not in deploy/archive; failed: %s", file, failed))
}
