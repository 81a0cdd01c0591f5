package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// known are the variables that the program reads.
func known() map[string]bool {
	names := map[string]bool{}
	var look func(t reflect.Type)
	look = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("env"), ","); name != "" {
				names[name] = true
			} else if f.Type.Kind() == reflect.Struct {
				look(f.Type)
			}
		}
	}
	for _, process := range []any{config.API{}, config.Worker{}, config.Site{}, config.Migrate{}} {
		look(reflect.TypeOf(process))
	}
	return names
}

// example is deploy/issuance.env.example, name by name.
func example(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("issuance.env.example")
	require.NoError(t, err)
	out := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		require.True(t, ok, line)
		require.NotContains(t, out, name, "%s stands twice", name)
		out[name] = value
	}
	return out
}

func TestEveryVariableIsKnown(t *testing.T) {
	names := known()
	require.Contains(t, names, "DATABASE_URL")
	for name := range example(t) {
		require.True(t, names[name], "issuance.env.example: %s", name)
	}
	for name, s := range composed(t).Services {
		if len(s.EnvFile) == 0 {
			continue
		}
		for variable := range s.Environment {
			// Go itself reads this one.
			if variable == "SSL_CERT_DIR" {
				continue
			}
			require.True(t, names[variable] || names[strings.TrimSuffix(variable, "_FILE")], "docker-compose.yml: %s: %s", name, variable)
		}
	}
}

// installed is the environment of a service of an installation with the secrets
// that deploy/secrets.sh makes: paths of the container become paths of the test.
func installed(t *testing.T, name string) map[string]string {
	t.Helper()
	root, s := t.TempDir(), composed(t).Services[name]
	secrets, _ := made(t)
	for file, content := range contents(t, secrets) {
		if slices.Contains(s.Secrets, file) {
			write(t, filepath.Join(root, "run/secrets", file), content)
		}
	}
	for _, volume := range s.Volumes {
		source, target, _ := strings.Cut(strings.TrimSuffix(volume, ":ro"), ":")
		if filepath.Ext(source) == "" {
			require.NoError(t, os.MkdirAll(filepath.Join(root, target), 0o700))
			continue
		}
		content, err := os.ReadFile(filepath.Join("..", source))
		require.NoError(t, err)
		write(t, filepath.Join(root, target), string(content))
	}
	environment := merged(example(t), s.Environment)
	for variable, value := range environment {
		if strings.HasPrefix(value, "/") && variable != "SSL_CERT_DIR" {
			environment[variable] = filepath.Join(root, value)
		}
	}
	return environment
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func TestAnInstallationThatIsFilledInStarts(t *testing.T) {
	api := installed(t, "api")
	_, err := config.LoadAPI(api)
	var problems *config.Error
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems.Problems, 1, "only a way to pay is left to be filled in: %v", err)

	c, err := config.LoadAPI(merged(api, erip()))
	require.NoError(t, err)
	require.True(t, c.Common.Mode.Production)
	w, err := config.LoadWorker(merged(installed(t, "worker"), erip()))
	require.NoError(t, err)
	require.True(t, w.Common.Mode.Production)
	_, err = config.LoadMigrate(installed(t, "migrate"))
	require.NoError(t, err)
	portal, err := config.LoadSite(installed(t, "portal"))
	require.NoError(t, err)
	require.True(t, portal.Mode.Production && portal.Portal.URL.Secure())
	require.False(t, portal.Pages.KeysInPage, "keys are made on carriers")
}

func TestHealthChecksAskWhereTheProcessesListen(t *testing.T) {
	c := composed(t)
	api, err := config.LoadAPI(merged(installed(t, "api"), erip()))
	require.NoError(t, err)
	worker, err := config.LoadWorker(merged(installed(t, "worker"), erip()))
	require.NoError(t, err)
	require.Equal(t, []string{"CMD", "/issuance", "health", "http://127.0.0.1" + string(api.HTTP.Address) + "/readyz"}, c.Services["api"].HealthCheck.Test)
	require.Equal(t,
		[]string{"CMD", "/issuance", "health", "http://127.0.0.1" + string(worker.Common.Metrics.Address) + "/healthz"}, c.Services["worker"].HealthCheck.Test)
	portal, err := config.LoadSite(installed(t, "portal"))
	require.NoError(t, err)
	require.Equal(t,
		[]string{"CMD", "/issuance", "health", "http://127.0.0.1" + string(portal.Pages.Address) + "/healthz"}, c.Services["portal"].HealthCheck.Test)
	require.Equal(t, "http://api"+string(api.HTTP.Address), portal.Pages.APIURL.String())
}

// erip is the least that an operator fills in for people to be able to pay.
func erip() map[string]string {
	return map[string]string{
		"ERIP_SERVICE_NO": "1234567", "ERIP_ALLOWED_NETWORKS": "192.0.2.0/24",
		"BENEFICIARY_NAME": "Payee", "BENEFICIARY_IBAN": "BY86AKBB10100000002966000000", "BENEFICIARY_BANK": "Bank",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "100582333", "BENEFICIARY_PURPOSE_CODE": "20901",
	}
}

func merged(base, more map[string]string) map[string]string {
	for name, value := range more {
		base[name] = value
	}
	return base
}

func TestP7_TheTariffHasAPriceForEverythingThatCanBeOrdered(t *testing.T) {
	raw, err := os.ReadFile("tariff.json")
	require.NoError(t, err)
	var prices []order.Price
	require.NoError(t, json.Unmarshal(raw, &prices))
	tariff, err := order.NewTariff(prices)
	require.NoError(t, err)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for kind, service := range map[order.Kind]order.Service{
		order.KindIndividual: order.ServiceIndividual, order.KindSoleProprietor: order.ServiceIndividual, order.KindEmployee: order.ServiceEmployee,
	} {
		for years := 1; years <= kind.MaxTerm(); years++ {
			price, err := tariff.Price(service, kind, years, at)
			require.NoError(t, err, "%s, %d", kind, years)
			require.Positive(t, price)
		}
	}
}
