package worker

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// gateAlarms make every refusal of the gate a count, a line of the log and an
// entry of the audit log (I1, M6, P4).
type gateAlarms struct {
	refusals *prometheus.CounterVec
	log      *slog.Logger
	audit    *postgres.Audit
}

// newGateAlarms registers the counter, at zero for every reason there is, so
// that the first refusal is a rise.
func newGateAlarms(metrics *telemetry.Metrics, log *slog.Logger, entries *postgres.Audit) (gateAlarms, error) {
	a := gateAlarms{
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "issuance_gate_refusals_total", Help: "What was missing for certificates that were asked for and not signed; see issuance status.",
		}, []string{"reason"}),
		log: log, audit: entries,
	}
	for _, r := range issuance.Refusals() {
		a.refusals.WithLabelValues(string(r))
	}
	return a, metrics.Register(a.refusals)
}

// Refused implements issuance.Alarms. The audit log has each refusal of an
// order once, however often it is asked for. A certificate revoked meanwhile is
// counted only: the order's end is its entry (A1c).
func (a gateAlarms) Refused(ctx context.Context, orderID order.ID, keyID string, refusals []issuance.Refusal) error {
	names := make([]string, 0, len(refusals))
	for _, r := range refusals {
		a.refusals.WithLabelValues(string(r)).Inc()
		names = append(names, string(r))
	}
	missing := strings.Join(names, ",")
	if missing == string(issuance.RefusedRevocation) {
		return nil
	}
	for _, r := range refusals {
		a.log.ErrorContext(ctx, "a certificate was asked for that nothing proves", "order", orderID.String(), "refusal", string(r), "meaning", r.String())
	}
	event := audit.Event{
		At: clock.Now(), Actor: audit.System(), Action: audit.ActionIssueRefused, OrderID: orderID.String(),
		Evidence: audit.Evidence{"key": keyID, "missing": missing},
	}
	if err := a.audit.AppendOnce(ctx, event, orderID.String()+"/refused/"+missing); err != nil {
		return fmt.Errorf("audit entry of a refused certificate: %w", err)
	}
	return nil
}
