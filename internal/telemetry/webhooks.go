package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Webhooks counts attempts at webhooks and the endpoints by how they do.
type Webhooks struct {
	attempts  *prometheus.CounterVec
	endpoints *prometheus.GaugeVec
}

// Webhooks registers issuance_webhook_attempts_total and issuance_webhook_endpoints.
func (m *Metrics) Webhooks() (*Webhooks, error) {
	w := &Webhooks{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "issuance_webhook_attempts_total", Help: "Attempts at messages to webhooks by outcome.",
		}, []string{"outcome"}),
		endpoints: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "issuance_webhook_endpoints", Help: "Webhooks of all clients that are well, failing since their last success, or disabled.",
		}, []string{"state"}),
	}
	return w, m.Register(w.attempts, w.endpoints)
}

// Attempted counts an attempt; outcomes are few words.
func (w *Webhooks) Attempted(outcome string) { w.attempts.WithLabelValues(outcome).Inc() }

// Endpoints says how many endpoints there are.
func (w *Webhooks) Endpoints(well, failing, disabled int64) {
	w.endpoints.WithLabelValues("well").Set(float64(well))
	w.endpoints.WithLabelValues("failing").Set(float64(failing))
	w.endpoints.WithLabelValues("disabled").Set(float64(disabled))
}
