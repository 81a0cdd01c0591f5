package config

import (
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// The groups below hold only variables; processes hold only groups. The doc
// tag is the line of docs/configuration.md.

// Mode separates the real service from stacks for trying things out.
type Mode struct {
	Production   bool `env:"PRODUCTION" envDefault:"false" doc:"the real service: refuses test modes, quick days and unprotected addresses"`
	SandboxClock File `env:"SANDBOX_CLOCK" doc:"file that says how far the time is ahead, as 240h0m0s, so that days can be let pass on a sandbox; refused in production"`
}

// Log is how the process logs.
type Log struct {
	Level  slog.Level `env:"LOG_LEVEL" envDefault:"INFO" doc:"DEBUG, INFO, WARN or ERROR"`
	Format LogFormat  `env:"LOG_FORMAT" envDefault:"json" doc:"json or text"`
}

// Database is where documents, ledger, audit and read model are kept.
type Database struct {
	URL Secret `env:"DATABASE_URL,required" doc:"PostgreSQL: postgres://user:password@host:5432/name?sslmode=verify-full"`
}

// Temporal is where workflows live.
type Temporal struct {
	Address        Address `env:"TEMPORAL_ADDRESS,required" doc:"Temporal server, host:port"`
	Namespace      string  `env:"TEMPORAL_NAMESPACE" envDefault:"remote-issuance" doc:"Temporal namespace"`
	TaskQueue      string  `env:"TEMPORAL_TASK_QUEUE" envDefault:"remote-issuance" doc:"task queue of workflows and activities"`
	TLSCertificate File    `env:"TEMPORAL_TLS_CERT" doc:"client certificate for the Temporal server (PEM)"`
	TLSKey         File    `env:"TEMPORAL_TLS_KEY" doc:"key of the client certificate (PEM)"`
	TLSCA          File    `env:"TEMPORAL_TLS_CA" doc:"CA that issued the Temporal server's certificate (PEM); setting it turns TLS on"`
	TLSServerName  string  `env:"TEMPORAL_TLS_SERVER_NAME" doc:"name in the Temporal server's certificate, where it is not the host of TEMPORAL_ADDRESS; setting it turns TLS on"`
	TokenFile      File    `env:"TEMPORAL_TOKEN_FILE" doc:"bearer token for the Temporal server's authorizer (JWT or API key); the file is read again while the process runs, so that the token can be renewed"`
}

// TLS tells whether the Temporal server is spoken to over TLS.
func (t Temporal) TLS() bool { return t.TLSCA != "" || t.TLSCertificate != "" || t.TLSServerName != "" }

// SameMachine tells whether the server runs on this machine.
func (t Temporal) SameMachine() bool {
	host, _, err := net.SplitHostPort(string(t.Address))
	if err != nil {
		return strings.HasPrefix(string(t.Address), "unix:")
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// Keys protect data at rest.
type Keys struct {
	Master MasterKeys `env:"MASTER_KEYS,required" doc:"keys that seal the keys of orders, as name:base64 of 32 bytes, primary first, separated by commas"`
	IDHash HashKey    `env:"ID_HASH_KEY,required" doc:"base64 of at least 32 bytes; keys the hash of persons in workflow ids; never changes"`
}

// Metrics is where Prometheus reads.
type Metrics struct {
	Address Address `env:"METRICS_ADDRESS" doc:"where /metrics is served; nowhere when empty"`
}

// Traces is where spans are sent.
type Traces struct {
	URL   URL     `env:"TRACES_URL" doc:"where spans are sent by OTLP over HTTP, such as https://collector:4318/v1/traces; nowhere when empty"`
	Ratio float64 `env:"TRACES_RATIO" envDefault:"1" doc:"part of the traces that is kept, from 0 to 1"`
}

// Terms are the policy for new orders.
type Terms struct {
	PolicyDay        time.Duration `env:"POLICY_DAY" envDefault:"24h" doc:"length of a day in deadlines; shorter ones are for trying things out"`
	TariffFile       File          `env:"TARIFF_FILE,required" doc:"prices with their days of effect (JSON)"`
	DocumentMaxBytes int64         `env:"DOCUMENT_MAX_BYTES" envDefault:"65536" doc:"largest file a person may send"`
}

// HTTP is how the API is served.
type HTTP struct {
	Address         Address       `env:"API_ADDRESS" envDefault:":8080" doc:"where the API listens"`
	PublicURL       URL           `env:"PUBLIC_URL,required" doc:"address of the API as its callers see it"`
	TrustedProxies  Networks      `env:"TRUSTED_PROXIES" doc:"networks of our own proxies, whose X-Forwarded-For is believed when attempts at the storage are counted and when ERIP is told by its address; none when empty"`
	BodyMaxBytes    int64         `env:"BODY_MAX_BYTES" envDefault:"262144" doc:"largest request body"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" doc:"how long running requests may take after the signal to stop"`
}

// Links are where operators read more than the service itself shows.
type Links struct {
	TemporalUI URL `env:"TEMPORAL_UI_ORIGIN" doc:"scheme, host and port of the Temporal UI, which may ask the codec endpoint, and where the operator's page leads from an order"`
	Runbook    URL `env:"RUNBOOK_URL" doc:"address of docs/operations.md, or of what stands in its place, as operators open it; the operator's page leads to its chapters"`
}

// Webhooks is where clients can be told of events.
type Webhooks struct {
	Loopback bool `env:"WEBHOOKS_LOOPBACK" envDefault:"false" doc:"let webhooks go to this machine too, without TLS; for trying things out, refused in production"`
}

// OIDC is who signs callers in.
type OIDC struct {
	Issuer   Issuer `env:"OIDC_ISSUER,required" doc:"issuer of bearer tokens (OpenID Connect Discovery)"`
	Audience string `env:"OIDC_AUDIENCE" envDefault:"remote-issuance" doc:"audience the tokens must name"`
}

// Reach is which addresses letters can go to.
type Reach struct {
	UTF8 bool `env:"SMTP_UTF8" envDefault:"false" doc:"the mail server and those behind it have SMTPUTF8 (RFC 6531): addresses with letters outside of ASCII before the @ are accepted; otherwise they are refused at the upload"`
}

// Pages are how the portal is served and what it stands on.
type Pages struct {
	Address      Address    `env:"PORTAL_ADDRESS" envDefault:":8081" doc:"where the portal listens"`
	APIURL       URL        `env:"PORTAL_API_URL,required" doc:"address of the API as the portal reaches it"`
	SessionKeys  MasterKeys `env:"PORTAL_SESSION_KEYS,required" doc:"keys that seal the portal's cookies, as name:base64 of 32 bytes, primary first, separated by commas"`
	ClientID     string     `env:"PORTAL_CLIENT_ID" envDefault:"portal" doc:"client id of the portal at OIDC_ISSUER; PORTAL_URL/sign-in/callback is its redirect address"`
	ClientSecret Secret     `env:"PORTAL_CLIENT_SECRET" doc:"client secret of the portal, where the issuer gave one"`
	KeysInPage   bool       `env:"PORTAL_KEYS_IN_PAGE" envDefault:"false" doc:"offer to make keys in the page; the regulations want carriers, so only for trying things out"`
	Notice       string     `env:"PORTAL_NOTICE" doc:"a sentence on top of every page, such as that this is a portal for trying things out"`
	ShowKeys     bool       `env:"PORTAL_SHOW_KEYS" envDefault:"false" doc:"let translators see the keys of the portal's texts"`
}

// Storage is where issued certificates are fetched.
type Storage struct {
	URL URL `env:"STORAGE_URL,required" doc:"public address of the certificate storage"`
}

// Assist is payment by card; all of it or nothing.
type Assist struct {
	Host        URL    `env:"ASSIST_HOST" doc:"ASSIST, payment by card: address of the merchant's host"`
	MerchantID  string `env:"ASSIST_MERCHANT_ID" doc:"ASSIST merchant id, digits"`
	Login       string `env:"ASSIST_LOGIN" doc:"ASSIST login of the merchant"`
	Password    Secret `env:"ASSIST_PASSWORD" doc:"ASSIST password of the merchant"`
	RequestSalt Secret `env:"ASSIST_REQUEST_SALT" doc:"ASSIST secret word of requests"`
	ResultSalt  Secret `env:"ASSIST_RESULT_SALT" doc:"ASSIST secret word of results"`
	TestMode    bool   `env:"ASSIST_TEST_MODE" envDefault:"false" doc:"ASSIST takes no money; refused in production"`
}

// Enabled tells whether payment by card is offered.
func (a Assist) Enabled() bool { return a.Host.Set() }

// ERIP is payment through the settlement system; number and networks or nothing.
type ERIP struct {
	ServiceNo       string   `env:"ERIP_SERVICE_NO" doc:"ERIP: number of the service, digits"`
	SignatureSalt   Secret   `env:"ERIP_SIGNATURE_SALT" need:"optional" doc:"ERIP: secret of message signatures, where the contract has them"`
	AllowedNetworks Networks `env:"ERIP_ALLOWED_NETWORKS" doc:"ERIP: networks its messages come from, as 192.0.2.0/24, separated by commas"`
}

// Enabled tells whether payment through ERIP is offered.
func (e ERIP) Enabled() bool { return e.ServiceNo != "" }

// ERIPPaths are where payers find a bill in the tree of ERIP (P2).
type ERIPPaths struct {
	Individuals   TreePath `env:"ERIP_PATH_6_0_00" envDefault:"ЕРИП → Электронное правительство → Личный кабинет ЕПЭУ → Услуги без сборного платежа" doc:"ERIP: path in its tree for 6.0.00, as payers see it, steps separated by →"`
	Organisations TreePath `env:"ERIP_PATH_6_0_02" envDefault:"ЕРИП → Электронное правительство → Личный кабинет ЕПЭУ → Услуги без сборного платежа" doc:"ERIP: path in its tree for 6.0.02"`
}

// ByService are the paths by the services that are paid for.
func (p ERIPPaths) ByService() map[order.Service][]string {
	return map[order.Service][]string{order.ServiceIndividual: p.Individuals, order.ServiceManager: p.Organisations}
}

// Beneficiary is who is paid by client-bank (P9); all of it or nothing.
type Beneficiary struct {
	Name        string `env:"BENEFICIARY_NAME" doc:"client-bank: name of the payee"`
	IBAN        IBAN   `env:"BENEFICIARY_IBAN" doc:"client-bank: account of the payee"`
	Bank        string `env:"BENEFICIARY_BANK" doc:"client-bank: name of the payee's bank"`
	BIC         BIC    `env:"BENEFICIARY_BIC" doc:"client-bank: code of the payee's bank"`
	UNP         UNP    `env:"BENEFICIARY_UNP" doc:"client-bank: taxpayer number of the payee"`
	PurposeCode string `env:"BENEFICIARY_PURPOSE_CODE" doc:"client-bank: purpose code of the payment"`
	Address     string `env:"BENEFICIARY_ADDRESS" need:"optional" doc:"client-bank: postal address of the payee, for invoices"`
	Phone       string `env:"BENEFICIARY_PHONE" need:"optional" doc:"client-bank: phone of the payee, for invoices"`
	OKPO        string `env:"BENEFICIARY_OKPO" need:"optional" doc:"client-bank: ОКПО of the payee, digits, for invoices"`
	Contract    string `env:"BENEFICIARY_CONTRACT" need:"optional" doc:"client-bank: the public contract that invoices are made on, such as: публичный договор от 01.02.2026 № 7"`
	VAT         VAT    `env:"BENEFICIARY_VAT" need:"optional" doc:"client-bank: VAT that prices include, in percent, or none; invoices have no line about it when empty"`
}

// Enabled tells whether payment by client-bank is offered.
func (b Beneficiary) Enabled() bool { return b.IBAN != "" }

// Trust is what certificates and signatures are checked against.
type Trust struct {
	Dir Dir `env:"TRUST_DIR,required" doc:"trusted CA certificates and their CRLs"`
}

// Heads is where the heads of organisations are asked for (M1).
type Heads struct {
	URL URL `env:"HEADS_URL,required" doc:"register of heads of organisations"`
}

// Renewal is who speaks STB 34.101.78 for the CA; certificate, key and password or nothing.
type Renewal struct {
	Certificate File   `env:"RENEWAL_CERTIFICATE_FILE" doc:"STB 34.101.78: certificate that programs envelope requests for and that responses are signed with (bign, policy of a registration authority 1.2.112.0.2.0.34.101.78.2.20); its endpoints are not offered when empty"`
	Key         File   `env:"RENEWAL_KEY_FILE" doc:"STB 34.101.78: key of that certificate, a container of the standard (PBES2, belt-kwp)"`
	Password    Secret `env:"RENEWAL_KEY_PASSWORD" doc:"STB 34.101.78: password of the container"`
	Work        int    `env:"RENEWAL_WORK" envDefault:"12" doc:"STB 34.101.78: level of work in the header Nonce, doubling with each: a client needs about a second at 12; 0 wants none"`
}

// Enabled tells whether the endpoints of STB 34.101.78 are offered.
func (r Renewal) Enabled() bool { return r.Key != "" }

// Help is where people find more than the service itself says.
type Help struct {
	Instruction URL `env:"INSTRUCTION_URL" doc:"how to make a request file, shown before an order"`
	Centres     URL `env:"REGISTRATION_CENTRES_URL" doc:"registration centres, shown wherever somebody is sent there"`
	Support     URL `env:"SUPPORT_URL" doc:"support of the service"`
}

// Offer are the documents that applicants accept (S1).
type Offer struct {
	AgreementVersion string `env:"AGREEMENT_VERSION" envDefault:"1" doc:"version of the user agreement on offer"`
	AgreementURL     URL    `env:"AGREEMENT_URL,required" doc:"where the user agreement is read"`
	ContractVersion  string `env:"CONTRACT_VERSION" envDefault:"1" doc:"version of the public contract on offer"`
	ContractURL      URL    `env:"CONTRACT_URL,required" doc:"where the public contract is read"`
}
