package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// reconciliationID is the id of the schedule and, with the instant behind it,
// of its workflows.
const reconciliationID = "reconciliation"

// ScheduleReconciliation makes the schedule of the daily comparison, or brings
// an old one to the present times: at 6 in Minsk, when banks and ERIP have
// closed their day. Doing it again changes nothing.
func ScheduleReconciliation(ctx context.Context, c client.Client, taskQueue string) error {
	spec := client.ScheduleSpec{
		Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 6}}}},
		TimeZoneName: "Europe/Minsk",
	}
	action := &client.ScheduleWorkflowAction{
		ID: reconciliationID, Workflow: workflows.ReconciliationWorkflow, TaskQueue: taskQueue,
		WorkflowExecutionTimeout: 12 * time.Hour,
	}
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: reconciliationID, Spec: spec, Action: action, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: 12 * time.Hour,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		err = c.ScheduleClient().GetHandle(ctx, reconciliationID).Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				in.Description.Schedule.Spec = &spec
				in.Description.Schedule.Action = action
				return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
			},
		})
	}
	if err != nil {
		return fmt.Errorf("schedule the reconciliation: %w", err)
	}
	return nil
}

// reconciliationGauges show the newest report to those who watch the service.
type reconciliationGauges struct {
	differences *prometheus.GaugeVec
	unapplied   prometheus.Gauge
	at          prometheus.Gauge
}

func newReconciliationGauges() *reconciliationGauges {
	return &reconciliationGauges{
		differences: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "issuance_reconciliation_differences", Help: "Differences between ledger, gateways and orders in the newest report, by kind.",
		}, []string{"kind"}),
		unapplied: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "issuance_reconciliation_unapplied_payments", Help: "Payments that waited for an operator at the newest report.",
		}),
		at: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "issuance_reconciliation_complete_timestamp_seconds", Help: "When a report last had the gateways' answers in it.",
		}),
	}
}

func (g *reconciliationGauges) collectors() []prometheus.Collector {
	return []prometheus.Collector{g.differences, g.unapplied, g.at}
}

func (g *reconciliationGauges) set(r activities.ReconciliationReport) {
	counts := map[activities.DifferenceKind]int{}
	for _, d := range r.Differences {
		counts[d.Kind]++
	}
	for _, kind := range activities.DifferenceKinds() {
		g.differences.WithLabelValues(string(kind)).Set(float64(counts[kind]))
	}
	g.unapplied.Set(float64(r.Unapplied))
	if !r.GatewaysFailed {
		g.at.Set(float64(r.At.Unix()))
	}
}
