package config

// Registers are the state registers the second check asks (S7).
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

// Portal is where letters lead their readers.
type Portal struct {
	URL URL `env:"PORTAL_URL,required" doc:"address of the portal, for links in letters"`
}

// Statements is where the bank's statements arrive.
type Statements struct {
	Dir Dir `env:"STATEMENTS_DIR" doc:"client-bank: folder where the bank's statements arrive"`
}

// SettlementFiles is where ERIP's registers of transferred payments arrive.
type SettlementFiles struct {
	Dir Dir `env:"ERIP_REGISTERS_DIR" doc:"ERIP: folder where its registers of transferred payments (.210) arrive"`
}
