package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// started runs the program without any variable of its configuration but those given.
func started(t *testing.T, environment map[string]string, args ...string) (code int, out, errOut string) {
	t.Helper()
	for name := range config.Environ() {
		if name != "PATH" && name != "HOME" && name != "TMPDIR" {
			t.Setenv(name, "")
		}
	}
	for name, value := range environment {
		t.Setenv(name, value)
	}
	var o, e bytes.Buffer
	code = run(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

func TestHelpListsEveryCommand(t *testing.T) {
	for _, args := range [][]string{nil, {"help"}, {"--help"}} {
		code, out, errOut := started(t, nil, args...)
		require.Zero(t, code)
		require.Empty(t, errOut)
		for _, name := range []string{
			"api", "worker", "migrate", "health", "version", "request", "signature", "keys", "payments", "audit", "certificates", "privacy", "status",
		} {
			require.Contains(t, out, "\n  "+name+" ", name)
		}
		require.NotContains(t, out, "completion")
	}
}

func TestEveryCommandSaysWhatItIsFor(t *testing.T) {
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		require.NotEmpty(t, c.Short, c.CommandPath())
		require.False(t, strings.HasSuffix(c.Short, "."), "%s: a line of a list, not a sentence", c.CommandPath())
		require.True(t, c.Runnable() || c.HasSubCommands(), c.CommandPath())
		for _, child := range c.Commands() {
			look(child)
		}
	}
	look(Root())
}

func TestWhatIsNotUnderstoodIsToldOnceWithCodeTwo(t *testing.T) {
	for name, args := range map[string][]string{
		"unknown command": {"issue-everything"}, "unknown flag": {"api", "--fast"}, "argument too much": {"worker", "now"},
		"health without an address": {"health"}, "health of no address": {"health", "http://a b"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errOut := started(t, nil, args...)
			require.Equal(t, 2, code)
			require.Empty(t, out)
			require.Equal(t, 1, strings.Count(errOut, "issuance: "), errOut)
		})
	}
}

func TestEveryProblemOfAConfigurationIsToldOnce(t *testing.T) {
	for command, required := range map[string][]string{
		"api":     {"DATABASE_URL", "TEMPORAL_ADDRESS", "MASTER_KEYS", "ID_HASH_KEY", "TARIFF_FILE", "PUBLIC_URL", "OIDC_ISSUER", "TRUST_DIR"},
		"worker":  {"DATABASE_URL", "TEMPORAL_ADDRESS", "MASTER_KEYS", "TARIFF_FILE", "CA_DIR", "SMTP_ADDRESS", "EGR_URL"},
		"migrate": {"DATABASE_URL", "TEMPORAL_ADDRESS"},
	} {
		t.Run(command, func(t *testing.T) {
			code, out, errOut := started(t, map[string]string{"LOG_LEVEL": "loud"}, command)
			require.Equal(t, 2, code)
			require.Empty(t, out)
			require.Equal(t, 1, strings.Count(errOut, "configuration:"), errOut)
			for _, variable := range append(required, "LOG_LEVEL") {
				require.Equal(t, 1, strings.Count(errOut, "\n  "+variable+": "), "%s\n%s", variable, errOut)
			}
		})
	}
}

func TestHealthExitsWithOneUnlessTheAnswerIs200(t *testing.T) {
	answer := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(answer)
	}))
	defer server.Close()
	code, out, errOut := started(t, nil, "health", server.URL+"/readyz")
	require.Zero(t, code)
	require.Empty(t, out+errOut)

	answer = http.StatusServiceUnavailable
	code, out, errOut = started(t, nil, "health", server.URL+"/readyz")
	require.Equal(t, 1, code)
	require.Equal(t, "503 Service Unavailable\n", out)
	require.Empty(t, errOut)

	server.Close()
	code, out, errOut = started(t, nil, "health", server.URL+"/readyz")
	require.Equal(t, 1, code)
	require.Contains(t, out, "refused", "the reason stands in the container's health log")
	require.Empty(t, errOut)
}

func TestStoppedByASignalNothingIsComplainedOf(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	t.Setenv("DATABASE_URL", "postgres://127.0.0.1:1/none")
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	var out, errOut bytes.Buffer
	require.NotZero(t, run(ctx, []string{"migrate"}, &out, &errOut))
	require.Empty(t, errOut.String())
}
