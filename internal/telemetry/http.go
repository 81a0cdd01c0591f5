package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HTTPRequests measures requests by method, route template and status.
type HTTPRequests struct{ seconds *prometheus.HistogramVec }

// HTTPRequests registers the histogram http_request_duration_seconds.
func (m *Metrics) HTTPRequests() (*HTTPRequests, error) {
	h := &HTTPRequests{seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "http_request_duration_seconds",
		Help:    "Time to answer a request, long waits included, by method, route template and status.",
		Buckets: latencyBuckets(),
	}, []string{"method", "route", "status"})}
	return h, m.Register(h.seconds)
}

// Observe counts one request. The route is the template (/orders/{id}), never
// the path, which would make a time series for each order; "" for no route.
func (h *HTTPRequests) Observe(method, route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	h.seconds.WithLabelValues(knownMethod(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// knownMethod keeps invented methods from making time series.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	default:
		return "other"
	}
}
