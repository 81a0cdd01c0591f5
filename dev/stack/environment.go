package stack

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/persons"
)

// Environment is the configuration of the product's processes, by variable.
type Environment map[string]string

// List is the environment as a process takes it, with variables of this process that every program wants.
func (e Environment) List(inherited ...string) []string {
	list := slices.Clone(inherited)
	for _, name := range slices.Sorted(maps.Keys(e)) {
		list = append(list, name+"="+e[name])
	}
	return list
}

// WriteShell writes the variables as a file for a shell to read, so that the
// operators' commands can be tried on the stack. It holds secrets.
func (e Environment) WriteShell(path string) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e)) {
		fmt.Fprintf(&b, "export %s='%s'\n", name, strings.ReplaceAll(e[name], "'", `'\''`))
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

// With is the environment with some variables changed.
func (e Environment) With(changes Environment) Environment {
	out := maps.Clone(e)
	maps.Copy(out, changes)
	return out
}

// portalClient is the portal's client id at the local issuer.
const portalClient = "portal"

// The account at the SMS gateway and the merchant at the payment sandboxes.
const (
	smsUser     = "sandbox"
	smsSender   = "RUC"
	assistID    = "100001"
	assistLogin = "sandbox"
	eripService = 90100001
	bankAccount = "BY86AKBB10100000002966000000"
)

// notice tells people on every page of the portal what the pages ask them for.
func (s *Stack) notice() string {
	return "Стенд для пробы: люди вымышлены. Их сертификаты (.cer) и ключи (.p8, пароль " + persons.Password + ") — в папке " + s.FilesDir() +
		"; письма и SMS приходят на " + s.URLs.Inbox
}

func (s *Stack) environment(databaseURL, temporalAddress string) Environment {
	e := Environment{
		"LOG_FORMAT": "text", "DATABASE_URL": databaseURL, "TEMPORAL_ADDRESS": temporalAddress, "TEMPORAL_NAMESPACE": Namespace,
		"MASTER_KEYS": "sandbox:" + s.secrets.MasterKey, "ID_HASH_KEY": s.secrets.IDHashKey,
		"POLICY_DAY": s.options.PolicyDay.String(), "TARIFF_FILE": s.tariffFile(),
		"API_ADDRESS": s.ports.listen(serviceAPI), "PUBLIC_URL": s.URLs.API, "STORAGE_URL": s.URLs.API + "/storage",
		"OIDC_ISSUER": s.URLs.OIDC, "PORTAL_URL": s.URLs.Portal, "PORTAL_ADDRESS": s.ports.listen(servicePortal),
		"PORTAL_API_URL": s.URLs.API, "PORTAL_CLIENT_ID": portalClient, "PORTAL_SESSION_KEYS": "sandbox:" + s.secrets.SessionKey,
		"PORTAL_KEYS_IN_PAGE": "true", "PORTAL_NOTICE": s.notice(), "AGREEMENT_URL": "https://example.by/agreement", "CONTRACT_URL": "https://example.by/contract",
		"SHUTDOWN_TIMEOUT": (5 * time.Second).String(),
		"EGR_URL":          s.URLs.Registers + "/api/v2/egr", "GRP_URL": s.URLs.Registers + "/grp/getData",
		"POPULATION_URL": s.URLs.Registers, "HEADS_URL": s.URLs.Registers, "SUBSCRIBERS_URL": s.URLs.Registers,
		"TRUST_DIR": s.cas.TrustDir(), "CA_DIR": s.cas.IssuersDir(), "CA_PROFILES_DIR": s.cas.IssuersDir(),
		"CA_KEY_PASSWORD": s.secrets.CAPassword,
		"SMTP_ADDRESS":    s.inbox.SMTPAddr(), "SMTP_FROM": "Дистанционное издание сертификатов <noreply@example.by>", "SMTP_TLS": "off",
		"SMS_URL": s.inbox.URL(), "SMS_USER": smsUser, "SMS_PASSWORD": s.secrets.SMSPassword, "SMS_SENDER": smsSender,
		"BENEFICIARY_NAME": "Оператор (песочница)", "BENEFICIARY_IBAN": bankAccount, "BENEFICIARY_BANK": "Банк (песочница)",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "190000033", "BENEFICIARY_PURPOSE_CODE": "40101",
		"BENEFICIARY_ADDRESS": "220000, г. Минск, ул. Примерная, д. 1", "BENEFICIARY_PHONE": "+375 17 200 00 00", "BENEFICIARY_OKPO": "100000000000",
		"BENEFICIARY_CONTRACT": "публичный договор от 01.02.2026 № 7", "BENEFICIARY_VAT": "20",
		"INSTRUCTION_URL": "https://example.by/instruction", "REGISTRATION_CENTRES_URL": "https://example.by/centres", "SUPPORT_URL": "https://example.by/support",
		"ERIP_SERVICE_NO": strconv.Itoa(eripService), "ERIP_SIGNATURE_SALT": s.secrets.GatewaySalt, "ERIP_ALLOWED_NETWORKS": "127.0.0.0/8",
		"ASSIST_HOST": s.gateways.URL(), "ASSIST_MERCHANT_ID": assistID, "ASSIST_LOGIN": assistLogin,
		"ASSIST_PASSWORD": s.secrets.GatewaySalt, "ASSIST_REQUEST_SALT": s.secrets.GatewaySalt, "ASSIST_RESULT_SALT": s.secrets.GatewaySalt,
		"AUDIT_KEY_FILE": s.auditKeyFile(), "AUDIT_PUBLIC_KEYS_DIR": s.auditPublicDir(), "AUDIT_CHECKPOINT_EVERY": time.Minute.String(),
		"ASSIST_TEST_MODE": "true", "WEBHOOKS_LOOPBACK": "true", "STATEMENTS_DIR": s.statementsDir(), "ERIP_REGISTERS_DIR": s.registersDir(),
	}
	if s.options.TemporalAddress == "" {
		e[temporalTokenFile] = s.temporalToken(TemporalWorker)
	}
	if s.cas.CA(authority.Bign) != nil {
		e["RENEWAL_CERTIFICATE_FILE"], e["RENEWAL_KEY_FILE"] = s.cas.AgentCertificateFile(), s.cas.AgentKeyFile()
		e["RENEWAL_KEY_PASSWORD"] = s.secrets.CAPassword
	}
	if s.movable() {
		e["SANDBOX_CLOCK"] = s.clock.Path()
	}
	e["TEMPORAL_UI_ORIGIN"] = s.ports.url(serviceTemporalUI)
	return e
}
