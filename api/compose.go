package api

import (
	"crypto/rand"
	"net/http"
	"os"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/internal/storage"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// headsCache is how long the head of an organisation is remembered between
// the manager's clicks; the signature asks the register itself.
const headsCache = time.Minute

// answersRemembered is how long registers are not asked again for a diagnosis.
const answersRemembered = 10 * time.Minute

// stores are the database as the API uses it.
type stores struct {
	orders        *postgres.Orders
	confirmations *postgres.Confirmations
	documents     *postgres.Documents
	payables      *postgres.Payables
	ledger        *postgres.Ledger
	certificates  *postgres.CertificateStore
	credentials   *postgres.Credentials
	audit         *postgres.Audit
	events        *postgres.Events
	webhooks      *postgres.Webhooks
}

func openStores(base *process.Base, trust *admission.TrustDirectory) stores {
	return stores{
		orders: postgres.NewOrders(base.Pool, base.Tariff), confirmations: postgres.NewConfirmations(base.Pool, base.Tariff),
		documents: postgres.NewDocuments(base.Pool), payables: postgres.NewPayables(base.Pool), ledger: postgres.NewLedger(base.Pool),
		certificates: postgres.NewCertificateStore(base.Pool), credentials: postgres.NewCredentials(base.Pool, trust.Issuers),
		audit: postgres.NewAudit(base.Pool), events: postgres.NewEvents(base.Pool),
		webhooks: postgres.NewWebhooks(base.Pool, base.Config.Keys.Master.Keyring()),
	}
}

// compose puts adapters into the ports of the server.
func compose(base *process.Base, c config.API) (*Server, error) {
	verifier, err := auth.NewVerifier(c.OIDC.Issuer.String(), c.OIDC.Audience, &http.Client{Timeout: 10 * time.Second})
	if err != nil {
		return nil, err
	}
	trust, err := base.TrustDirectory(string(c.Trust.Dir))
	if err != nil {
		return nil, err
	}
	cachedHeads, err := newHeads(c, headsCache)
	if err != nil {
		return nil, err
	}
	answers, err := process.Registers(c.Registers, nil, answersRemembered)
	if err != nil {
		return nil, err
	}
	methods, err := configuredMethods(base, c)
	if err != nil {
		return nil, err
	}
	requests, err := base.Metrics.HTTPRequests()
	if err != nil {
		return nil, err
	}
	store := openStores(base, trust)
	issuer, err := base.CredentialIssuer(store.credentials)
	if err != nil {
		return nil, err
	}
	d := Dependencies{
		Log: base.Log, Temporal: base.Temporal, Starter: base.Starter(), Auth: verifier, Issuer: verifier.Answered, Trust: trust,
		Heads: cachedHeads, Registers: answers, Orders: store.orders, Confirmations: store.confirmations,
		Documents: store.documents, Payables: store.payables, Ledger: store.ledger,
		Answers: postgres.NewIdempotency(base.Pool), Audit: store.audit, Changes: base.Listener, Secrets: issuer, Renewals: store.credentials,
		Events: store.events, Webhooks: store.webhooks, WebhookReach: webhook.Reach{Loopback: base.Config.Webhooks.Loopback},
		Activations: store.certificates, Reminders: postgres.NewRenewalLinks(base.Pool), Tariff: base.Tariff, Methods: methods, Database: base.Pool,
		StorageURL: c.Storage.URL.String(), PublicURL: c.HTTP.PublicURL.String(),
		Hash: base.Hash, Offer: offer(c.Offer), Look: looker(base, c),
		Help:    Help{Instruction: c.Help.Instruction.String(), Centres: c.Help.Centres.String(), Support: c.Help.Support.String()},
		Limits:  Limits{File: c.Common.Terms.DocumentMaxBytes, Body: c.HTTP.BodyMaxBytes, Statement: DefaultLimits().Statement},
		Address: storage.BehindProxies(c.HTTP.TrustedProxies),
		Reach:   mailbox.Reach{UTF8: c.Common.Reach.UTF8},
		Observe: requests.Observe, Trace: base.Tracing.Request, Now: clock.Now,
	}
	if err := d.addServices(base, c, store, trust); err != nil {
		return nil, err
	}
	if err := d.addRenewal(c, store.orders, base.Policy()); err != nil {
		return nil, err
	}
	if d.Cards, err = evidenceCards(base, c, store, trust); err != nil {
		return nil, err
	}
	if d.Mount, err = mounts(base, c, d, store); err != nil {
		return nil, err
	}
	return New(d)
}

// addServices makes the services that decide, over the stores.
func (d *Dependencies) addServices(base *process.Base, c config.API, store stores, trust *admission.TrustDirectory) error {
	precheck, err := ca.LoadPrecheck(os.DirFS(string(c.Profiles.Dir)), rand.Reader)
	if err != nil {
		return err
	}
	heads, err := newHeads(c, 0)
	if err != nil {
		return err
	}
	d.Drafts = &draft.Service{
		Store: store.orders, Documents: store.documents, Trust: trust, Precheck: precheck, Starter: d.Starter,
		Offer:  draft.Offer{AgreementVersion: c.Offer.AgreementVersion, ContractVersion: c.Offer.ContractVersion},
		Policy: base.Policy(), Log: base.Log, Now: d.Now,
	}
	d.Approvals = &approval.Service{
		Store: store.confirmations, Documents: store.documents, Trust: trust, Heads: heads, Anchors: trust, Starter: base.Starter(),
		Log: base.Log, Policy: base.Policy(), Now: d.Now,
	}
	return nil
}

func newHeads(c config.API, remembered time.Duration) (*registers.Heads, error) {
	return registers.NewHeads(registers.Options{
		BaseURL: c.Heads.URL.String(), HTTPClient: &http.Client{Timeout: 20 * time.Second}, CacheFor: remembered,
	})
}

func offer(c config.Offer) Offer {
	return Offer{
		Agreement: contract.TermsDocument{Version: c.AgreementVersion, URL: c.AgreementURL.String()},
		Contract:  contract.TermsDocument{Version: c.ContractVersion, URL: c.ContractURL.String()},
	}
}
