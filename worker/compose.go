package worker

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/mail"
	"os"
	"strconv"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// parts are what the worker runs.
type parts struct {
	activities Activities
	dispatcher *notify.Dispatcher
	ledger     *postgres.Ledger
	payables   *postgres.Payables
	jobs       []job
	// loops run beside the others until the context ends.
	loops []func(context.Context) error
}

// stores are the tables that several parts work on.
type stores struct {
	orders        *postgres.Orders
	confirmations *postgres.Confirmations
	payables      *postgres.Payables
	certificates  *postgres.CertificateStore
	credentials   *postgres.Credentials
	outbox        *postgres.Outbox
}

// compose turns adapters into ports and ports into activities.
func compose(ctx context.Context, base *process.Base, c config.Worker) (*parts, error) {
	trust, err := base.TrustDirectory(string(c.Trust.Dir))
	if err != nil {
		return nil, err
	}
	s := stores{
		orders: postgres.NewOrders(base.Pool, base.Tariff), confirmations: postgres.NewConfirmations(base.Pool, base.Tariff),
		payables: postgres.NewPayables(base.Pool), certificates: postgres.NewCertificateStore(base.Pool),
		credentials: postgres.NewCredentials(base.Pool, trust.Issuers), outbox: postgres.NewOutbox(base.Pool),
	}
	issuer, err := base.CredentialIssuer(s.credentials)
	if err != nil {
		return nil, err
	}
	dispatcher, err := noticeDispatcher(base, c, s, credentials{issuer: issuer, audit: postgres.NewAudit(base.Pool), now: clock.Now})
	if err != nil {
		return nil, err
	}
	measured, err := measure(base)
	if err != nil {
		return nil, err
	}
	checker, err := process.Registers(c.Registers, measured.transport, 0)
	if err != nil {
		return nil, err
	}
	issuers, err := loadIssuers(ctx, c.CA)
	if err != nil {
		return nil, err
	}
	issuing, err := s.issuing(base, trust, issuers, issuer, measured)
	if err != nil {
		return nil, err
	}
	jobs, err := jobs(base, c, issuers, issuing, s)
	if err != nil {
		return nil, err
	}
	ledger := postgres.NewLedger(base.Pool)
	money, err := paymentParts(base, c, ledger)
	if err != nil {
		return nil, err
	}
	told, err := newEventParts(base, c)
	if err != nil {
		return nil, err
	}
	jobs = append(jobs, job{"events and webhooks", eventsEvery, told.keep.sweep})
	if c.Deployment.Enabled() {
		jobs = append(jobs, awaitsCurrent(base.Temporal, c.Common.Temporal, c.Deployment, base.Log))
	}
	made := &parts{dispatcher: dispatcher, ledger: ledger, payables: s.payables, jobs: jobs, loops: append(money.loops, told.loops...)}
	made.activities = s.activities(base, checker, issuing, dispatcher)
	made.activities.Reconciliation = money.reconciliation
	made.activities.Canary = &activities.Canary{
		Build: c.Deployment.BuildID, Patches: string(c.Deployment.Patches), Database: probeDatabase(base), Neighbours: probeNeighbours(c, issuers, measured),
	}
	return made, nil
}

// issuing is the CA behind its gate.
func (s stores) issuing(
	base *process.Base, trust issuance.Trust, issuers *ca.Registry, credentials issuance.Credentials, measured measurements,
) (*ca.Service, error) {
	gate, err := issuance.NewGate(trust, func(number, unp string) string { return base.Hash(order.ManagerIdentity(number, unp)) })
	if err != nil {
		return nil, err
	}
	alarms, err := newGateAlarms(base.Metrics, base.Log, postgres.NewAudit(base.Pool))
	if err != nil {
		return nil, err
	}
	return ca.NewService(issuers, signedLog{log: base.Log, Store: issuance.Store{
		Certificates: s.certificates, Gate: gate, Alarms: alarms, Credentials: credentials, Now: clock.Now,
		Completed: measured.stages.observe,
	}})
}

