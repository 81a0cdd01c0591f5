package process

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// keyCache is how many orders' keys are kept in memory: more than workflows
// are kept by a worker, so that none of them has to ask the database.
const keyCache = 20_000

// Base is what a process rests on. Close it when the process ends.
type Base struct {
	Config   config.Common
	Log      *slog.Logger
	Metrics  *telemetry.Metrics
	Tracing  *telemetry.Tracing
	Pool     *pgxpool.Pool
	Keys     *postgres.Keys
	Cache    *payload.Cache
	Temporal client.Client
	Listener *postgres.Listener
	Tariff   order.Tariff
}

// Open connects a process of that name. It waits for the database, not for Temporal.
func Open(ctx context.Context, name string, c config.Common, options ...engine.Option) (*Base, error) {
	log := telemetry.NewLogger(os.Stderr, telemetry.LogOptions{
		Level: c.Log.Level, Text: c.Log.Format == config.LogText, Process: name,
	})
	metrics, err := telemetry.NewMetrics(log)
	if err != nil {
		return nil, err
	}
	tariff, err := loadTariff(string(c.Terms.TariffFile))
	if err != nil {
		return nil, err
	}
	tracing, err := telemetry.NewTracing(ctx, telemetry.TracingOptions{URL: c.Traces.URL.String(), Process: name, Ratio: c.Traces.Ratio})
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Await(ctx, c.Database.URL.Reveal(), tracing.Queries(), func(err error, pause time.Duration) {
		log.WarnContext(ctx, "the database cannot be reached, tried again", "error", err, "pause", pause)
	})
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	b := &Base{
		Config: c, Log: log, Metrics: metrics, Tracing: tracing, Pool: pool, Tariff: tariff,
		Keys:     postgres.NewKeys(pool, c.Keys.Master.Keyring()),
		Listener: postgres.NewListener(c.Database.URL.Reveal(), log),
	}
	if err := b.connect(options); err != nil {
		pool.Close()
		return nil, err
	}
	return b, nil
}

func (b *Base) connect(options []engine.Option) error {
	if err := b.Metrics.Register(telemetry.NewPoolCollector(b.Pool.Stat)); err != nil {
		return err
	}
	var err error
	if b.Cache, err = payload.NewCache(b.Keys, keyCache); err != nil {
		return err
	}
	spans, err := b.Tracing.Temporal()
	if err != nil {
		return fmt.Errorf("traces of workflows: %w", err)
	}
	b.Temporal, err = engine.Connect(engine.Options{
		Temporal: b.Config.Temporal, Log: b.Log, Metrics: b.Metrics, Spans: spans, Keys: b.Cache,
	}, options...)
	return err
}

// Close lets go of Temporal and the database.
func (b *Base) Close() {
	b.Temporal.Close()
	b.Pool.Close()
	b.Tracing.Close()
}

// Policy are the terms for new orders.
func (b *Base) Policy() order.Policy {
	if day := b.Config.Terms.PolicyDay; day != 24*time.Hour {
		return order.QuickPolicy(day)
	}
	return order.DefaultPolicy()
}

// Hash is the keyed hash under which persons stand in ids: 32 hexadecimal digits.
func (b *Base) Hash(text string) string {
	mac := hmac.New(sha256.New, b.Config.Keys.IDHash.Reveal())
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// ServeMetrics serves /metrics and /healthz until the context ends, where an
// address is configured.
func (b *Base) ServeMetrics(ctx context.Context) error {
	if b.Config.Metrics.Address == "" {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", b.Metrics.Handler())
	mux.HandleFunc("GET /healthz", b.health)
	return Serve(ctx, string(b.Config.Metrics.Address), mux, time.Second)
}

// health answers 200 while database and Temporal answer.
func (b *Base) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	_, err := b.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	if err = errors.Join(err, b.Pool.Ping(ctx)); err != nil {
		b.Log.ErrorContext(ctx, "not healthy", "error", err)
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
	}
}

// Serve answers HTTP until the context ends, then gives running requests the
// grace to finish.
func Serve(ctx context.Context, address string, h http.Handler, grace time.Duration) error {
	server := &http.Server{
		Addr: address, Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return fmt.Errorf("listen on %s: %w", address, err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(late); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

func loadTariff(path string) (order.Tariff, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return order.Tariff{}, fmt.Errorf("tariff: %w", err)
	}
	var prices []order.Price
	d := json.NewDecoder(bytes.NewReader(raw))
	// A field that is not understood, such as an end, would be promised and not kept.
	d.DisallowUnknownFields()
	if err := d.Decode(&prices); err != nil {
		return order.Tariff{}, fmt.Errorf("tariff %s: %w", path, err)
	}
	if len(prices) == 0 || d.More() {
		return order.Tariff{}, fmt.Errorf("tariff %s: want one list of prices, not empty", path)
	}
	return order.NewTariff(prices)
}
