package config

import (
	"net/mail"
	"net/url"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// Limits of sizes, in bytes: below, no request fits; above, one caller
	// could fill the memory.
	leastBytes, mostBytes = 1 << 10, 16 << 20
	// mostWork is a level that takes a client some minutes to an hour.
	mostWork = 24
)

// rules collects the problems of several variables that do not fit together.
type rules []Problem

func (r *rules) when(wrong bool, variable, reason string) {
	if wrong {
		*r = append(*r, Problem{Variable: variable, Reason: reason})
	}
}

// allOrNone reports what is missing where some of the variables are set.
func (r *rules) allOrNone(set map[string]bool) {
	some := false
	for _, isSet := range set {
		some = some || isSet
	}
	for name, isSet := range set {
		r.when(some && !isSet, name, "it is required with the others of its group")
	}
}

func (r *rules) size(variable string, n int64) {
	r.when(n < leastBytes || n > mostBytes, variable, "want 1024 to 16777216 bytes")
}

func (r *rules) secure(production bool, variable string, u URL) {
	r.when(production && u.Set() && !u.Secure(), variable, "in production it must be https")
}

func (r *rules) digits(variable, s string) {
	r.when(strings.Trim(s, "0123456789") != "", variable, "want digits only")
}

func (r *rules) database(d Database) {
	u, err := url.Parse(d.URL.Reveal())
	ok := err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") && strings.Trim(u.Path, "/") != ""
	r.when(d.URL.Set() && !ok, "DATABASE_URL", "want postgres://user:password@host:port/name")
}

func (r *rules) temporal(t Temporal, production bool) {
	r.when(production && !t.TLS(), "TEMPORAL_TLS_CA", "in production the Temporal server must be spoken to over TLS: it is required, or TEMPORAL_TLS_CERT")
	r.when(t.TokenFile != "" && !t.TLS() && !t.SameMachine(), "TEMPORAL_TOKEN_FILE", "a token is not sent in the clear: set TEMPORAL_TLS_CA")
	r.when(t.TLSCertificate != "" && t.TLSKey == "", "TEMPORAL_TLS_KEY", "it is required with TEMPORAL_TLS_CERT")
	r.when(t.TLSKey != "" && t.TLSCertificate == "", "TEMPORAL_TLS_CERT", "it is required with TEMPORAL_TLS_KEY")
}

func (r *rules) mode(m Mode) {
	r.when(m.Production && m.SandboxClock != "", "SANDBOX_CLOCK", "in production the time is the machine's")
}

func (r *rules) common(c Common) {
	r.mode(c.Mode)
	r.database(c.Database)
	r.temporal(c.Temporal, c.Mode.Production)
	r.when(c.Terms.PolicyDay <= 0 || c.Terms.PolicyDay > day, "POLICY_DAY", "want more than nothing and at most 24h")
	r.when(c.Mode.Production && c.Terms.PolicyDay != day, "POLICY_DAY", "in production a day has 24h")
	r.size("DOCUMENT_MAX_BYTES", c.Terms.DocumentMaxBytes)
	r.when(c.Mode.Production && c.Webhooks.Loopback, "WEBHOOKS_LOOPBACK", "in production webhooks go to the public internet only")
}

func (c API) problems() []Problem {
	var r rules
	r.common(c.Common)
	production := c.Common.Mode.Production
	r.secure(production, "PUBLIC_URL", c.HTTP.PublicURL)
	r.secure(production, "OIDC_ISSUER", c.OIDC.Issuer.url)
	r.secure(production, "STORAGE_URL", c.Storage.URL)
	r.secure(production, "PORTAL_URL", c.Portal.URL)
	r.links(c.Links, production)
	r.sealing(c.Sealing)
	r.backups(c.Backups)
	r.size("BODY_MAX_BYTES", c.HTTP.BodyMaxBytes)
	r.when(c.HTTP.BodyMaxBytes < c.Common.Terms.DocumentMaxBytes, "BODY_MAX_BYTES", "it is smaller than DOCUMENT_MAX_BYTES")
	r.when(c.HTTP.ShutdownTimeout <= 0, "SHUTDOWN_TIMEOUT", "want more than nothing")
	r.secure(production, "HEADS_URL", c.Heads.URL)
	r.registers(c.Registers, production)
	r.networks("TRUSTED_PROXIES", c.HTTP.TrustedProxies, "it believes the whole internet, or most of it")
	r.assist(c.Assist, production)
	r.erip(c.ERIP)
	r.beneficiary(c.Beneficiary)
	r.renewal(c.Renewal)
	r.when(c.ERIP.Enabled() && c.Beneficiary == (Beneficiary{}), "BENEFICIARY_UNP", "it is required with ERIP_SERVICE_NO: the code that people pay by through ERIP names the payee")
	r.when(production && !c.Assist.Enabled() && !c.ERIP.Enabled(), "ASSIST_HOST",
		"in production ASSIST or ERIP must be configured: individuals have no other way to pay")
	return r
}

