package config

import "time"

// Registers are the state registers that the second check, and the diagnosis
// before an order, ask (S7).
type Registers struct {
	EGR         URL `env:"EGR_URL,required" doc:"state register of legal entities and sole proprietors"`
	GRP         URL `env:"GRP_URL,required" doc:"taxpayer register"`
	Population  URL `env:"POPULATION_URL,required" doc:"population register"`
	Subscribers URL `env:"SUBSCRIBERS_URL,required" doc:"organisations under the public contract"`
}

// CA is what certificates are issued with.
type CA struct {
	Dir         Dir    `env:"CA_DIR,required" doc:"one folder for each issuing CA with certificate.pem, key.pem and profile.json"`
	KeyPassword Secret `env:"CA_KEY_PASSWORD" doc:"password of encrypted CA keys"`
}

// Profiles are what the API checks requests against before anybody pays.
type Profiles struct {
	Dir Dir `env:"CA_PROFILES_DIR,required" doc:"one folder for each issuing CA with certificate.pem and profile.json, as in CA_DIR; keys are not read and need not be there"`
}

// Issuing is what happens around issuing: revocation lists and forgotten work.
type Issuing struct {
	CRLPeriod      time.Duration `env:"CRL_PERIOD" envDefault:"12h" doc:"how often revocation lists are published into TRUST_DIR; shorter than crlHours of every profile"`
	OrphanAfter    time.Duration `env:"ORPHAN_AFTER" envDefault:"15m" doc:"age at which a reserved certificate that nobody signed is finished"`
	SupersedeAfter time.Duration `env:"SUPERSEDE_AFTER" doc:"how long a renewal is in force before the certificate it replaces, if issued here, is revoked as superseded; never when empty"`
}

// AuditKeys are what checkpoints of the audit log are verified with.
type AuditKeys struct {
	Dir Dir `env:"AUDIT_PUBLIC_KEYS_DIR" doc:"public keys of the audit log's checkpoints (*.pem); for the worker those of earlier ones, for the API all: without it no cards for evidence are made or verified"`
}

// Audit is what seals the audit log.
type Audit struct {
	KeyFile File `env:"AUDIT_KEY_FILE" doc:"key that signs checkpoints of the audit log (PKCS#8 PEM, Ed25519 or ECDSA); required in production, without it none are signed"`
}

// Sealing is how old the end of the audit log may become without a checkpoint.
type Sealing struct {
	Every time.Duration `env:"AUDIT_CHECKPOINT_EVERY" envDefault:"1h" doc:"how often the head of the audit log is signed, when it has grown"`
}

// Backups is how long it counts that an operator has tried the backup of a key.
type Backups struct {
	Hold time.Duration `env:"KEY_BACKUP_HOLDS" envDefault:"4320h" doc:"how long a confirmation that the backup of a key was tried holds"`
}

// SMTP is how letters go out.
type SMTP struct {
	Address  Address `env:"SMTP_ADDRESS,required" doc:"mail server, host:port"`
	From     string  `env:"SMTP_FROM,required" doc:"sender of letters"`
	User     string  `env:"SMTP_USER" doc:"user of the mail server"`
	Password Secret  `env:"SMTP_PASSWORD" doc:"password of that user"`
	TLS      MailTLS `env:"SMTP_TLS" envDefault:"mandatory" doc:"off, opportunistic or mandatory"`
}

// SMS is how short messages go out; all of it or nothing.
type SMS struct {
	URL      URL    `env:"SMS_URL" doc:"SMS gateway"`
	User     string `env:"SMS_USER" doc:"user of the SMS gateway"`
	Password Secret `env:"SMS_PASSWORD" doc:"password of that user"`
	Sender   string `env:"SMS_SENDER" doc:"sender shown on the phone, 1-11 characters"`
}

// Enabled tells whether short messages are sent.
func (s SMS) Enabled() bool { return s.URL.Set() }

// Delivery is which message brings which part of the storage's credentials (I4).
type Delivery struct {
	Email    CredentialParts `env:"CREDENTIALS_BY_EMAIL" envDefault:"login,link" doc:"what the letter has of the storage's credentials: login, password, link, separated by commas"`
	SMS      CredentialParts `env:"CREDENTIALS_BY_SMS" envDefault:"password,link" doc:"what the short message has of them"`
	Together bool            `env:"CREDENTIALS_TOGETHER" envDefault:"false" doc:"allow one message that has login and password both"`
}

// Portal is where letters lead their readers.
type Portal struct {
	URL URL `env:"PORTAL_URL,required" doc:"address of the portal, for links in letters and for the way back from the card page"`
}

// Statements is where the bank's statements arrive.
type Statements struct {
	Dir Dir `env:"STATEMENTS_DIR" doc:"client-bank: folder where the bank's statements arrive"`
}

// SettlementFiles is where ERIP's registers of transferred payments arrive.
type SettlementFiles struct {
	Dir Dir `env:"ERIP_REGISTERS_DIR" doc:"ERIP: folder where its registers of transferred payments (.210) arrive"`
}
