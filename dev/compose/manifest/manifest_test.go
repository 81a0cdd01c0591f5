package manifest_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/compose/manifest"
)

func given() map[string]string {
	return map[string]string{
		"OIDC_ISSUER": "https://id.example.by", "OIDC_KEYS": "https://id.example.by/jwks", "TEMPORAL_UI_URL": "https://temporal.example.by", "CODEC_ENDPOINT": "https://issuance.example.by/codec",
	}
}

func shipped(t *testing.T) manifest.File {
	t.Helper()
	raw, err := os.ReadFile("../../../docker-compose.yml")
	require.NoError(t, err)
	f, err := manifest.Parse(raw, given())
	require.NoError(t, err)
	return f
}

func TestTheShippedFileIsUnderstoodWhole(t *testing.T) {
	f := shipped(t)
	require.Equal(t, "remote-issuance", f.Name)
	require.Equal(t, []string{"postgres", "temporal-schema", "temporal", "temporal-ui", "migrate", "worker", "api", "portal"}, f.Order())
	api := f.Services["api"]
	require.Equal(t, "remote-issuance:local", api.Image)
	require.Equal(t, []string{"api"}, api.Command)
	require.True(t, api.ReadOnly)
	require.Equal(t, "temporal:7233", api.Environment["TEMPORAL_ADDRESS"], "one merged map")
	require.Equal(t, "/run/secrets/database_url", api.Environment["DATABASE_URL_FILE"], "and the other")
	require.Equal(t, 30*time.Second, time.Duration(api.StopGracePeriod))
	require.Equal(t, "/run/secrets/owner_database_url", f.Services["migrate"].Environment["DATABASE_URL_FILE"])
	require.Contains(t, f.Services["temporal"].Entrypoint[2], "POSTGRES_PWD=$(cat ")
	require.Equal(t, "https://temporal.example.by/auth/sso/callback", f.Services["temporal-ui"].Environment["TEMPORAL_AUTH_CALLBACK_URL"])
	require.Equal(t, []manifest.Subnet{{Subnet: "172.30.77.0/24", Gateway: "172.30.77.1"}}, f.Networks["default"].IPAM.Config)
}

func TestVariables(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "${A}": "1", "x${A}y${A}z": "x1y1z", "$$": "$", "$${A}": "${A}", "${B}": "", "${B:-2}": "2", "${A:-2}": "1", "${B:-}": "",
		"${A:?say}": "1", "${E:-full}": "full",
	} {
		f, err := manifest.Parse([]byte("services: {a: {image: '"+text+"'}}"), map[string]string{"A": "1", "E": ""})
		require.NoError(t, err, text)
		require.Equal(t, want, f.Services["a"].Image, text)
	}
	for text, want := range map[string]string{
		"${B:?put it into .env}": "variable B is required: put it into .env", "${A": "not closed", "$A": "write ${NAME}", "${E:?full}": "required",
	} {
		_, err := manifest.Parse([]byte("services: {a: {image: '"+text+"'}}"), map[string]string{"A": "1", "E": ""})
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, "line 1", text)
	}
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"services: {a: {image: x, privileged: true}}": "privileged",
		"service: {}": "service",
		"services: {a: {image: x, secrets: [s]}}":                                                "there is no secret s",
		"services: {a: {image: x, depends_on: {b: {condition: service_healthy}}}}":               "there is no service b",
		"services: {a: {depends_on: {b: {condition: x}}}, b: {depends_on: {a: {condition: x}}}}": "in a circle",
		"services: {a: {stop_grace_period: soon}}":                                               "soon",
		"services: [": "line",
	} {
		_, err := manifest.Parse([]byte(text), nil)
		require.ErrorContains(t, err, want, text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("services: {a: {image: '${A:-1}'}}")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := manifest.Parse([]byte(text), map[string]string{"A": "1"})
		if err == nil {
			require.Len(t, file.Order(), len(file.Services))
		}
	})
}
