package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/compose/manifest"
)

// negative is a mistake of an operator, and what the program has to say of it.
type negative struct {
	name, service string
	command       []string
	// spoil makes the mistake in the installation; permissions.sh and undo mend it.
	spoil func(dir string) error
	undo  func(dir string) error
	// environment is changed for this run only.
	environment map[string]string
	want        string
}

// fileOfRoot, folderOfRoot and replaced make mistakes; restored undoes the last.
func fileOfRoot(name string) func(string) error {
	return func(dir string) error {
		path := filepath.Join(dir, name)
		return errors.Join(os.Chown(path, 0, 0), os.Chmod(path, 0o600))
	}
}

func folderOfRoot(name string, mode os.FileMode) func(string) error {
	return func(dir string) error {
		path := filepath.Join(dir, name)
		return errors.Join(os.Chown(path, 0, 0), os.Chmod(path, mode))
	}
}

func replaced(name, text string) func(string) error {
	return func(dir string) error {
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return errors.Join(os.WriteFile(path+".kept", old, 0o600), os.WriteFile(path, []byte(text), 0o600))
	}
}

func restored(name string) func(string) error {
	return func(dir string) error { return os.Rename(filepath.Join(dir, name+".kept"), filepath.Join(dir, name)) }
}

func negatives() []negative {
	withoutPayee := map[string]string{}
	for _, name := range []string{"NAME", "IBAN", "BANK", "BIC", "UNP", "PURPOSE_CODE"} {
		withoutPayee["BENEFICIARY_"+name] = ""
	}
	return []negative{
		{name: "fault 1: ERIP without a payee", service: "api", command: []string{"api"}, environment: withoutPayee,
			want: "BENEFICIARY_UNP: it is required with ERIP_SERVICE_NO"},
		{name: "fault 3: a secret of root, migrations", service: "migrate", command: []string{"migrate"}, spoil: fileOfRoot("deploy/secrets/owner_database_url"),
			want: `DATABASE_URL_FILE: user 65532 may not read file "/run/secrets/owner_database_url": permission denied`},
		{name: "fault 3: a secret of root, API", service: "api", command: []string{"api"}, spoil: fileOfRoot("deploy/secrets/master_keys"),
			want: `MASTER_KEYS_FILE: user 65532 may not read file "/run/secrets/master_keys": permission denied`},
		{name: "fault 3: a secret of root, schema of Temporal", service: "temporal-schema", spoil: fileOfRoot("deploy/secrets/temporal_password"),
			want: "/run/secrets/temporal_password: Permission denied"},
		{name: "fault 3: an empty secret is told from one that may not be read", service: "worker", command: []string{"worker"},
			spoil: replaced("deploy/secrets/id_hash_key", "\n"), undo: restored("deploy/secrets/id_hash_key"),
			want: `ID_HASH_KEY_FILE: file "/run/secrets/id_hash_key" is empty`},
		{name: "fault 3: trust of root, API", service: "api", command: []string{"api"}, want: `TRUST_DIR: user 65532 may not read directory "/etc/issuance/trust"`,
			spoil: folderOfRoot("deploy/trust", 0o700)},
		{name: "fault 3: CAs of root, worker", service: "worker", command: []string{"worker"}, want: `CA_DIR: user 65532 may not read directory "/etc/issuance/ca"`,
			spoil: folderOfRoot("deploy/ca", 0o700)},
		{name: "fault 11: trust that the worker cannot write", service: "worker", command: []string{"worker"}, want: "TRUST_DIR: user 65532 has to be able to write there",
			spoil: folderOfRoot("deploy/trust", 0o755)},
		{name: "statements that the worker cannot write", service: "worker", command: []string{"worker"},
			want: "STATEMENTS_DIR: user 65532 has to be able to write there", spoil: folderOfRoot("deploy/statements", 0o755)},
		{name: "a password of the database that is wrong is not waited for", service: "api", command: []string{"api"},
			spoil: replaced("deploy/secrets/database_url", "postgres://issuance:wrong@postgres:5432/issuance?sslmode=verify-full&sslrootcert=/run/secrets/database_ca\n"),
			undo:  restored("deploy/secrets/database_url"), want: "password authentication failed"},
	}
}

