package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
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
		cards := Cards{Gateway: gateway}
		parts.reconciliation.Cards = cards
		polls := &CardPolls{Store: store, Gateway: cards, Ledger: ledger, Interval: pollInterval, Now: time.Now, Log: base.Log}
		parts.loops = append(parts.loops, polls.Run)
	}
	provider, err := erip.New(erip.Config{}, postgres.NewERIP(base.Pool), time.Now)
	if err != nil {
		return moneyParts{}, err
	}
	statements, registers := base.Log.With("folder", "statements"), base.Log.With("folder", "ERIP registers")
	err = errors.Join(
		parts.watch(c.Statements.Dir, StatementSink(ledger, time.Now), statements),
		parts.watch(c.Settlement.Dir, RegisterSink(provider, ledger, time.Now, registers), registers),
	)
	return parts, err
}

// watch adds a watched folder where one is configured.
func (p *moneyParts) watch(dir config.Dir, sink clientbank.Sink, log *slog.Logger) error {
	if dir == "" {
		return nil
	}
	watcher, err := clientbank.NewWatcher(string(dir), sink, log)
	if err != nil {
		return err
	}
	p.loops = append(p.loops, func(ctx context.Context) error {
		if err := watcher.Watch(ctx, foldersInterval); ctx.Err() == nil {
			return err
		}
		return nil
	})
	return nil
}

// Cards asks ASSIST for the money that moved under a number.
type Cards struct{ Gateway *assist.Gateway }

// clocksDiffer is by how much the gateway's clock may be behind ours.
const clocksDiffer = time.Hour

// Events gives every attempt, refund and time-out under the number, with the
// ids that pushes of the same events have.
func (c Cards) Events(ctx context.Context, number order.PaymentNumber, created time.Time) ([]payments.Notification, error) {
	status, err := c.Gateway.OrderResult(ctx, number, created.Add(-clocksDiffer))
	if err != nil {
		return nil, err
	}
	return c.Gateway.Notifications(status), nil
}

// StatementSink puts every credit of a bank statement into the ledger (P3).
// A statement of any number of days can come again: each credit pays once (P5).
func StatementSink(ledger payments.Ledger, now func() time.Time) clientbank.Sink {
	return func(ctx context.Context, _ string, data []byte) error {
		statement, err := clientbank.Parse(data)
		if err != nil {
			return err
		}
		for _, credit := range statement.Credits {
			if err := ledger.Record(ctx, credit.Notification(now())); err != nil {
				return err
			}
		}
		return nil
	}
}

// RegisterSink makes what stands in a register of ERIP paid (P4). Money that
// we never consented to, or hold for reversed, waits for an operator under the
// transaction's id; the register's layout does not tell us its amount.
func RegisterSink(provider *erip.Provider, ledger payments.Ledger, now func() time.Time, log *slog.Logger) clientbank.Sink {
	return func(ctx context.Context, _ string, data []byte) error {
		register, err := erip.ReadRegister(data)
		if err != nil {
			return fmt.Errorf("%w: %w", clientbank.ErrStatement, err)
		}
		findings, err := provider.ApplyRegister(ctx, register)
		if err != nil {
			return err
		}
		for i, finding := range findings {
			if finding == erip.FoundKnown {
				continue
			}
			line := register.Lines[i]
			log.WarnContext(ctx, "register of ERIP tells of a payment", "finding", finding, "transaction", line.TransactionID)
			if finding == erip.FoundLost {
				continue
			}
			if err := ledger.Record(ctx, payments.Notification{
				Source: payments.SourceERIP, Kind: payments.KindPayment, Raw: line.Raw, Currency: payments.BYN,
				ExternalID: strconv.FormatInt(line.TransactionID, 10) + "/register", ReceivedAt: now(), OccurredAt: line.At,
			}); err != nil {
				return err
			}
		}
		return nil
	}
}