func (r *rules) links(l Links, production bool) {
	r.secure(production, "TEMPORAL_UI_ORIGIN", l.TemporalUI)
	r.when(strings.Count(l.TemporalUI.String(), "/") > 2, "TEMPORAL_UI_ORIGIN", "want scheme, host and port without a path")
}

func (r *rules) renewal(n Renewal) {
	r.allOrNone(map[string]bool{
		"RENEWAL_CERTIFICATE_FILE": n.Certificate != "", "RENEWAL_KEY_FILE": n.Key != "", "RENEWAL_KEY_PASSWORD": n.Password.Set(),
	})
	r.when(n.Work < 0 || n.Work > mostWork, "RENEWAL_WORK", "want 0 to 24: above, a client works for an hour")
}

func (r *rules) assist(a Assist, production bool) {
	r.allOrNone(map[string]bool{
		"ASSIST_HOST": a.Host.Set(), "ASSIST_MERCHANT_ID": a.MerchantID != "", "ASSIST_LOGIN": a.Login != "",
		"ASSIST_PASSWORD": a.Password.Set(), "ASSIST_REQUEST_SALT": a.RequestSalt.Set(), "ASSIST_RESULT_SALT": a.ResultSalt.Set(),
	})
	r.digits("ASSIST_MERCHANT_ID", a.MerchantID)
	r.when(production && a.TestMode, "ASSIST_TEST_MODE", "in production payments are real")
	r.secure(production, "ASSIST_HOST", a.Host)
}

func (r *rules) erip(e ERIP) {
	r.allOrNone(map[string]bool{"ERIP_SERVICE_NO": e.ServiceNo != "", "ERIP_ALLOWED_NETWORKS": len(e.AllowedNetworks) > 0})
	r.when(e.SignatureSalt.Set() && !e.Enabled(), "ERIP_SERVICE_NO", "it is required with ERIP_SIGNATURE_SALT")
	r.digits("ERIP_SERVICE_NO", e.ServiceNo)
	r.networks("ERIP_ALLOWED_NETWORKS", e.AllowedNetworks, "it allows the whole internet, or most of it")
}

// networks refuses a network that is wider than the widest private ones,
// 10.0.0.0/8 and fc00::/7: pieces of everybody are everybody too.
func (r *rules) networks(variable string, networks Networks, reason string) {
	for _, network := range networks {
		least := 8
		if network.Addr().Is6() {
			least = 7
		}
		r.when(network.Bits() < least, variable, reason)
	}
}

func (r *rules) beneficiary(b Beneficiary) {
	r.allOrNone(map[string]bool{
		"BENEFICIARY_NAME": b.Name != "", "BENEFICIARY_IBAN": b.IBAN != "", "BENEFICIARY_BANK": b.Bank != "",
		"BENEFICIARY_BIC": b.BIC != "", "BENEFICIARY_UNP": b.UNP.UNP != "", "BENEFICIARY_PURPOSE_CODE": b.PurposeCode != "",
	})
	for name, set := range map[string]bool{
		"BENEFICIARY_ADDRESS": b.Address != "", "BENEFICIARY_PHONE": b.Phone != "", "BENEFICIARY_OKPO": b.OKPO != "",
		"BENEFICIARY_CONTRACT": b.Contract != "", "BENEFICIARY_VAT": b.VAT.Said,
	} {
		r.when(set && !b.Enabled(), "BENEFICIARY_IBAN", "it is required with "+name)
	}
	r.digits("BENEFICIARY_OKPO", b.OKPO)
}

