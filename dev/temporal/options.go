package temporal

import (
	"fmt"
	"net"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
)

// Options describe the server. Namespace is required; everything else has a default.
type Options struct {
	// Postgres is where the server keeps its state; nil means SQLite in memory, which forgets everything at Close.
	Postgres *Postgres
	// Listen is the frontend's address, e.g. 127.0.0.1:7233; port 0 (the default) takes a free one. The three other services of the
	// server take free ports of the same host.
	Listen string
	// UIListen is the Web UI's address; empty means no UI, port 0 a free port.
	UIListen string
	// Codec is the endpoint that decodes payloads for the Web UI.
	Codec Codec
	// Namespace is created with the server, with Retention for closed workflows (0 means 30 days; at least a day).
	Namespace string
	Retention time.Duration
	// SearchAttributes are registered before Start returns; those that exist are left alone.
	SearchAttributes map[string]enumspb.IndexedValueType
	// Authorization makes the server ask for tokens; nil lets everybody in.
	Authorization *Authorization
	// Shards is the number of history shards, 16 by default. It cannot be changed on an existing database.
	Shards int32
	// TimeSkipping lets clients skip time (see SkipTime); for tests only.
	TimeSkipping bool
	// Ahead lets the server's time be ahead of the machine's by what it says, which must never become less; nil is the machine's time.
	// After it has become more, ClockMoved lets due timers ring.
	Ahead func() time.Duration `json:"-"`
	// Dynamic overrides dynamic configuration, by the server's own keys such as "frontend.rps".
	Dynamic map[string]any
	// LogFile takes the server's own messages of LogLevel ("error" by default) and above; empty means stderr.
	LogFile  string
	LogLevel string
	// MetricsListen serves the server's Prometheus metrics under /metrics; empty means no metrics.
	MetricsListen string
}

// Postgres names the databases of the server. Both are created when absent.
type Postgres struct {
	// Addr is host:port.
	Addr           string
	User, Password string
	// Database holds workflows, VisibilityDatabase what is listed; "temporal" and "temporal_visibility" by default.
	Database, VisibilityDatabase string
	// MaxConns bounds the connections to each database, 20 by default.
	MaxConns int
	// StockSettings leaves tables and indexes as Temporal's schema makes them; otherwise main.sql and visibility.sql are run.
	StockSettings bool
}

// Authorization is how the server looks at tokens: its own claim mapper for JSON Web Tokens and its own authorizer, as in
// docker-compose.yml. A token's claim "permissions" lists namespace:role, with the roles read, write and admin; the namespace
// temporal-system stands for all.
type Authorization struct {
	// Keys are addresses of key sets (http, https or file), read again every RefreshEvery, a minute by default.
	Keys         []string
	RefreshEvery time.Duration
	// AdminToken lets Start register what is missing.
	AdminToken string
	// UIToken is what the Web UI shows to the server, for people who do not sign in to it here.
	UIToken string
}

// Codec tells the Web UI where payloads are decoded.
type Codec struct {
	// Endpoint is the URL of the codec server; empty means none. The browser calls it, so it must allow the UI's origin (CORS).
	Endpoint string
	// PassAccessToken sends the signed-in user's token along, IncludeCredentials the cookies.
	PassAccessToken, IncludeCredentials bool
}

func (o Options) withDefaults() (Options, error) {
	if o.Namespace == "" {
		return o, fmt.Errorf("a namespace is required")
	}
	o.Listen = or(o.Listen, "127.0.0.1:0")
	o.LogLevel = or(o.LogLevel, "error")
	o.Retention = or(o.Retention, 30*24*time.Hour)
	o.Shards = or(o.Shards, 16)
	if o.Postgres != nil {
		pg := *o.Postgres
		pg.Database = or(pg.Database, "temporal")
		pg.VisibilityDatabase = or(pg.VisibilityDatabase, "temporal_visibility")
		pg.MaxConns = or(pg.MaxConns, 20)
		o.Postgres = &pg
	}
	for _, addr := range []string{o.Listen, o.UIListen} {
		if addr == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return o, fmt.Errorf("listen address: %w", err)
		}
	}
	return o, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