// activities puts the steps of orders and confirmations over the stores.
func (s stores) activities(base *process.Base, checker *registers.Service, issuing *ca.Service, dispatcher *notify.Dispatcher) Activities {
	signals := Signals{Client: base.Temporal}
	return Activities{
		Registers: &activities.Registers{Checker: checker, Orders: s.orders, Now: clock.Now},
		Orders:    &activities.Orders{Store: s.orders, Unapplied: s.payables},
		Issuance: &activities.Issuance{
			Authority: authority{&issuance.Authority{
				Orders: s.orders, Payments: s.payables, Service: issuing, Now: clock.Now,
			}},
			Confirmations: s.confirmations, Signals: signals,
		},
		Delivery:      &activities.Delivery{Sender: credentialSender{outbox: s.outbox, messages: dispatcher}},
		Confirmations: &activities.Confirmations{Store: s.confirmations, Signals: signals},
		Reminders:     &activities.Reminders{Store: postgres.NewReminders(base.Pool)},
	}
}

func loadIssuers(ctx context.Context, c config.CA) (*ca.Registry, error) {
	password := func(context.Context, string) ([]byte, error) { return []byte(c.KeyPassword.Reveal()), nil }
	return ca.LoadDirectory(ctx, os.DirFS(string(c.Dir)), password, rand.Reader)
}

func noticeDispatcher(base *process.Base, c config.Worker, s stores, secrets notify.Secrets) (*notify.Dispatcher, error) {
	renderer, err := notify.NewRenderer(notify.Delivery{
		Email: notify.Parts(c.Delivery.Email), SMS: notify.Parts(c.Delivery.SMS), Together: c.Delivery.Together,
	})
	if err != nil {
		return nil, err
	}
	senders, err := senders(base, c)
	if err != nil {
		return nil, err
	}
	wake, _ := base.Listener.Subscribe(string(postgres.ChannelNotices))
	return notify.NewDispatcher(notify.DispatcherOptions{
		Outbox: s.outbox, Secrets: secrets,
		Renderer: renderer, Senders: senders, PortalURL: c.Portal.URL.String(), StorageURL: c.Storage.URL.String(), ERIPPaths: c.ERIPPaths.ByService(),
		Wake: wake, Logger: base.Log,
	})
}

func senders(base *process.Base, c config.Worker) (map[notify.Channel]notify.Sender, error) {
	from, err := mail.ParseAddress(c.SMTP.From)
	if err != nil {
		return nil, fmt.Errorf("SMTP_FROM: %w", err)
	}
	host, portText, err := net.SplitHostPort(string(c.SMTP.Address))
	if err != nil {
		return nil, fmt.Errorf("SMTP_ADDRESS: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("SMTP_ADDRESS: %w", err)
	}
	letters, err := notify.NewMail(notify.MailOptions{
		Host: host, Port: port, TLS: mailTLS(c.SMTP.TLS), Username: c.SMTP.User, Password: c.SMTP.Password.Reveal(),
		From: from.Address, FromName: from.Name, Reach: mailbox.Reach{UTF8: c.Common.Reach.UTF8},
	})
	if err != nil {
		return nil, err
	}
	out := map[notify.Channel]notify.Sender{notify.ChannelEmail: letters, notify.ChannelSMS: noSMS{log: base.Log}}
	if c.SMS.Enabled() {
		out[notify.ChannelSMS], err = notify.NewRocketSMS(notify.RocketSMSOptions{
			BaseURL: c.SMS.URL.String(), Username: c.SMS.User, Password: c.SMS.Password.Reveal(), Sender: c.SMS.Sender,
		})
	}
	return out, err
}

func mailTLS(t config.MailTLS) notify.TLSPolicy {
	switch t {
	case config.MailTLSOff:
		return notify.TLSNone
	case config.MailTLSOpportunistic:
		return notify.TLSOpportunistic
	case config.MailTLSMandatory:
		return notify.TLSMandatory
	default:
		return notify.TLSMandatory
	}
}
