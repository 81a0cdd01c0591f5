package config_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

func TestContradictionsOfTheAPI(t *testing.T) {
	production := secured(t)
	_, err := config.LoadAPI(with(apiEnv(t), production))
	require.NoError(t, err)
	for name, c := range map[string]struct{ change, want string }{
		"test mode":        {"ASSIST_TEST_MODE=true", "ASSIST_TEST_MODE: in production"},
		"quick day":        {"POLICY_DAY=1m", "POLICY_DAY: in production"},
		"webhooks to us":   {"WEBHOOKS_LOOPBACK=true", "WEBHOOKS_LOOPBACK: in production"},
		"longer day":       {"POLICY_DAY=25h", "POLICY_DAY: want more than nothing"},
		"open address":     {"PUBLIC_URL=http://api.example.by", "PUBLIC_URL: in production it must be https"},
		"open issuer":      {"OIDC_ISSUER=http://id.example.by", "OIDC_ISSUER: in production it must be https"},
		"no way to pay":    {"ERIP_SERVICE_NO=,ERIP_SIGNATURE_SALT=,ERIP_ALLOWED_NETWORKS=", "ASSIST_HOST: in production ASSIST or ERIP"},
		"every proxy":      {"TRUSTED_PROXIES=::/0", "TRUSTED_PROXIES: it believes the whole internet"},
		"every IPv4 proxy": {"TRUSTED_PROXIES=0.0.0.0/0", "TRUSTED_PROXIES: it believes the whole internet"},
		"half the proxies": {"TRUSTED_PROXIES=10.0.0.0/8;128.0.0.0/1", "TRUSTED_PROXIES: it believes the whole internet"},
		"global proxies":   {"TRUSTED_PROXIES=2000::/3", "TRUSTED_PROXIES: it believes the whole internet"},
		"the internet":     {"ERIP_ALLOWED_NETWORKS=0.0.0.0/0", "ERIP_ALLOWED_NETWORKS: it allows the whole internet"},
		"open Temporal":    {"TEMPORAL_TLS_CA=", "TEMPORAL_TLS_CA: in production the Temporal server must be spoken to over TLS"},
		"open heads":       {"HEADS_URL=http://heads.example.by", "HEADS_URL: in production it must be https"},
		"open card host":   {"ASSIST_HOST=http://pay.example.by", "ASSIST_HOST: in production it must be https"},
		"origin with path": {"TEMPORAL_UI_ORIGIN=https://ui.example.by/path", "TEMPORAL_UI_ORIGIN: want scheme"},
		"small body":       {"BODY_MAX_BYTES=2048", "BODY_MAX_BYTES: it is smaller"},
		"huge body":        {"BODY_MAX_BYTES=999999999", "BODY_MAX_BYTES: want 1024"},
		"other database":   {"DATABASE_URL=mysql://user:pw@host/name", "DATABASE_URL: want postgres://"},
		"no hurry":         {"SHUTDOWN_TIMEOUT=0s", "SHUTDOWN_TIMEOUT: want more"},
		"half of ERIP":     {"ERIP_ALLOWED_NETWORKS=", "ERIP_ALLOWED_NETWORKS: it is required with"},
		"salt alone":       {"ERIP_SERVICE_NO=,ERIP_ALLOWED_NETWORKS=", "ERIP_SERVICE_NO: it is required with ERIP_SIGNATURE_SALT"},
		"ERIP for nobody": {
			"BENEFICIARY_NAME=,BENEFICIARY_IBAN=,BENEFICIARY_BANK=,BENEFICIARY_BIC=,BENEFICIARY_UNP=,BENEFICIARY_PURPOSE_CODE=",
			"BENEFICIARY_UNP: it is required with ERIP_SERVICE_NO",
		},
		"letters": {"ERIP_SERVICE_NO=1a", "ERIP_SERVICE_NO: want digits"},
	} {
		t.Run(name, func(t *testing.T) {
			changes := maps.Clone(production)
			for _, pair := range strings.Split(c.change, ",") {
				k, v, _ := strings.Cut(pair, "=")
				changes[k] = strings.ReplaceAll(v, ";", ",")
			}
			_, err := config.LoadAPI(with(apiEnv(t), changes))
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "user:pw")
		})
	}
}

