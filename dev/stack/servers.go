package stack

import (
	"context"

	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/postgres"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/portal/web"
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
	c, err := postgres.Start(ctx, postgres.Options{DataDir: s.dir, Port: s.ports[servicePostgres], Settings: s.options.PostgresSettings})
	if err != nil {
		return err
	}
	s.cluster = c
	s.onClose(c.Close)
	s.URLs.Database = c.URL(database)
	if err := c.CreateDatabase(ctx, database); err != nil {
		return err
	}
	return s.prepareClock(ctx)
}

// startIssuer is before the servers: Temporal reads its keys.
func (s *Stack) startIssuer() (err error) {
	if s.issuer, err = oidc.Start(oidc.Options{Listen: s.ports.listen(serviceOIDC), DataDir: s.dir, Now: s.clock.Now, Files: s.FilesDir(), Password: persons.Password}); err != nil {
		return err
	}
	s.onClose(s.issuer.Close)
	s.issuer.Register(portalClient, s.URLs.Portal+web.CallbackPath)
	s.URLs.OIDC = s.issuer.URL()
	return nil
}

func (s *Stack) startSandboxes() error {
	var err error
	if s.inbox, err = inbox.Start(inbox.Options{
		SMTPListen: s.ports.listen(serviceSMTP), HTTPListen: s.ports.listen(serviceInbox), DataDir: s.dir, Now: s.clock.Now,
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
	for _, p := range persons.SignIns(s.Holders) {
		s.issuer.PutPerson(p)
	}
	s.URLs.Inbox, s.URLs.Registers = s.inbox.URL(), s.registers.URL()
	if err := s.startCodec(); err != nil {
		return err
	}
	return s.startGateways()
}

func (s *Stack) startGateways() error {
	var err error
	salt := s.secrets.GatewaySalt
	if s.gateways, err = gateways.Start(gateways.Options{
		Listen: s.ports.listen(serviceGateways), BankAccount: bankAccount, Now: s.clock.Now,
		Assist: gateways.AssistOptions{MerchantID: assistID, Login: assistLogin, Password: salt, RequestSalt: salt, ResultSalt: salt, TestMode: true},
		ERIP:   gateways.ERIPOptions{ServiceNo: eripService, Salt: salt},
		Targets: gateways.Targets{AssistPush: s.URLs.API + "/gateways/assist", ERIP: s.URLs.API + "/gateways/erip",
			BankUpload: s.URLs.API + "/v1/payments/statements", BankFolder: s.statementsDir(), ERIPFolder: s.registersDir(),
			BankToken: func() (string, error) { return s.issuer.Token(persons.Operator) }},
	}); err != nil {
		return err
	}
	s.onClose(s.gateways.Close)
	s.URLs.Gateways = s.gateways.URL()
	return nil
}
