package telemetry

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
	sdklog "go.temporal.io/sdk/log"
)

// LogOptions are how log lines are written.
type LogOptions struct {
	// Level is the least level written; it may be a *slog.LevelVar.
	Level slog.Leveler
	// Text writes lines for people instead of JSON.
	Text bool
	// Process names the process in every line: api, worker, migrate.
	Process string
}

// NewLogger writes log lines to w. Attributes named like secrets are hidden
// whatever their value: a second line of defence behind types that hide themselves.
func NewLogger(w io.Writer, o LogOptions) *slog.Logger {
	options := &slog.HandlerOptions{AddSource: false, Level: o.Level, ReplaceAttr: hideSecrets}
	var handler slog.Handler = slog.NewJSONHandler(w, options)
	if o.Text {
		handler = slog.NewTextHandler(w, options)
	}
	return slog.New(traced{handler}).With(slog.String("process", o.Process))
}

// traced adds the trace to lines that are written on behalf of one.
type traced struct{ slog.Handler }

// Handle adds trace_id and span_id.
func (t traced) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, r)
}

// WithAttrs keeps the trace in loggers made from this one.
func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

// WithGroup keeps the trace in loggers made from this one.
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }

// separators are built once: a replacer costs more than the line it serves.
var separators = strings.NewReplacer("_", "", "-", "", ".", "")

// hideSecrets keeps the attribute, so that its place shows in review of logs.
func hideSecrets(_ []string, a slog.Attr) slog.Attr {
	name := strings.ToLower(separators.Replace(a.Key))
	for _, secret := range []string{"password", "passwd", "secret", "token", "authorization", "cookie", "privatekey", "masterkey", "salt"} {
		if strings.HasSuffix(name, secret) {
			return slog.String(a.Key, "[redacted]")
		}
	}
	return a
}

// TemporalLogger is the logger for Temporal client and worker options.
func TemporalLogger(logger *slog.Logger) sdklog.Logger {
	return sdklog.NewStructuredLogger(logger.With(slog.String("component", "temporal")))
}