func TestContradictionsOfTheWorker(t *testing.T) {
	pem := file(t, "client.pem", "x")
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"key without certificate": {map[string]string{"TEMPORAL_TLS_KEY": pem}, []string{"TEMPORAL_TLS_CERT: it is required with TEMPORAL_TLS_KEY"}},
		"certificate without key": {map[string]string{"TEMPORAL_TLS_CERT": pem}, []string{"TEMPORAL_TLS_KEY: it is required with TEMPORAL_TLS_CERT"}},
		"password in the clear": {
			map[string]string{"SMTP_USER": "u", "SMTP_PASSWORD": "p", "SMTP_TLS": "off"}, []string{"SMTP_TLS: a password is not sent in the clear"},
		},
		"user without password": {map[string]string{"SMTP_USER": "u"}, []string{"SMTP_PASSWORD: it is required with SMTP_USER"}},
		"sender":                {map[string]string{"SMTP_FROM": "nobody"}, []string{"SMTP_FROM: want an address such as Name <name@example.by>"}},
		"half of SMS": {map[string]string{"SMS_URL": "https://sms.example.by", "SMS_USER": "u", "SMS_SENDER": "twelve chars"}, []string{
			"SMS_PASSWORD: it is required with the others of its group", "SMS_SENDER: want at most 11 characters",
		}},
		"login and password in one letter": {map[string]string{"CREDENTIALS_BY_EMAIL": "login,password,link"}, []string{
			"CREDENTIALS_BY_EMAIL: login and password in one message open the storage to whoever reads it: want CREDENTIALS_TOGETHER=true",
		}},
		"no login": {map[string]string{"CREDENTIALS_BY_EMAIL": "link"}, []string{"CREDENTIALS_BY_EMAIL: no message has the login"}},
		"no part":  {map[string]string{"CREDENTIALS_BY_SMS": "pasword"}, []string{"CREDENTIALS_BY_SMS: want login, password and link, or some of them, separated by commas"}},
		"production": {map[string]string{"PRODUCTION": "true", "SMTP_TLS": "opportunistic", "PORTAL_URL": "http://p"}, []string{
			"AUDIT_KEY_FILE: in production the audit log must be sealed", "EGR_URL: in production it must be https",
			"GRP_URL: in production it must be https", "HEADS_URL: in production it must be https", "POPULATION_URL: in production it must be https",
			"PORTAL_URL: in production it must be https", "SMTP_TLS: in production it must be mandatory",
			"SUBSCRIBERS_URL: in production it must be https",
			"TEMPORAL_TLS_CA: in production the Temporal server must be spoken to over TLS: it is required, or TEMPORAL_TLS_CERT",
		}},
		"SMS in the clear": {
			with(secured(t), map[string]string{"SMS_URL": "http://sms.example.by", "SMS_USER": "u", "SMS_PASSWORD": "p", "SMS_SENDER": "s"}),
			[]string{"SMS_URL: in production it must be https"},
		},
		"token in the clear": {map[string]string{"TEMPORAL_TOKEN_FILE": pem, "TEMPORAL_ADDRESS": "temporal:7233"}, []string{"TEMPORAL_TOKEN_FILE: a token is not sent in the clear: set TEMPORAL_TLS_CA"}},
		"deployment": {map[string]string{"TEMPORAL_DEPLOYMENT": "Orders:1", "TEMPORAL_BUILD_ID": "1.0'--", "WORKFLOW_PATCHES": "hold"}, []string{
			"TEMPORAL_BUILD_ID: want letters, digits, dots, hyphens and underscores, at most 100",
			"TEMPORAL_DEPLOYMENT: want lower-case letters, digits and hyphens, at most 63",
		}},
		"issuing": {map[string]string{"CRL_PERIOD": "0s", "ORPHAN_AFTER": "1s", "SUPERSEDE_AFTER": "-1h", "AUDIT_CHECKPOINT_EVERY": "1ms"}, []string{
			"AUDIT_CHECKPOINT_EVERY: want at least 1s", "CRL_PERIOD: want more than nothing",
			"ORPHAN_AFTER: want at least 1m: what is under way is not forgotten yet", "SUPERSEDE_AFTER: want nothing or more",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.LoadWorker(with(workerEnv(t), c.env))
			require.Equal(t, c.want, problems(t, err))
		})
	}
}
