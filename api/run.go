package api

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// headsCache is how long the head of an organisation is remembered between
// the manager's clicks; the signature asks the register again.
const headsCache = time.Minute

// Run serves the API until the context ends, then lets running requests finish.
func Run(ctx context.Context, c config.API, options ...engine.Option) error {
	base, err := process.Open(ctx, "api", c.Common, options...)
	if err != nil {
		return err
	}
	defer base.Close()
	server, err := compose(base, c)
	if err != nil {
		return err
	}
	loops, ctx := errgroup.WithContext(ctx)
	loops.Go(func() error { return base.ServeMetrics(ctx) })
	loops.Go(func() error { base.Listener.Run(ctx); return nil })
	loops.Go(func() error {
		base.Log.InfoContext(ctx, "api listens", "address", c.HTTP.Address)
		return process.Serve(ctx, string(c.HTTP.Address), server.Handler(), c.HTTP.ShutdownTimeout)
	})
	loops.Go(func() error { return forgetAnswers(ctx, base, postgres.NewIdempotency(base.Pool)) })
	return loops.Wait()
}

// answersKept is how long the answer to a creating request is repeated.
const answersKept = 24 * time.Hour

func forgetAnswers(ctx context.Context, base *process.Base, store *postgres.Idempotency) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			if err := store.DropBefore(ctx, now.Add(-answersKept)); err != nil {
				base.Log.ErrorContext(ctx, "old answers not forgotten, tried again", "error", err)
			}
		}
	}
}

// compose puts adapters into the ports of the server.
func compose(base *process.Base, c config.API) (*Server, error) {
	verifier, err := auth.NewVerifier(c.OIDC.Issuer.String(), c.OIDC.Audience, &http.Client{Timeout: 10 * time.Second})
	if err != nil {
		return nil, err
	}
	trust, err := admission.OpenTrustDirectory(string(c.Trust.Dir), pki.Options{}, base.Log)
	if err != nil {
		return nil, err
	}
	heads, err := registers.NewHeads(registers.Options{
		BaseURL: c.Heads.URL.String(), HTTPClient: &http.Client{Timeout: 20 * time.Second}, CacheFor: headsCache,
	})
	if err != nil {
		return nil, err
	}
	ways, err := paymentWays(base, c)
	if err != nil {
		return nil, err
	}
	requests, err := base.Metrics.HTTPRequests()
	if err != nil {
		return nil, err
	}
	grants := postgres.NewCredentials(base.Pool, trust.Issuers)
	issuer, err := base.CredentialIssuer(grants)
	if err != nil {
		return nil, err
	}
	d := Dependencies{
		Log: base.Log, Temporal: base.Temporal, TaskQueue: c.Common.Temporal.TaskQueue,
		Auth: verifier, Issuer: verifier.Answered, Trust: trust, Heads: heads, Store: stores(base), Keys: keys{Keys: base.Keys, cache: base.Cache},
		Changes: base.Listener, Ways: ways, Secrets: issuer, Activations: postgres.NewBook(base.Pool),
		StorageURL: c.Storage.URL.String(), Hash: base.Hash, Policy: base.Policy(), Offer: offer(c.Offer),
		Limits:  Limits{File: c.Common.Terms.DocumentMaxBytes, Body: c.HTTP.BodyMaxBytes, Statement: DefaultLimits().Statement},
		Reach:   mailbox.Reach{UTF8: c.Common.Reach.UTF8},
		Observe: requests.Observe, Now: time.Now,
	}
	if d.Mount, err = mounts(base, c, d, grants); err != nil {
		return nil, err
	}
	return New(d)
}

func stores(base *process.Base) Store {
	return Store{
		Ping: base.Pool.Ping, Orders: postgres.NewOrders(base.Pool), Organisation: postgres.NewOrganisation(base.Pool),
		Documents: postgres.NewDocuments(base.Pool), Records: postgres.NewRecords(base.Pool),
		Payables: postgres.NewPayables(base.Pool, base.Tariff), Ledger: postgres.NewLedger(base.Pool),
		Idempotency: postgres.NewIdempotency(base.Pool), Audit: postgres.NewAudit(base.Pool),
	}
}

func offer(c config.Offer) Offer {
	return Offer{
		Agreement: TermsDocument{Version: c.AgreementVersion, URL: c.AgreementURL.String()},
		Contract:  TermsDocument{Version: c.ContractVersion, URL: c.ContractURL.String()},
	}
}
