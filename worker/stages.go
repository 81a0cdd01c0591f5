package worker

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// measurements are what the worker tells monitoring beside the figures of its parts.
type measurements struct {
	outgoing *telemetry.OutgoingRequests
	tracing  *telemetry.Tracing
	stages   *stageSeconds
}

// transport measures and traces what is asked of another system.
func (m measurements) transport(system string) http.RoundTripper {
	return m.outgoing.Transport(system, m.tracing.Outgoing(system, http.DefaultTransport))
}

// measure registers the measurements with the process's metrics.
func measure(base *process.Base) (measurements, error) {
	outgoing, err := base.Metrics.OutgoingRequests()
	if err != nil {
		return measurements{}, err
	}
	m := measurements{outgoing: outgoing, tracing: base.Tracing, stages: newStageSeconds()}
	held := newFigures(postgres.NewStatus(base.Pool), base.Log, clock.Now)
	return m, base.Metrics.Register(append(m.stages.collectors(), held)...)
}

// stageSeconds shows how long orders that were issued have taken.
type stageSeconds struct {
	stages *prometheus.HistogramVec
	issued prometheus.Histogram
}

func newStageSeconds() *stageSeconds {
	return &stageSeconds{
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "issuance_stage_seconds", Help: "How long issued orders were in a stage: checking, awaiting-approval, awaiting-payment.",
			Buckets: []float64{1, 5, 15, 60, 300, 3600, 6 * 3600, 86400, 2 * 86400, 5 * 86400, 10 * 86400, 15 * 86400},
		}, []string{"stage"}),
		issued: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "issuance_paid_to_issued_seconds", Help: "From the payment's arrival to the certificate.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 6 * 3600},
		}),
	}
}

func (s *stageSeconds) collectors() []prometheus.Collector {
	return []prometheus.Collector{s.stages, s.issued}
}

// observe takes an order over whose certificate came out.
func (s *stageSeconds) observe(p issuance.Paid, at time.Time) {
	s.stage("checking", p.UploadedAt, p.SavedAt)
	waited := p.SavedAt
	if !p.ApprovedAt.IsZero() {
		s.stage("awaiting-approval", p.SavedAt, p.ApprovedAt)
		waited = p.ApprovedAt
	}
	s.stage("awaiting-payment", waited, p.At)
	if !p.At.IsZero() {
		s.issued.Observe(max(0, at.Sub(p.At).Seconds()))
	}
}

func (s *stageSeconds) stage(name string, from, to time.Time) {
	if !from.IsZero() && !to.IsZero() {
		s.stages.WithLabelValues(name).Observe(max(0, to.Sub(from).Seconds()))
	}
}