func (c Worker) problems() []Problem {
	var r rules
	r.common(c.Common)
	r.deployment(c.Deployment)
	production := c.Common.Mode.Production
	r.secure(production, "STORAGE_URL", c.Storage.URL)
	r.secure(production, "PORTAL_URL", c.Portal.URL)
	r.secure(production, "HEADS_URL", c.Heads.URL)
	r.registers(c.Registers, production)
	r.smtp(c.SMTP, production)
	r.when(c.Issuing.CRLPeriod <= 0, "CRL_PERIOD", "want more than nothing")
	r.when(c.Issuing.OrphanAfter < time.Minute, "ORPHAN_AFTER", "want at least 1m: what is under way is not forgotten yet")
	r.when(c.Issuing.SupersedeAfter < 0, "SUPERSEDE_AFTER", "want nothing or more")
	r.sealing(c.Sealing)
	r.when(production && c.Audit.KeyFile == "", "AUDIT_KEY_FILE", "in production the audit log must be sealed")
	r.allOrNone(map[string]bool{
		"SMS_URL": c.SMS.URL.Set(), "SMS_USER": c.SMS.User != "",
		"SMS_PASSWORD": c.SMS.Password.Set(), "SMS_SENDER": c.SMS.Sender != "",
	})
	r.secure(production, "SMS_URL", c.SMS.URL)
	r.delivery(c.Delivery)
	r.assist(c.Assist, production)
	r.beneficiary(c.Beneficiary)
	r.when(c.Statements.Dir != "" && !c.Beneficiary.Enabled(), "BENEFICIARY_IBAN",
		"it is required with STATEMENTS_DIR: credits of another account pay nothing")
	r.when(len(c.SMS.Sender) > 11, "SMS_SENDER", "want at most 11 characters")
	return r
}

func (r *rules) registers(c Registers, production bool) {
	r.secure(production, "EGR_URL", c.EGR)
	r.secure(production, "GRP_URL", c.GRP)
	r.secure(production, "POPULATION_URL", c.Population)
	r.secure(production, "SUBSCRIBERS_URL", c.Subscribers)
}

func (r *rules) smtp(s SMTP, production bool) {
	_, err := mail.ParseAddress(s.From)
	r.when(s.From != "" && err != nil, "SMTP_FROM", "want an address such as Name <name@example.by>")
	r.when(s.User != "" && !s.Password.Set(), "SMTP_PASSWORD", "it is required with SMTP_USER")
	r.when(s.Password.Set() && s.User == "", "SMTP_USER", "it is required with SMTP_PASSWORD")
	r.when(s.Password.Set() && s.TLS == MailTLSOff, "SMTP_TLS", "a password is not sent in the clear")
	r.when(production && s.TLS != MailTLSMandatory, "SMTP_TLS", "in production it must be mandatory")
}

func (r *rules) delivery(d Delivery) {
	const together = "login and password in one message open the storage to whoever reads it: want CREDENTIALS_TOGETHER=true"
	r.when(d.Email.Login && d.Email.Password && !d.Together, "CREDENTIALS_BY_EMAIL", together)
	r.when(d.SMS.Login && d.SMS.Password && !d.Together, "CREDENTIALS_BY_SMS", together)
	r.when(!d.Email.Login && !d.SMS.Login, "CREDENTIALS_BY_EMAIL", "no message has the login")
	r.when(!d.Email.Password && !d.SMS.Password, "CREDENTIALS_BY_SMS", "no message has the password")
}

func (r *rules) sealing(s Sealing) {
	r.when(s.Every < time.Second, "AUDIT_CHECKPOINT_EVERY", "want at least 1s")
}

func (r *rules) backups(b Backups) {
	r.when(b.Hold < 24*time.Hour, "KEY_BACKUP_HOLDS", "want at least 24h")
}

func (c Site) problems() []Problem {
	var r rules
	r.mode(c.Mode)
	r.secure(c.Mode.Production, "PORTAL_URL", c.Portal.URL)
	r.secure(c.Mode.Production, "OIDC_ISSUER", c.OIDC.Issuer.url)
	r.when(strings.Count(c.Portal.URL.String(), "/") > 2, "PORTAL_URL", "the portal has an origin of its own: want scheme, host and port without a path")
	r.when(c.Mode.Production && c.Pages.ShowKeys, "PORTAL_SHOW_KEYS", "in production people see texts, not keys")
	return r
}

func (m Mode) problems() []Problem {
	var r rules
	r.mode(m)
	return r
}

func (c Operator) problems() []Problem {
	var r rules
	r.database(c.Database)
	r.sealing(c.Sealing)
	r.backups(c.Backups)
	r.links(c.Links, false)
	return r
}

func (c Rotation) problems() []Problem {
	var r rules
	r.database(c.Database)
	return r
}

func (c Migrate) problems() []Problem {
	var r rules
	r.mode(c.Mode)
	r.database(c.Database)
	r.temporal(c.Temporal, c.Mode.Production)
	return r
}

func (c Tools) problems() []Problem {
	var r rules
	r.mode(c.Mode)
	r.database(c.Database)
	r.assist(c.Assist, c.Mode.Production)
	return r
}
