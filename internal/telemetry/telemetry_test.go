package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

func newMetrics(t *testing.T) *telemetry.Metrics {
	t.Helper()
	m, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return m
}

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func TestLogLinesAreJSONWithoutSecrets(t *testing.T) {
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, telemetry.LogOptions{Level: slog.LevelInfo, Process: "api"})
	logger.Debug("not written")
	logger.Info("signed in", "user_password", "hunter2", slog.Group("header", "Authorization", "Bearer abc"), "tokens", 3)
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, "api", line["process"])
	require.Equal(t, "[redacted]", line["user_password"])
	require.InDelta(t, 3, line["tokens"], 0)
	require.NotContains(t, out.String(), "hunter2")
	require.NotContains(t, out.String(), "Bearer")
}

func TestLogLinesForPeople(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewLogger(&out, telemetry.LogOptions{Level: slog.LevelInfo, Text: true, Process: "worker"}).Info("started")
	require.Contains(t, out.String(), "msg=started process=worker")
}

func TestTemporalLogsThroughOurLogger(t *testing.T) {
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, telemetry.LogOptions{Level: slog.LevelInfo, Process: "worker"})
	telemetry.TemporalLogger(logger).Warn("Activity error.", "ActivityType", "IssueCertificate")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, "temporal", line["component"])
	require.Equal(t, "WARN", line["level"])
	require.Equal(t, "IssueCertificate", line["ActivityType"])
}

func TestTemporalMetricsStandBesideOurs(t *testing.T) {
	m := newMetrics(t)
	handler := m.Temporal().WithTags(map[string]string{"activity_type": "IssueCertificate"})
	handler.Counter("temporal_activity_execution_failed").Inc(2)
	handler.Gauge("temporal_worker_task_slots_used").Update(5)
	handler.Timer("temporal_activity_execution_latency").Record(40 * time.Millisecond)
	text := scrape(t, m)
	require.Contains(t, text, `temporal_activity_execution_failed_total{activity_type="IssueCertificate"} 2`)
	require.Contains(t, text, `temporal_worker_task_slots_used{activity_type="IssueCertificate"} 5`)
	require.Contains(t, text, `temporal_activity_execution_latency_seconds_bucket{activity_type="IssueCertificate",le="0.05"} 1`)
	require.Contains(t, text, `temporal_activity_execution_latency_seconds_bucket{activity_type="IssueCertificate",le="0.025"} 0`)
	require.Contains(t, text, "go_goroutines")
}

func TestHTTPRequestsAreMeasured(t *testing.T) {
	m := newMetrics(t)
	requests, err := m.HTTPRequests()
	require.NoError(t, err)
	requests.Observe(http.MethodGet, "/orders/{id}", 200, 20*time.Millisecond)
	requests.Observe("INVENTED", "", 404, time.Millisecond)
	text := scrape(t, m)
	require.Contains(t, text, `http_request_duration_seconds_count{method="GET",route="/orders/{id}",status="200"} 1`)
	require.Contains(t, text, `http_request_duration_seconds_count{method="other",route="none",status="404"} 1`)
	_, err = m.HTTPRequests()
	require.Error(t, err, "one histogram a process")
}

func TestWebhooksAreCounted(t *testing.T) {
	m := newMetrics(t)
	webhooks, err := m.Webhooks()
	require.NoError(t, err)
	webhooks.Attempted("timeout")
	webhooks.Endpoints(2, 1, 0)
	text := scrape(t, m)
	require.Contains(t, text, `issuance_webhook_attempts_total{outcome="timeout"} 1`)
	require.Contains(t, text, `issuance_webhook_endpoints{state="failing"} 1`)
	_, err = m.Webhooks()
	require.Error(t, err)
}

func TestPoolIsDescribed(t *testing.T) {
	config, err := pgxpool.ParseConfig("postgres://nobody@127.0.0.1:1/none?pool_max_conns=7")
	require.NoError(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	collector := telemetry.NewPoolCollector(pool.Stat)
	require.Equal(t, 9, testutil.CollectAndCount(collector))
	problems, err := testutil.CollectAndLint(collector)
	require.NoError(t, err)
	require.Empty(t, problems)

	m := newMetrics(t)
	require.NoError(t, m.Register(collector))
	require.Contains(t, scrape(t, m), "pgxpool_max_connections 7")
	require.Error(t, m.Register(collector), "registered once")
}
