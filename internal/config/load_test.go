package config_test

import (
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

var key32 = base64.StdEncoding.EncodeToString([]byte("thirty-two bytes of a master key"))

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func common(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"DATABASE_URL":     "postgres://issuance:db-pass@localhost:5432/issuance",
		"TEMPORAL_ADDRESS": "localhost:7233",
		"MASTER_KEYS":      "m1:" + key32,
		"ID_HASH_KEY":      key32,
		"TARIFF_FILE":      file(t, "tariff.json", "[]"),
		"STORAGE_URL":      "https://storage.example.by/",
		"PORTAL_URL":       "https://portal.example.by",
	}
}

func with(base map[string]string, changes map[string]string) map[string]string {
	merged := maps.Clone(base)
	maps.Copy(merged, changes)
	return merged
}

func apiEnv(t *testing.T) map[string]string {
	t.Helper()
	return with(common(t), map[string]string{
		"TRUST_DIR": t.TempDir(), "PORTAL_URL": "https://portal.example.by", "CA_PROFILES_DIR": t.TempDir(), "HEADS_URL": "http://h:80",
		"EGR_URL": "http://egr:80", "GRP_URL": "http://grp:80", "POPULATION_URL": "http://p:80", "SUBSCRIBERS_URL": "http://s:80",
		"AGREEMENT_URL": "https://portal.example.by/agreement", "CONTRACT_URL": "https://portal.example.by/contract",
		"PUBLIC_URL": "https://api.example.by", "OIDC_ISSUER": "https://id.example.by/realms/portal/",
	})
}

// secured are the settings that production wants, in place of those for trying out.
func secured(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"PRODUCTION": "true", "TEMPORAL_TLS_CA": file(t, "ca.pem", "x"), "HEADS_URL": "https://heads.example.by", "EGR_URL": "https://egr.example.by",
		"GRP_URL": "https://grp.example.by", "POPULATION_URL": "https://persons.example.by", "SUBSCRIBERS_URL": "https://contracts.example.by",
		"AUDIT_KEY_FILE": file(t, "audit.pem", "x"), "ERIP_SERVICE_NO": "1", "ERIP_SIGNATURE_SALT": "s", "ERIP_ALLOWED_NETWORKS": "192.0.2.0/24",
		"BENEFICIARY_NAME": "Payee", "BENEFICIARY_IBAN": "BY86 AKBB 1010 0000 0029 6600 0000", "BENEFICIARY_BANK": "Bank",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "100582333", "BENEFICIARY_PURPOSE_CODE": "20901",
	}
}

func workerEnv(t *testing.T) map[string]string {
	t.Helper()
	return with(common(t), map[string]string{
		"EGR_URL": "http://egr:80", "GRP_URL": "http://grp:80", "POPULATION_URL": "http://p:80", "HEADS_URL": "http://h:80",
		"SUBSCRIBERS_URL": "http://s:80", "TRUST_DIR": t.TempDir(), "CA_DIR": t.TempDir(),
		"SMTP_ADDRESS": "mail:25", "SMTP_FROM": "Issuance <no-reply@example.by>", "PORTAL_URL": "https://portal.example.by",
	})
}

// problems gives the problems as "VARIABLE: reason".
func problems(t *testing.T, err error) []string {
	t.Helper()
	var e *config.Error
	require.ErrorAs(t, err, &e)
	list := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		list = append(list, p.Variable+": "+p.Reason)
	}
	return list
}

