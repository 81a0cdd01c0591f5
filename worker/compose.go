package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"os"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// parts are what the worker runs.
type parts struct {
	activities Activities
	dispatcher *notify.Dispatcher
	ledger     *postgres.Ledger
	chores     []chore
	// loops run beside the others until the context ends.
	loops []func(context.Context) error
}

// compose turns adapters into ports and ports into activities.
func compose(ctx context.Context, base *process.Base, c config.Worker) (*parts, error) {
	trust, err := admission.OpenTrustDirectory(string(c.Trust.Dir), pki.Options{}, base.Log)
	if err != nil {
		return nil, err
	}
	state, err := stateRegisters(c)
	if err != nil {
		return nil, err
	}
	issuers, err := loadIssuers(ctx, c.CA)
	if err != nil {
		return nil, err
	}
	issuing, err := ca.NewService(issuers, postgres.NewBook(base.Pool))
	if err != nil {
		return nil, err
	}
	store := postgres.NewCredentials(base.Pool, trust.Issuers)
	issuer, err := base.CredentialIssuer(store)
	if err != nil {
		return nil, err
	}
	dispatcher, err := noticeDispatcher(base, c, credentials{issuer: issuer, store: store, audit: postgres.NewAudit(base.Pool), now: time.Now})
	if err != nil {
		return nil, err
	}
	chores, err := chores(base, c, issuers, issuing, store)
	if err != nil {
		return nil, err
	}
	authority := authority{service: issuing}
	documents, requests := postgres.NewDocuments(base.Pool), postgres.NewRequests(base.Pool)
	records := postgres.NewRecords(base.Pool)
	state.checks.Requests = requests
	ledger := postgres.NewLedger(base.Pool)
	money, err := paymentParts(base, c, ledger)
	if err != nil {
		return nil, err
	}
	return &parts{
		dispatcher: dispatcher, ledger: ledger, chores: chores, loops: money.loops,
		activities: Activities{
			Records:   &activities.Records{Store: records},
			Requests:  &activities.Requests{Documents: documents, Store: requests, Trust: trust, Authority: authority},
			Registers: state.checks,
			Payables:  &activities.Payables{Store: postgres.NewPayables(base.Pool, base.Tariff)},
			Issuance: &activities.Issuance{
				Documents: documents, Requests: requests, Authority: authority, Credentials: grants{issuer},
				Records: records, Confirmations: Signals{Client: base.Temporal}, Now: time.Now,
			},
			Reminders: &activities.Reminders{Store: postgres.NewReminders(base.Pool)},
			Lists: &activities.Lists{
				Documents: documents, Store: postgres.NewLists(base.Pool, base.Tariff), Trust: trust, Heads: state.heads,
				Anchors: trust,
			},
			Reconciliation: money.reconciliation,
		},
	}, nil
}

// folders are those that the worker writes into.
func folders(c config.Worker) error {
	return errors.Join(writable("TRUST_DIR", c.Trust.Dir), writable("STATEMENTS_DIR", c.Statements.Dir),
		writable("ERIP_REGISTERS_DIR", c.Settlement.Dir))
}

// writable tries to write into a directory at the start: otherwise the first
// revocation list that cannot be published says it, hours later.
func writable(variable string, dir config.Dir) error {
	if dir == "" {
		return nil
	}
	probe, err := os.CreateTemp(string(dir), ".probe-*")
	if err != nil {
		return fmt.Errorf("%s: user %d has to be able to write there: %w", variable, os.Getuid(), err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// registerClients are the clients of the state registers.
type registerClients struct {
	checks *activities.Registers
	heads  *registers.Heads
}

func stateRegisters(c config.Worker) (registerClients, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	options := func(u config.URL) registers.Options {
		return registers.Options{BaseURL: u.String(), HTTPClient: client}
	}
	egrOptions := registers.EGROptions(c.Registers.EGR.String())
	egrOptions.HTTPClient = client
	egr, err := registers.NewEGR(egrOptions)
	if err != nil {
		return registerClients{}, fmt.Errorf("EGR: %w", err)
	}
	grp, err := registers.NewGRP(options(c.Registers.GRP))
	if err != nil {
		return registerClients{}, fmt.Errorf("taxpayer register: %w", err)
	}
	population, err := registers.NewPopulation(options(c.Registers.Population))
	if err != nil {
		return registerClients{}, fmt.Errorf("population register: %w", err)
	}
	subscribers, err := registers.NewSubscribers(options(c.Registers.Subscribers))
	if err != nil {
		return registerClients{}, fmt.Errorf("register of contracts: %w", err)
	}
	heads, err := registers.NewHeads(options(c.Heads.URL))
	if err != nil {
		return registerClients{}, fmt.Errorf("register of heads: %w", err)
	}
	return registerClients{
		checks: &activities.Registers{Population: population, EGR: egr, Taxpayers: grp, Subscribers: subscribers}, heads: heads,
	}, nil
}

func loadIssuers(ctx context.Context, c config.CA) (*ca.Registry, error) {
	password := func(context.Context, string) ([]byte, error) { return []byte(c.KeyPassword.Reveal()), nil }
	return ca.LoadDirectory(ctx, os.DirFS(string(c.Dir)), password, rand.Reader)
}

func noticeDispatcher(base *process.Base, c config.Worker, secrets notify.Secrets) (*notify.Dispatcher, error) {
	renderer, err := notify.NewRenderer(notify.DefaultDelivery())
	if err != nil {
		return nil, err
	}
	senders, err := senders(base, c)
	if err != nil {
		return nil, err
	}
	wake, _ := base.Listener.Subscribe(string(postgres.ChannelNotices))
	return notify.NewDispatcher(notify.DispatcherOptions{
		Outbox: postgres.NewOutbox(base.Pool), Secrets: secrets,
		Renderer: renderer, Senders: senders, PortalURL: c.Portal.URL.String(), StorageURL: c.Storage.URL.String(),
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
