package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/remote-issuance/remote-issuance/internal/status"
)

// figuresTimeout is less than Prometheus waits for an answer.
const figuresTimeout = 5 * time.Second

// figureMetrics are how the figures are exported. Every worker shows the same
// numbers; whoever queries takes the greatest.
func figureMetrics() map[status.FigureName]*prometheus.Desc {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("issuance_"+name, help, labels, nil)
	}
	return map[status.FigureName]*prometheus.Desc{
		status.FigureOrders:           desc("orders", "Open orders and drafts, by stage.", "stage"),
		status.FigureOrdersOldest:     desc("orders_oldest_change_timestamp_seconds", "When the order that is longest without a change changed, by stage.", "stage"),
		status.FigureConfirmations:    desc("confirmations", "Lists and confirmations that are open, by stage.", "stage"),
		status.FigureLate:             desc("late", "Orders and confirmations that are open more than a minute past their deadline.", "kind"),
		status.FigurePaidNotIssued:    desc("paid_not_issued", "Orders that were paid more than a minute ago and have no certificate."),
		status.FigureUnapplied:        desc("unapplied_payments", "Payments that wait for an operator, by reason.", "reason"),
		status.FigureUnappliedKopecks: desc("unapplied_kopecks", "Sum of the payments that wait for an operator, by reason.", "reason"),
		status.FigureUnappliedOldest:  desc("unapplied_oldest_timestamp_seconds", "When the oldest payment that waits for an operator came, by reason.", "reason"),
		status.FigureNotices:          desc("notices_pending", "Messages that wait to be sent, by channel.", "channel"),
		status.FigureNoticesOldest:    desc("notices_oldest_timestamp_seconds", "When the oldest message that waits to be sent was written, by channel.", "channel"),
		status.FigureSilentRegister:   desc("silent_register_orders", "Orders that wait for a register that does not answer, by register.", "register"),
		status.FigureBackupConfirmed:  desc("key_backup_confirmed_timestamp_seconds", "When the backup of a key was tried that was not for longest, by kind of key; 0 for never.", "kind"),
		status.FigureAuditUnsealed:    desc("audit_unsealed_timestamp_seconds", "When the oldest entry of the audit log was written that no checkpoint covers."),
	}
}

// figures counts what the service holds whenever Prometheus asks.
type figures struct {
	store   status.FigureStore
	metrics map[status.FigureName]*prometheus.Desc
	up      *prometheus.Desc
	log     *slog.Logger
	now     func() time.Time
}

func newFigures(store status.FigureStore, log *slog.Logger, now func() time.Time) *figures {
	return &figures{
		store: store, metrics: figureMetrics(), log: log, now: now,
		up: prometheus.NewDesc("issuance_figures_up", "Whether the database could be asked for the figures: 1 or 0.", nil, nil),
	}
}

// Describe names the figures.
func (f *figures) Describe(out chan<- *prometheus.Desc) {
	out <- f.up
	for _, desc := range f.metrics {
		out <- desc
	}
}

// Collect asks the database. What has no rows has no series, but for those that alerts compare with zero.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), figuresTimeout)
	defer cancel()
	at := f.now()
	found, err := f.store.Figures(ctx, at.Add(-status.ActWithin), at.Add(-status.IssueWithin))
	if err != nil {
		f.log.ErrorContext(ctx, "figures for monitoring are not known", "error", err)
		out <- prometheus.MustNewConstMetric(f.up, prometheus.GaugeValue, 0)
		return
	}
	out <- prometheus.MustNewConstMetric(f.up, prometheus.GaugeValue, 1)
	for _, figure := range found {
		desc, known := f.metrics[figure.Name]
		if !known {
			continue
		}
		var labels []string
		if figure.Label != "" {
			labels = []string{figure.Label}
		}
		metric, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, figure.Value, labels...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(desc, err)
		}
		out <- metric
	}
}