func TestLoadAPI(t *testing.T) {
	cfg, err := config.LoadAPI(with(apiEnv(t), map[string]string{
		"ERIP_SERVICE_NO": "12345", "ERIP_SIGNATURE_SALT": "salt", "ERIP_ALLOWED_NETWORKS": "192.0.2.0/24,2001:db8::/32",
		"BENEFICIARY_NAME": "Payee", "BENEFICIARY_IBAN": "BY86 AKBB 1010 0000 0029 6600 0000", "BENEFICIARY_BANK": "Bank",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "100582333", "BENEFICIARY_PURPOSE_CODE": "20901",
		"SHUTDOWN_TIMEOUT": "5s", "LOG_FORMAT": " ", "LOG_LEVEL": "debug",
	}))
	require.NoError(t, err)
	require.Equal(t, "postgres://issuance:db-pass@localhost:5432/issuance", cfg.Common.Database.URL.Reveal())
	require.Equal(t, "remote-issuance", cfg.Common.Temporal.Namespace)
	commands, err := config.LoadOperator(map[string]string{"DATABASE_URL": "postgres://u:p@127.0.0.1/d"})
	require.NoError(t, err)
	require.Equal(t, cfg.Common.Temporal.Namespace, commands.Namespace.Name)
	require.Equal(t, "m1", cfg.Common.Keys.Master.Keyring().Primary())
	require.Equal(t, "thirty-two bytes of a master key", string(cfg.Common.Keys.IDHash.Reveal()))
	require.Equal(t, 24*time.Hour, cfg.Common.Terms.PolicyDay)
	require.Equal(t, config.LogJSON, cfg.Common.Log.Format)
	require.Equal(t, "DEBUG", cfg.Common.Log.Level.String())
	require.Equal(t, "https://id.example.by/realms/portal/", cfg.OIDC.Issuer.String())
	require.Equal(t, 5*time.Second, cfg.HTTP.ShutdownTimeout)
	require.Len(t, cfg.ERIP.AllowedNetworks, 2)
	require.Equal(t, config.IBAN("BY86AKBB10100000002966000000"), cfg.Beneficiary.IBAN)
	require.Equal(t, []bool{false, true, true, false}, []bool{
		cfg.Assist.Enabled(), cfg.ERIP.Enabled(), cfg.Beneficiary.Enabled(), cfg.Common.Temporal.TLS(),
	})
}

func TestLoadWorkerAndMigrate(t *testing.T) {
	cfg, err := config.LoadWorker(workerEnv(t))
	require.NoError(t, err)
	require.Equal(t, config.MailTLSMandatory, cfg.SMTP.TLS)
	require.False(t, cfg.SMS.Enabled())
	require.Equal(t, "http://egr:80", cfg.Registers.EGR.String())

	migrate, err := config.LoadMigrate(common(t))
	require.NoError(t, err)
	require.Equal(t, config.Address("localhost:7233"), migrate.Temporal.Address)
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	env := apiEnv(t)
	delete(env, "DATABASE_URL")
	_, err := config.LoadAPI(with(env, map[string]string{
		"TEMPORAL_ADDRESS": "nowhere", "TEMPORAL_TLS_CERT": "/none.pem", "MASTER_KEYS": "m1:AAAA", "ID_HASH_KEY": "c2hvcnQ=",
		"LOG_LEVEL": "LOUD", "LOG_FORMAT": "xml", "POLICY_DAY": "soon", "TARIFF_FILE": "/none.json", "PUBLIC_URL": "api",
		"BODY_MAX_BYTES": "many", "PRODUCTION": "perhaps", "ERIP_ALLOWED_NETWORKS": "home", "BENEFICIARY_IBAN": "BY00",
		"BENEFICIARY_UNP": "1", "BENEFICIARY_BIC": "X", "ASSIST_LOGIN": "merchant",
	}))
	require.Equal(t, []string{
		"ASSIST_HOST: it is required with the others of its group",
		"ASSIST_MERCHANT_ID: it is required with the others of its group",
		"ASSIST_PASSWORD: it is required with the others of its group",
		"ASSIST_REQUEST_SALT: it is required with the others of its group",
		"ASSIST_RESULT_SALT: it is required with the others of its group",
		"BENEFICIARY_BIC: want the 8 or 11 characters of a Belarusian bank's BIC",
		"BENEFICIARY_IBAN: want BY and 26 more characters of an IBAN",
		"BENEFICIARY_UNP: not a UNP: want 9 characters whose last digit checks the others",
		"BODY_MAX_BYTES: want a whole number",
		"DATABASE_URL: it is required",
		"ERIP_ALLOWED_NETWORKS: want networks such as 192.0.2.0/24, separated by commas",
		"ID_HASH_KEY: want at least 32 bytes in base64",
		"LOG_FORMAT: want json or text",
		"LOG_LEVEL: want DEBUG, INFO, WARN or ERROR",
		"MASTER_KEYS: not a list of master keys: entry 1: want 32 bytes in base64",
		"POLICY_DAY: want a duration such as 20s or 24h",
		"PRODUCTION: want true or false",
		"PUBLIC_URL: want an address such as https://host/path",
		"TARIFF_FILE: there is no file \"/none.json\"",
		"TEMPORAL_ADDRESS: want host:port",
		"TEMPORAL_TLS_CERT: there is no file \"/none.pem\"",
	}, problems(t, err))
	require.ErrorContains(t, err, "configuration: 21 problem(s)\n  ASSIST_HOST: ")
}

