package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// TracingOptions are where spans go.
type TracingOptions struct {
	// URL takes OTLP over HTTP, such as https://collector:4318/v1/traces; empty for no traces.
	URL string
	// Process names the process in every span: api, worker.
	Process string
	// Ratio is the part of the traces that is kept, from 0 to 1. All processes
	// decide by the trace's id alone, so that a trace is kept whole or not at all.
	Ratio float64
}

// Tracing makes the spans of one process. Spans hold routes, statements without
// their values, names of workflows and activities, ids and numbers of orders:
// nothing that says who a person is.
type Tracing struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider
}

// closeTimeout bounds the wait for the last spans to be taken.
const closeTimeout = 3 * time.Second

// NewTracing makes the spans' maker; without an address it makes none and costs nothing.
func NewTracing(ctx context.Context, o TracingOptions) (*Tracing, error) {
	if o.URL == "" {
		return &Tracing{tracer: noop.NewTracerProvider().Tracer("")}, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(o.URL))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter), sdktrace.WithSampler(sdktrace.TraceIDRatioBased(o.Ratio)),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "remote-issuance-"+o.Process))),
	)
	return &Tracing{tracer: provider.Tracer("remote-issuance"), provider: provider}, nil
}

// On tells whether spans are made.
func (t *Tracing) On() bool { return t.provider != nil }

// Close sends the last spans.
func (t *Tracing) Close() {
	if !t.On() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = t.provider.Shutdown(ctx)
}

// Request begins the span of a request that came in, as part of the caller's
// trace if it names one. The returned function ends it; subject is the id in the
// path, if there is one.
func (t *Tracing) Request(r *http.Request) (ctx context.Context, end func(route, subject string, status int)) {
	if !t.On() {
		return r.Context(), func(string, string, int) {}
	}
	ctx = propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(route, subject string, status int) {
		span.SetName(knownMethod(r.Method) + " " + route)
		span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
		if subject != "" {
			span.SetAttributes(attribute.String("issuance.subject", subject))
		}
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}

// Outgoing makes a span for each request that goes through next to the system
// of that name. Addresses are left out: registers are asked by personal number.
func (t *Tracing) Outgoing(system string, next http.RoundTripper) http.RoundTripper {
	if !t.On() {
		return next
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		ctx, span := t.tracer.Start(r.Context(), system, trace.WithSpanKind(trace.SpanKindClient))
		defer span.End()
		resp, err := next.RoundTrip(r.WithContext(ctx))
		if err != nil {
			span.SetStatus(codes.Error, "no answer")
			return nil, err
		}
		span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
		return resp, nil
	})
}

// Queries makes a span for each statement, without its values; nil when there are no traces.
func (t *Tracing) Queries() pgx.QueryTracer {
	if !t.On() {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.provider), otelpgx.WithDisableConnectionDetailsInAttributes())
}

// Temporal makes the spans of workflows, activities and messages; nil when
// there are no traces.
func (t *Tracing) Temporal() (interceptor.Interceptor, error) {
	if !t.On() {
		return nil, nil //nolint:nilnil // the comment says so
	}
	return opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.tracer, TextMapPropagator: propagation.TraceContext{}, DisableBaggage: true, AllowInvalidParentSpans: true,
	})
}
