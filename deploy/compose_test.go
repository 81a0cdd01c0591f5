// Package deploy_test holds the files of the production shape against the
// program that they start.
package deploy_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// composition is what is read of docker-compose.yml.
type composition struct {
	Services map[string]service  `yaml:"services"`
	Secrets  map[string]struct{} `yaml:"secrets"`
	Volumes  map[string]any      `yaml:"volumes"`
}

type service struct {
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	Restart     string            `yaml:"restart"`
	Environment map[string]string `yaml:"environment"`
	EnvFile     []string          `yaml:"env_file"`
	Secrets     []string          `yaml:"secrets"`
	Volumes     []string          `yaml:"volumes"`
	Ports       []string          `yaml:"ports"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	HealthCheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

func composed(t *testing.T) composition {
	t.Helper()
	raw, err := os.ReadFile("../docker-compose.yml")
	require.NoError(t, err)
	var c composition
	require.NoError(t, yaml.Unmarshal(raw, &c))
	return c
}

func TestEveryServiceIsThereAndTheLongRunningOnesAreWatched(t *testing.T) {
	c := composed(t)
	// Those that do their work and end have to be tried again only for a while.
	once := []string{"temporal-schema", "migrate"}
	long := []string{"postgres", "temporal", "temporal-ui", "api", "worker", "portal"}
	require.Len(t, c.Services, len(once)+len(long))
	for _, name := range long {
		s := c.Services[name]
		require.NotEmpty(t, s.HealthCheck.Test, "%s has no health check", name)
		require.Equal(t, "unless-stopped", s.Restart, name)
	}
	for _, name := range once {
		require.Contains(t, c.Services[name].Restart, "on-failure", name)
	}
}

func TestServicesWaitForWhatTheyNeed(t *testing.T) {
	c := composed(t)
	for name, s := range c.Services {
		for other, on := range s.DependsOn {
			needed, ok := c.Services[other]
			require.True(t, ok, "%s waits for %s, which is not there", name, other)
			if on.Condition == "service_healthy" {
				require.NotEmpty(t, needed.HealthCheck.Test, "%s waits for the health of %s", name, other)
			} else {
				require.Equal(t, "service_completed_successfully", on.Condition, name)
				require.Contains(t, needed.Restart, "on-failure", "%s waits for the end of %s", name, other)
			}
		}
	}
	for _, name := range []string{"api", "worker"} {
		require.Contains(t, c.Services[name].DependsOn, "migrate")
		require.Equal(t, []string{name}, c.Services[name].Command)
	}
}

func TestWhatServicesUseIsDeclared(t *testing.T) {
	c := composed(t)
	for name, s := range c.Services {
		require.NotEmpty(t, s.Image, name)
		for _, secret := range s.Secrets {
			require.Contains(t, c.Secrets, secret, name)
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if !strings.HasPrefix(source, "./") {
				require.Contains(t, c.Volumes, source, name)
				continue
			}
			if filepath.Ext(source) != "" {
				_, err := os.Stat(filepath.Join("..", source))
				require.NoError(t, err, name)
			}
		}
		for variable, value := range s.Environment {
			if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok {
				require.Contains(t, s.Secrets, secret, "%s: %s", name, variable)
			}
		}
		for _, port := range s.Ports {
			require.True(t, strings.HasPrefix(port, "127.0.0.1:"), "%s listens to everybody on %s", name, port)
		}
	}
	used := map[string]bool{}
	for _, s := range c.Services {
		for _, secret := range s.Secrets {
			used[secret] = true
		}
	}
	require.Len(t, used, len(c.Secrets), "a secret that nobody uses")
}

func TestSecretsOfAnInstallationAreKeptOutOfTheRepositoryAndTheImage(t *testing.T) {
	for list, names := range map[string][]string{
		"../.gitignore":    {"/deploy/secrets/", "/deploy/trust/", "/deploy/ca/*/", "/deploy/issuance.env", "/deploy/roots/", "/deploy/audit/", "/deploy/archive/", "/.env"},
		"../.dockerignore": {"deploy", ".env"},
	} {
		raw, err := os.ReadFile(list)
		require.NoError(t, err)
		for _, name := range names {
			require.True(t, slices.Contains(strings.Split(string(raw), "\n"), name), "%s does not name %s", list, name)
		}
	}
}

// Every secret can be given as a file, so that none has to stand in an environment (fault 18 of the first start in containers).
func TestEverySecretOfTheProgramComesFromAFile(t *testing.T) {
	c := composed(t)
	for name, process := range map[string]any{"api": config.API{}, "worker": config.Worker{}, "portal": config.Site{}, "migrate": config.Migrate{}} {
		for _, variable := range secretsOf(reflect.TypeOf(process)) {
			require.Contains(t, c.Services[name].Environment, variable+"_FILE", name)
			require.NotContains(t, example(t), variable)
		}
	}
}

// secretsOf are the variables of a configuration that may come as files.
func secretsOf(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		switch f.Type {
		case reflect.TypeFor[config.Secret](), reflect.TypeFor[config.MasterKeys](), reflect.TypeFor[config.HashKey]():
			names = append(names, name)
		default:
			if name == "" && f.Type.Kind() == reflect.Struct {
				names = append(names, secretsOf(f.Type)...)
			}
		}
	}
	return names
}

func TestTheDatabaseIsAskedWhereTheServiceComesFrom(t *testing.T) {
	require.Contains(t, composed(t).Services["postgres"].HealthCheck.Test[1], "-h 127.0.0.1", "the socket answers while the cluster is made")
}
