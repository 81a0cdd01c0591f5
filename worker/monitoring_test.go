package worker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/status"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// held is a store with one of each figure.
type held struct{ err error }

func (h held) Figures(context.Context, time.Time, time.Time) ([]status.Figure, error) {
	if h.err != nil {
		return nil, h.err
	}
	var out []status.Figure
	for name, desc := range figureMetrics() {
		f := status.Figure{Name: name, Value: 1}
		if !strings.Contains(desc.String(), "variableLabels: {}") {
			f.Label = "label"
		}
		out = append(out, f)
	}
	return out, nil
}

// page is what Prometheus reads of a worker and an API that have done everything once.
func page(t *testing.T, store status.FigureStore) string {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	metrics, err := telemetry.NewMetrics(log)
	require.NoError(t, err)
	requests, err := metrics.HTTPRequests()
	require.NoError(t, err)
	requests.Observe(http.MethodGet, "/healthz", http.StatusOK, time.Second)
	outgoing, err := metrics.OutgoingRequests()
	require.NoError(t, err)
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := &http.Client{Transport: outgoing.Transport("egr", http.DefaultTransport)}
	resp, err := client.Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	server.Close()
	_, err = client.Get(server.URL)
	require.Error(t, err)
	stages, reconciliation := newStageSeconds(), newReconciliationGauges()
	at := time.Unix(1_000_000, 0)
	stages.observe(issuance.Paid{PaymentID: order.NewID(), UploadedAt: at, SavedAt: at.Add(time.Minute), ApprovedAt: at.Add(time.Hour), At: at.Add(2 * time.Hour)}, at.Add(2*time.Hour+3*time.Second))
	reconciliation.set(payments.ReconciliationReport{Reconciliation: payments.Reconciliation{At: at}})
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	require.NoError(t, err)
	defer pool.Close()
	collectors := append(stages.collectors(), reconciliation.collectors()...)
	require.NoError(t, metrics.Register(append(collectors, newFigures(store, log, time.Now), telemetry.NewPoolCollector(pool.Stat))...))
	metrics.Temporal().Counter(payload.RefusedMessages).Inc(1)
	recorder := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, recorder.Code)
	return recorder.Body.String()
}

func TestFiguresOfTheDatabaseAreShown(t *testing.T) {
	shown := page(t, held{})
	require.Contains(t, shown, "issuance_figures_up 1")
	require.Contains(t, shown, `issuance_unapplied_payments{reason="label"} 1`)
	require.Contains(t, shown, "issuance_paid_not_issued 1")
	require.Contains(t, shown, `issuance_outgoing_request_seconds_count{status="none",system="egr"} 1`)
	require.Contains(t, shown, `issuance_stage_seconds_sum{stage="checking"} 60`)
	require.Contains(t, shown, `issuance_stage_seconds_sum{stage="awaiting-approval"} 3540`)
	require.Contains(t, shown, `issuance_stage_seconds_sum{stage="awaiting-payment"} 3600`)
	require.Contains(t, shown, "issuance_paid_to_issued_seconds_sum 3")
}

func TestFiguresThatAreNotKnownAreNotShownAsZero(t *testing.T) {
	shown := page(t, held{err: errors.New("no database")})
	require.Contains(t, shown, "issuance_figures_up 0")
	require.NotContains(t, shown, "issuance_paid_not_issued ")
}

// notOurs are exported by the libraries, when there is something to say.
var notOurs = map[string]bool{
	"up": true, "process_cpu_seconds_total": true, "process_resident_memory_bytes": true,
	"temporal_workflow_task_execution_failed_total": true, "temporal_activity_execution_failed_total": true,
	// Tested with the gate's alarms.
	"issuance_gate_refusals_total": true,
	// Tested with the trust directory of a process.
	"issuance_trust_files_skipped": true, "issuance_crl_first_end_timestamp_seconds": true,
}

// Alerts and dashboards ask for what the processes show, and for nothing that is called otherwise by now.
func TestAlertsAndDashboardsAskForWhatIsShown(t *testing.T) {
	shown := page(t, held{})
	name := regexp.MustCompile(`\b(?:issuance|http|pgxpool|process|temporal)_[a-z_]+\b|\bup\{`)
	asked := map[string]bool{}
	for _, expression := range expressions(t) {
		for _, found := range name.FindAllString(expression, -1) {
			asked[strings.TrimSuffix(found, "{")] = true
		}
	}
	require.Greater(t, len(asked), 25)
	for metric := range asked {
		if !notOurs[metric] {
			require.Regexp(t, `(?m)^`+metric+`[ {]`, shown, "nobody shows %s", metric)
		}
	}
}

// expressions are those of the alert rules and of the dashboards.
func expressions(t *testing.T) []string {
	t.Helper()
	rules, err := os.ReadFile(filepath.Join("..", "deploy", "prometheus", "alerts.yml"))
	require.NoError(t, err)
	out := []string{string(rules)}
	boards, err := filepath.Glob(filepath.Join("..", "deploy", "grafana", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, boards)
	for _, path := range boards {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var board struct {
			Panels []struct {
				Targets []struct {
					Expr string `json:"expr"`
				} `json:"targets"`
			} `json:"panels"`
		}
		require.NoError(t, json.Unmarshal(data, &board), path)
		for _, p := range board.Panels {
			require.NotEmpty(t, p.Targets, path)
			for _, target := range p.Targets {
				out = append(out, target.Expr)
			}
		}
	}
	return out
}
