package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/postgres"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/portal/web"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// database is the product's database in the private cluster.
const database = "issuance"

// startServers starts PostgreSQL and then Temporal on it, unless servers outside are to be used.
func (s *Stack) startServers(ctx context.Context) error {
	s.URLs.Database, s.URLs.Temporal = s.options.DatabaseURL, s.options.TemporalAddress
	if s.URLs.Database == "" {
		if err := s.step("PostgreSQL", func() error { return s.startPostgres(ctx) }); err != nil {
			return err
		}
	}
	if s.URLs.Temporal != "" {
		return nil
	}
	return s.step("Temporal", func() error { return s.startTemporal(ctx) })
}

func (s *Stack) startPostgres(ctx context.Context) error {
	c, err := postgres.Start(ctx, postgres.Options{DataDir: s.dir, Port: s.ports[servicePostgres]})
	if err != nil {
		return err
	}
	s.cluster = c
	s.onClose(c.Close)
	s.URLs.Database = c.URL(database)
	return c.CreateDatabase(ctx, database)
}

func (s *Stack) startTemporal(ctx context.Context) error {
	store, err := temporalStore(s.URLs.Database)
	if err != nil {
		return err
	}
	o := temporal.Options{
		Postgres: store, Listen: s.ports.listen(serviceTemporal), Namespace: Namespace, TimeSkipping: s.options.TimeSkipping,
		Codec:            temporal.Codec{Endpoint: s.ports.url(serviceCodec) + "/codec"},
		SearchAttributes: map[string]enumspb.IndexedValueType{}, LogFile: filepath.Join(s.dir, "logs", "temporal.log"),
	}
	for _, a := range workflows.SearchAttributes() {
		o.SearchAttributes[a.GetName()] = a.GetValueType()
	}
	if !s.options.WithoutUI {
		o.UIListen = s.ports.listen(serviceTemporalUI)
	}
	if s.temporal, err = temporal.Start(ctx, o); err != nil {
		return err
	}
	s.onClose(s.temporal.Close)
	s.URLs.Temporal, s.URLs.TemporalUI = s.temporal.HostPort(), s.temporal.UIURL()
	return nil
}

// temporalConns bounds the connections to each of Temporal's databases: more bring one machine nothing, and each is a PostgreSQL
// process that keeps megabytes.
const temporalConns = 8

// temporalStore puts Temporal's two databases beside the product's.
func temporalStore(databaseURL string) (*temporal.Postgres, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.User == nil || u.Hostname() == "" {
		return nil, errors.New("DATABASE_URL: want postgres://user:password@host:port/name")
	}
	port := u.Port()
	if port == "" {
		port = "5432"
	}
	password, _ := u.User.Password()
	return &temporal.Postgres{Addr: net.JoinHostPort(u.Hostname(), port), User: u.User.Username(), Password: password,
		MaxConns: temporalConns}, nil
}

func (s *Stack) startSandboxes() error {
	var err error
	if s.inbox, err = inbox.Start(inbox.Options{
		SMTPListen: s.ports.listen(serviceSMTP), HTTPListen: s.ports.listen(serviceInbox), DataDir: s.dir,
		SMSUsername: smsUser, SMSPassword: s.secrets.SMSPassword,
	}); err != nil {
		return err
	}
	s.onClose(s.inbox.Close)
	if s.registers, err = registers.Start(registers.Options{
		Listen: s.ports.listen(serviceRegisters), Data: persons.Entries(s.options.Persons),
	}); err != nil {
		return err
	}
	s.onClose(s.registers.Close)
	if s.issuer, err = oidc.Start(oidc.Options{
		Listen: s.ports.listen(serviceOIDC), DataDir: s.dir, Persons: persons.SignIns(s.Holders),
	}); err != nil {
		return err
	}
	s.onClose(s.issuer.Close)
	s.issuer.Register(portalClient, s.URLs.Portal+web.CallbackPath)
	s.URLs.Inbox, s.URLs.OIDC, s.URLs.Registers = s.inbox.URL(), s.issuer.URL(), s.registers.URL()
	if err := s.startCodec(); err != nil {
		return err
	}
	return s.startGateways()
}

func (s *Stack) startGateways() error {
	token, err := s.issuer.Token(persons.Operator)
	if err != nil {
		return fmt.Errorf("token of the bank: %w", err)
	}
	salt := s.secrets.GatewaySalt
	if s.gateways, err = gateways.Start(gateways.Options{
		Listen: s.ports.listen(serviceGateways), BankAccount: bankAccount,
		Assist: gateways.AssistOptions{MerchantID: assistID, Login: assistLogin, Password: salt, RequestSalt: salt, ResultSalt: salt, TestMode: true},
		ERIP:   gateways.ERIPOptions{ServiceNo: eripService, Salt: salt},
		Targets: gateways.Targets{AssistPush: s.URLs.API + "/gateways/assist", ERIP: s.URLs.API + "/gateways/erip",
			BankUpload: s.URLs.API + "/v1/payments/statements", BankToken: token, BankFolder: s.statementsDir(), ERIPFolder: s.registersDir()},
	}); err != nil {
		return err
	}
	s.onClose(s.gateways.Close)
	s.URLs.Gateways = s.gateways.URL()
	return nil
}
