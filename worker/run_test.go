package worker

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// keep writes a file of an installation and gives its path.
func keep(t *testing.T, path string, content []byte) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// installation is the configuration of a worker with an authority, a trust
// directory, a database and a Temporal server of the test's own.
func installation(t *testing.T) (config.Worker, *enginetest.Server) {
	t.Helper()
	server, dir := enginetest.New(t), t.TempDir()
	test, err := testca.New(testca.Options{From: time.Now().AddDate(-1, 0, 0)})
	require.NoError(t, err)
	require.NoError(t, test.Save(filepath.Join(dir, "trust"), time.Now()))
	var chain []byte
	for _, c := range test.Chain() {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	key, err := ca.EncryptKey(test.Issuing.Key, []byte("password"))
	require.NoError(t, err)
	profile, err := os.ReadFile("../deploy/ca/profile.json")
	require.NoError(t, err)
	for name, content := range map[string][]byte{ca.FileCertificate: chain, ca.FileKey: key, ca.FileProfile: profile} {
		keep(t, filepath.Join(dir, "ca/bign", name), content)
	}
	tariff, err := os.ReadFile("../deploy/tariff.json")
	require.NoError(t, err)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	secret := base64.StdEncoding.EncodeToString([]byte("thirty-two bytes of a master key"))
	c, err := config.LoadWorker(map[string]string{
		"DATABASE_URL": pgtest.URL(t), "TEMPORAL_ADDRESS": server.Address, "TEMPORAL_NAMESPACE": "test", "METRICS_ADDRESS": free.Addr().String(),
		"MASTER_KEYS": "m1:" + secret, "ID_HASH_KEY": secret, "TARIFF_FILE": keep(t, filepath.Join(dir, "tariff.json"), tariff),
		"TRUST_DIR": filepath.Join(dir, "trust"), "CA_DIR": filepath.Join(dir, "ca"), "CA_KEY_PASSWORD": "password",
		"EGR_URL": "http://127.0.0.1:1", "GRP_URL": "http://127.0.0.1:1", "POPULATION_URL": "http://127.0.0.1:1", "HEADS_URL": "http://127.0.0.1:1",
		"SUBSCRIBERS_URL": "http://127.0.0.1:1", "SMTP_ADDRESS": "127.0.0.1:1", "SMTP_FROM": "issuance@example.by",
		"PORTAL_URL": "https://portal.example.by", "STORAGE_URL": "https://storage.example.by", "STATEMENTS_DIR": t.TempDir(),
		"BENEFICIARY_NAME": "Payee", "BENEFICIARY_IBAN": "BY86AKBB10100000002966000000", "BENEFICIARY_BANK": "Bank",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "100582333", "BENEFICIARY_PURPOSE_CODE": "20901", "LOG_LEVEL": "ERROR",
	})
	require.NoError(t, err)
	return c, server
}

func TestNoPortOfAnActivityIsForgotten(t *testing.T) {
	c, _ := installation(t)
	base, err := process.Open(t.Context(), "test", c.Common)
	require.NoError(t, err)
	defer base.Close()
	made, err := compose(t.Context(), base, c)
	require.NoError(t, err)
	require.NotEmpty(t, made.jobs)
	require.Len(t, made.loops, 3, "the folder of bank statements, events and webhooks")

	groups := reflect.ValueOf(made.activities)
	for i := range groups.NumField() {
		group := groups.Field(i)
		require.False(t, group.IsNil(), groups.Type().Field(i).Name)
		for j := range group.Elem().NumField() {
			port, name := group.Elem().Field(j), groups.Type().Field(i).Name+"."+group.Elem().Type().Field(j).Name
			switch {
			case name == "Reconciliation.Cards":
				require.True(t, port.IsNil(), "payment by card is not configured")
			case port.Kind() == reflect.Interface || port.Kind() == reflect.Pointer || port.Kind() == reflect.Func:
				require.False(t, port.IsNil(), name)
			}
		}
	}
}

func TestTheWorkerStartsWorksAndStops(t *testing.T) {
	c, server := installation(t)
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- Run(ctx, c) }()
		require.Eventually(t, func() bool { return healthy(c) }, 30*time.Second, 10*time.Millisecond)
		require.Contains(t, server.Namespaces(), "test")
		require.Len(t, server.Attributes(), len(workflows.SearchAttributes()))
		require.Len(t, server.Schedules(), 2, "a second start changes the schedules and makes no others")
		reminders := server.Schedules()[workflows.RemindersSchedule]
		require.Equal(t, "Europe/Minsk", reminders.GetSpec().GetTimezoneName())
		require.Equal(t, workflows.RemindersWorkflow, reminders.GetAction().GetStartWorkflow().GetWorkflowType().GetName())
		stop()
		require.NoError(t, <-ended)
	}
}

func healthy(c config.Worker) bool {
	response, err := http.Get("http://" + string(c.Common.Metrics.Address) + "/healthz")
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

func TestAWorkerThatCannotWorkDoesNotStart(t *testing.T) {
	good, _ := installation(t)
	for name, spoil := range map[string]func(*config.Worker){
		"nothing to trust":       func(c *config.Worker) { c.Trust.Dir = config.Dir(t.TempDir()) },
		"no issuer":              func(c *config.Worker) { c.CA.Dir = config.Dir(t.TempDir()) },
		"another password":       func(c *config.Worker) { c.CA.KeyPassword = config.NewSecret("wrong") },
		"letters without a name": func(c *config.Worker) { c.SMTP.From = "" },
		"no key of the audit":    func(c *config.Worker) { c.Audit.KeyFile = "no such file" },
		"no tariff":              func(c *config.Worker) { c.Common.Terms.TariffFile = "no such file" },
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			spoil(&c)
			require.Error(t, Run(t.Context(), c))
		})
	}
}
