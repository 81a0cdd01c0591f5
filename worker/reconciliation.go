package worker

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// reconciliationGauges show the newest report to those who watch the service.
type reconciliationGauges struct {
	differences *prometheus.GaugeVec
	unapplied   prometheus.Gauge
	at          prometheus.Gauge
}

func newReconciliationGauges() *reconciliationGauges {
	return &reconciliationGauges{
		differences: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "issuance_reconciliation_differences", Help: "Differences between ledger, gateways and orders in the newest report, by kind.",
		}, []string{"kind"}),
		unapplied: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "issuance_reconciliation_unapplied_payments", Help: "Payments that waited for an operator at the newest report.",
		}),
		at: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "issuance_reconciliation_complete_timestamp_seconds", Help: "When a report last had the gateways' answers in it.",
		}),
	}
}

func (g *reconciliationGauges) collectors() []prometheus.Collector {
	return []prometheus.Collector{g.differences, g.unapplied, g.at}
}

func (g *reconciliationGauges) set(r payments.ReconciliationReport) {
	counts := map[payments.DifferenceKind]int{}
	for _, d := range r.Differences {
		counts[d.Kind]++
	}
	for _, kind := range payments.DifferenceKinds() {
		g.differences.WithLabelValues(string(kind)).Set(float64(counts[kind]))
	}
	g.unapplied.Set(float64(r.Unapplied))
	if !r.GatewaysFailed {
		g.at.Set(float64(r.At.Unix()))
	}
}