func TestSecretsComeFromFiles(t *testing.T) {
	env := common(t)
	delete(env, "DATABASE_URL")
	env["DATABASE_URL_FILE"] = file(t, "url", "postgres://u:p@db/issuance\n")
	cfg, err := config.LoadMigrate(env)
	require.NoError(t, err)
	require.Equal(t, "postgres://u:p@db/issuance", cfg.Database.URL.Reveal())

	env["DATABASE_URL"] = "postgres://u:p@db/issuance"
	_, err = config.LoadMigrate(env)
	require.Equal(t, []string{"DATABASE_URL: set it or DATABASE_URL_FILE, not both"}, problems(t, err))

	delete(env, "DATABASE_URL")
	env["DATABASE_URL_FILE"] = "/none"
	_, err = config.LoadMigrate(env)
	require.Equal(t, []string{"DATABASE_URL_FILE: there is no file \"/none\""}, problems(t, err))
}

func TestTheMigrationsOfProductionNeedTLSToo(t *testing.T) {
	_, err := config.LoadMigrate(with(common(t), map[string]string{"PRODUCTION": "true"}))
	require.Equal(t, []string{
		"TEMPORAL_TLS_CA: in production the Temporal server must be spoken to over TLS: it is required, or TEMPORAL_TLS_CERT",
	}, problems(t, err))
	for variable, value := range map[string]string{
		"TEMPORAL_TLS_CA": file(t, "ca.pem", "x"), "TEMPORAL_TLS_SERVER_NAME": "temporal.example.by",
	} {
		_, err = config.LoadMigrate(with(common(t), map[string]string{"PRODUCTION": "true", variable: value}))
		require.NoError(t, err)
	}
}

func TestSettingsThatCannotBeStoredAreRefused(t *testing.T) {
	for value, reason := range map[string]string{
		"Payee\x00": "nul at character 6", "\xd0": "encoding at character 1", "ОАО \u202eабв": "bidi at character 5", "a\nb": "control at character 2",
		"a\ufffe": "unassigned at character 2",
	} {
		for _, variable := range []string{"BENEFICIARY_NAME", "AGREEMENT_VERSION", "OIDC_AUDIENCE", "TEMPORAL_NAMESPACE"} {
			_, err := config.LoadAPI(with(apiEnv(t), map[string]string{variable: value}))
			require.ErrorContains(t, err, variable+": its value cannot be stored: "+reason)
		}
	}
	_, err := config.LoadAPI(with(apiEnv(t), map[string]string{"TARIFF_FILE": "/a\u202eb"}))
	require.Equal(t, []string{"TARIFF_FILE: its value cannot be stored: bidi at character 3"}, problems(t, err), "said once")
	env := apiEnv(t)
	delete(env, "ID_HASH_KEY")
	env["ID_HASH_KEY_FILE"] = file(t, "key", key32+"\x00")
	_, err = config.LoadAPI(env)
	require.Equal(t, []string{"ID_HASH_KEY: its value cannot be stored: nul at character 45"}, problems(t, err))
}

func TestOnlyASandboxHasAClockOfItsOwn(t *testing.T) {
	clock := file(t, "clock", "240h0m0s")
	mode, err := config.LoadMode(map[string]string{"SANDBOX_CLOCK": clock})
	require.NoError(t, err)
	require.Equal(t, config.File(clock), mode.SandboxClock)
	production := map[string]string{"SANDBOX_CLOCK": clock, "PRODUCTION": "true"}
	loads := map[string]func(map[string]string) error{
		"every command": func(e map[string]string) error { _, err := config.LoadMode(e); return err },
		"api":           func(e map[string]string) error { _, err := config.LoadAPI(e); return err },
		"worker":        func(e map[string]string) error { _, err := config.LoadWorker(e); return err },
		"portal":        func(e map[string]string) error { _, err := config.LoadSite(e); return err },
		"migrate":       func(e map[string]string) error { _, err := config.LoadMigrate(e); return err },
		"payments":      func(e map[string]string) error { _, err := config.LoadTools(e); return err },
	}
	for name, load := range loads {
		require.ErrorContains(t, load(production), "SANDBOX_CLOCK: in production the time is the machine's", name)
	}
	_, err = config.LoadMode(map[string]string{"SANDBOX_CLOCK": clock + ".absent"})
	require.ErrorContains(t, err, "SANDBOX_CLOCK")
}
