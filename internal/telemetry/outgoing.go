package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// OutgoingRequests measures requests to other systems by system and outcome.
type OutgoingRequests struct{ seconds *prometheus.HistogramVec }

// OutgoingRequests registers the histogram issuance_outgoing_request_seconds.
func (m *Metrics) OutgoingRequests() (*OutgoingRequests, error) {
	o := &OutgoingRequests{seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "issuance_outgoing_request_seconds",
		Help:    "Time until another system's answer began, by system and status; \"none\" for no answer.",
		Buckets: latencyBuckets(),
	}, []string{"system", "status"})}
	return o, m.Register(o.seconds)
}

// Transport measures what goes through next to the system of that name.
func (o *OutgoingRequests) Transport(system string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		begun := time.Now()
		resp, err := next.RoundTrip(r)
		status := "none"
		if err == nil {
			status = strconv.Itoa(resp.StatusCode)
		}
		o.seconds.WithLabelValues(system, status).Observe(time.Since(begun).Seconds())
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