// negatives makes each mistake, starts a container beside the running ones, and reads what it says.
func (t *Trial) negatives(ctx context.Context) {
	for _, n := range negatives() {
		t.try(n.name, func() error { return t.negative(ctx, n) })
	}
	t.try("fault 5: readiness tells of an issuer whose root is not known", func() error { return t.unknownRoot(ctx) })
	t.try("fault 16: without the database an API waits and does not end", func() error { return t.withoutDatabase(ctx) })
}

func (t *Trial) negative(ctx context.Context, n negative) (err error) {
	if n.spoil != nil {
		defer func() {
			if n.undo != nil {
				err = errors.Join(err, n.undo(t.Site.Dir))
			}
			err = errors.Join(err, t.shell(ctx, "sh deploy/permissions.sh"))
		}()
		if err := n.spoil(t.Site.Dir); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var out bytes.Buffer
	ended := t.once(limited, n, &out)
	if ended == nil {
		return fmt.Errorf("it went well: %s", last(out.String(), 1000))
	}
	if !strings.Contains(out.String(), n.want) {
		return fmt.Errorf("it says: %s", last(out.String(), 1000))
	}
	return nil
}

// once runs a service once with some variables changed.
func (t *Trial) once(ctx context.Context, n negative, out *bytes.Buffer) error {
	p := t.project
	s := p.File.Services[n.service]
	p.File.Services = map[string]manifest.Service{n.service: s}
	s.Environment = maps.Clone(s.Environment)
	maps.Copy(s.Environment, n.environment)
	p.File.Services[n.service] = s
	return p.Once(ctx, out, n.service, n.command)
}

// unknownRoot starts an API that does not know the operator's root.
func (t *Trial) unknownRoot(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	var out bytes.Buffer
	go func() {
		ended <- t.once(limited, negative{service: "api", command: []string{"api"}, environment: map[string]string{"SSL_CERT_DIR": "/etc/ssl/certs"}}, &out)
	}()
	defer func() { cancel(); <-ended }()
	name := ""
	for limited.Err() == nil && name == "" {
		time.Sleep(time.Second)
		list, err := t.Podman.Run(limited, "ps", "--filter", "label=compose.service=api", "--format", "{{.Names}}")
		if err != nil {
			return err
		}
		for candidate := range strings.FieldsSeq(list) {
			if !strings.HasPrefix(candidate, t.project.File.Name+"-") {
				name = candidate
			}
		}
	}
	defer func() { _, _ = t.Podman.Run(ctx, "rm", "--force", "--time", "1", name) }()
	for limited.Err() == nil {
		answer, err := t.Podman.Run(limited, "exec", name, "/issuance", "health", "http://127.0.0.1:8080/readyz")
		if err != nil && strings.Contains(err.Error(), "503") {
			var logs bytes.Buffer
			if err := t.Podman.Stream(limited, &logs, &logs, "logs", name); err != nil {
				return err
			}
			if strings.Contains(logs.String(), "signed by unknown authority") {
				return nil
			}
		}
		if err == nil {
			return fmt.Errorf("it is ready: %s", answer)
		}
		time.Sleep(time.Second)
	}
	return fmt.Errorf("readiness did not answer: %s", last(out.String(), 1000))
}

// withoutDatabase stops PostgreSQL and starts an API.
func (t *Trial) withoutDatabase(ctx context.Context) error {
	if _, err := t.Podman.Run(ctx, "stop", t.project.Container("postgres", 1)); err != nil {
		return err
	}
	name := t.project.Container("api", 2)
	if _, err := t.Podman.Run(ctx, "restart", "--time", "5", name); err != nil {
		return err
	}
	time.Sleep(12 * time.Second)
	in, err := t.inspect(ctx, "api", 2)
	if err != nil {
		return err
	}
	if in.RestartCount != 0 || in.State.Pid == 0 {
		return fmt.Errorf("it ended and was started again %d times", in.RestartCount)
	}
	logs := t.project.Logs(ctx, "api", 2)
	if _, err := t.Podman.Run(ctx, "start", t.project.Container("postgres", 1)); err != nil {
		return err
	}
	if !strings.Contains(logs, "the database cannot be reached, tried again") {
		return fmt.Errorf("it does not say what it waits for: %s", last(logs, 1000))
	}
	for _, service := range []string{"postgres", "temporal"} {
		if err := t.project.AwaitHealthy(ctx, service, 1); err != nil {
			return err
		}
	}
	return t.project.AwaitHealthy(ctx, "api", 2)
}
