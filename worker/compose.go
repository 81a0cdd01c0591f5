package worker

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"os"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
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
	dispatcher, err := noticeDispatcher(base, c, s, credentials{issuer: issuer, store: s.credentials, audit: postgres.NewAudit(base.Pool), now: time.Now})
	if err != nil {
		return nil, err
	}
	checker, err := registerChecker(c)
	if err != nil {
		return nil, err
	}
	issuers, err := loadIssuers(ctx, c.CA)
	if err != nil {
		return nil, err
	}
	gate, err := issuance.NewGate(trust, func(number, unp string) string { return base.Hash(order.ManagerIdentity(number, unp)) }, base.Log, nil)
	if err != nil {
		return nil, err
	}
	issuing, err := ca.NewService(issuers, issuance.Book{
		Certificates: s.certificates, Gate: gate, Payments: s.payables, Credentials: issuer, Now: time.Now,
	})
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
	made := &parts{dispatcher: dispatcher, ledger: ledger, payables: s.payables, jobs: jobs, loops: money.loops}
	made.activities = s.activities(base, checker, issuing, dispatcher)
	made.activities.Reconciliation = money.reconciliation
	return made, nil
}

// activities puts the steps of orders and confirmations over the stores.
func (s stores) activities(base *process.Base, checker *registers.Service, issuing *ca.Service, dispatcher *notify.Dispatcher) Activities {
	signals := Signals{Client: base.Temporal}
	return Activities{
		Registers: &activities.Registers{Checker: checker, Orders: s.orders, Now: time.Now},
		Orders:    &activities.Orders{Store: s.orders, Unapplied: s.payables},
		Issuance: &activities.Issuance{
			Authority: authority{&issuance.Authority{
				Orders: s.orders, Documents: postgres.NewDocuments(base.Pool), Payments: s.payables, Service: issuing, Now: time.Now,
			}},
			Confirmations: s.confirmations, Signals: signals,
		},
		Delivery:      &activities.Delivery{Sender: credentialSender{outbox: s.outbox, messages: dispatcher}},
		Confirmations: &activities.Confirmations{Store: s.confirmations, Signals: signals},
		Reminders:     &activities.Reminders{Store: postgres.NewReminders(base.Pool)},
	}
}

// registerChecker makes the clients of the state registers.
func registerChecker(c config.Worker) (*registers.Service, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	options := func(u config.URL) registers.Options {
		return registers.Options{BaseURL: u.String(), HTTPClient: client}
	}
	egrOptions := registers.EGROptions(c.Registers.EGR.String())
	egrOptions.HTTPClient = client
	egr, err := registers.NewEGR(egrOptions)
	if err != nil {
		return nil, fmt.Errorf("EGR: %w", err)
	}
	grp, err := registers.NewGRP(options(c.Registers.GRP))
	if err != nil {
		return nil, fmt.Errorf("taxpayer register: %w", err)
	}
	population, err := registers.NewPopulation(options(c.Registers.Population))
	if err != nil {
		return nil, fmt.Errorf("population register: %w", err)
	}
	subscribers, err := registers.NewSubscribers(options(c.Registers.Subscribers))
	if err != nil {
		return nil, fmt.Errorf("register of contracts: %w", err)
	}
	return &registers.Service{Population: population, EGR: egr, Taxpayers: grp, Subscribers: subscribers}, nil
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
