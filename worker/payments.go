package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// foldersInterval is how often watched folders are looked into; a file is
// taken at the second look, when it has not changed any more.
const foldersInterval = 5 * time.Second

// moneyParts are what the worker runs to learn of payments that nobody pushes.
type moneyParts struct {
	loops          []func(context.Context) error
	reconciliation *activities.Reconciliation
}

// paymentParts puts together what is configured: polls of the card gateway and
// the watched folders of bank and ERIP.
func paymentParts(base *process.Base, c config.Worker, ledger *postgres.Ledger) (moneyParts, error) {
	store := postgres.NewReconciliation(base.Pool)
	gauges := newReconciliationGauges()
	if err := base.Metrics.Register(gauges.collectors()...); err != nil {
		return moneyParts{}, err
	}
	parts := moneyParts{reconciliation: &activities.Reconciliation{Store: store, Ledger: ledger, Log: base.Log, Observe: gauges.set}}
	gateway, err := process.CardGateway(c.Assist)
	if err != nil {
		return moneyParts{}, err
	}
	if gateway != nil {
		cards := intake.Cards{Gateway: gateway}
		parts.reconciliation.Cards = cards
		polls := &intake.CardPolls{
			Store: store, Gateway: cards, Ledger: ledger, Interval: intake.PollInterval, Limit: rate.NewLimiter(intake.PollRate, 1),
			Now: clock.Now, Log: base.Log,
		}
		parts.loops = append(parts.loops, polls.Run)
	}
	provider, err := erip.New(erip.Config{}, postgres.NewERIP(base.Pool), clock.Now)
	if err != nil {
		return moneyParts{}, err
	}
	statements := intake.Statements{
		Ledger: ledger, Own: payments.NewAccounts(string(c.Beneficiary.IBAN)), Now: clock.Now, Log: base.Log.With("folder", "statements"),
	}
	registers := intake.Registers{Provider: provider, Ledger: ledger, Now: clock.Now, Log: base.Log.With("folder", "ERIP registers")}
	err = errors.Join(
		parts.watch(c.Statements.Dir, statements.Sink, statements.Log),
		parts.watch(c.Settlement.Dir, registers.Sink, registers.Log),
	)
	return parts, err
}

// watch adds a watched folder where one is configured.
func (p *moneyParts) watch(dir config.Dir, sink intake.Sink, log *slog.Logger) error {
	if dir == "" {
		return nil
	}
	folder, err := intake.NewFolder(string(dir), sink, log)
	if err != nil {
		return err
	}
	p.loops = append(p.loops, func(ctx context.Context) error { return folder.Run(ctx, foldersInterval) })
	return nil
}
