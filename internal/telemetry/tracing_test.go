package telemetry_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// receiver takes OTLP over HTTP.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	spans map[string]*v1.Span
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{spans: map[string]*v1.Span{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		var sent collector.ExportTraceServiceRequest
		if proto.Unmarshal(body, &sent) != nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, resource := range sent.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					r.spans[span.GetName()] = span
				}
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func TestSpansOfARequestAreOneTraceWithoutAddresses(t *testing.T) {
	t.Parallel()
	to := receive(t)
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{URL: to.URL + "/v1/traces", Process: "api", Ratio: 1})
	require.NoError(t, err)
	register := httptest.NewServer(http.NotFoundHandler())
	defer register.Close()

	in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/orders/1", nil)
	in.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	ctx, end := tracing.Request(in)
	var line bytes.Buffer
	telemetry.NewLogger(&line, telemetry.LogOptions{Level: slog.LevelInfo}).With("a", 1).InfoContext(ctx, "looked")
	out, err := http.NewRequestWithContext(ctx, http.MethodGet, register.URL+"/3140567A001PB5", nil)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: tracing.Outgoing("population", http.DefaultTransport)}).Do(out)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	end("/v1/orders/:id", "0195-id", http.StatusInternalServerError)
	tracing.Close()

	to.mu.Lock()
	defer to.mu.Unlock()
	server, client := to.spans["GET /v1/orders/:id"], to.spans["population"]
	require.NotNil(t, server)
	require.NotNil(t, client)
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", hexOf(server.GetTraceId()), "the caller's trace goes on")
	require.Equal(t, server.GetTraceId(), client.GetTraceId())
	require.Equal(t, server.GetSpanId(), client.GetParentSpanId())
	require.Equal(t, v1.Status_STATUS_CODE_ERROR, server.GetStatus().GetCode())
	require.NotContains(t, client.String(), "3140567A001PB5")
	require.Contains(t, line.String(), `"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`)
}

func TestWithoutAnAddressThereAreNoSpans(t *testing.T) {
	t.Parallel()
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{})
	require.NoError(t, err)
	defer tracing.Close()
	require.False(t, tracing.On())
	require.Nil(t, tracing.Queries())
	spans, err := tracing.Temporal()
	require.NoError(t, err)
	require.Nil(t, spans)
	in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	ctx, end := tracing.Request(in)
	require.Equal(t, in.Context(), ctx)
	end("/", "", http.StatusOK)
	require.Equal(t, http.DefaultTransport, tracing.Outgoing("egr", http.DefaultTransport))
	_, err = telemetry.NewTracing(t.Context(), telemetry.TracingOptions{URL: "https://collector.example/v1/traces", Ratio: .5})
	require.NoError(t, err, "a collector that is not there keeps nobody from starting")
}

func hexOf(id []byte) string { return hex.EncodeToString(id) }
