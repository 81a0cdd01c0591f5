package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Actors as they stand in the audit chain; a manager is "manager:" and a keyed hash.
const (
	byApplicant = "applicant"
	bySystem    = "system"
)

// transition is what becomes visible together with a new version of the state.
type transition struct {
	opening     *activities.OrderOpening
	saveRequest bool
	notices     []activities.Notice
	events      []activities.AuditEvent
}

// record writes the present state as the next version.
func (o *orderRun) record(ctx workflow.Context, t transition) error {
	in := o.nextVersion(t)
	o.describe(ctx)
	summary := fmt.Sprintf("record: %s", o.state.Stage)
	return workflow.ExecuteLocalActivity(ownDatabase(ctx, summary), records.RecordOrder, in).Get(ctx, nil)
}

func (o *orderRun) nextVersion(t transition) activities.RecordOrderInput {
	o.state.Version++
	return activities.RecordOrderInput{
		Opening: t.opening, State: o.state, SaveRequest: t.saveRequest, Notices: t.notices, Events: t.events,
	}
}

func (o *orderRun) event(ctx workflow.Context, action, actor string, evidence map[string]string) activities.AuditEvent {
	return activities.AuditEvent{Action: action, Actor: actor, At: workflow.Now(ctx), Evidence: evidence}
}

// end sets the end of the order and records it with the notice to the applicant.
func (o *orderRun) end(ctx workflow.Context, end order.End, reason order.EndReason, by, note string) error {
	o.state.Stage, o.state.End, o.state.Reason, o.state.Note = order.StageEnded, end, reason, note
	o.state.Until = time.Time{}
	var notices []activities.Notice
	if kind, ok := endNotice(end); ok && o.state.Contacts != nil {
		notices = append(notices, activities.Notice{Kind: kind})
	}
	return o.record(ctx, transition{
		notices: notices,
		events:  []activities.AuditEvent{o.event(ctx, string(end), by, map[string]string{"reason": string(reason)})},
	})
}

func endNotice(end order.End) (order.NoticeKind, bool) {
	switch end {
	case order.EndRefused:
		return order.NoticeRefused, true
	case order.EndRejected:
		return order.NoticeRejected, true
	case order.EndWithdrawn:
		return order.NoticeWithdrawn, true
	case order.EndAnnulled:
		return order.NoticeAnnulled, true
	case order.EndIssued, order.EndNone:
		return "", false
	default:
		return "", false
	}
}

// describe tells operators in plain words what the order waits for.
func (o *orderRun) describe(ctx workflow.Context) {
	text := map[order.Stage]string{
		order.StageTerms:            "Waits for the applicant to accept agreement and contract",
		order.StageRequest:          "Waits for the applicant's request file",
		order.StageChecking:         "Compares the request with the state registers",
		order.StageAwaitingApproval: "Waits for the manager's confirmation",
		order.StageAwaitingPayment:  "Waits for the payment",
		order.StageIssuing:          "Issues the certificate",
		order.StageEnded:            strings.TrimSpace(fmt.Sprintf("Ended: %s %s", o.state.End, o.state.Reason)),
	}[o.state.Stage]
	if !o.state.Until.IsZero() {
		text += " until " + o.state.Until.In(order.Minsk()).Format("2006-01-02 15:04:05 MST")
	}
	if o.state.Stage == order.StageAwaitingPayment && o.state.ConfirmationID != "" {
		text += ", in " + ConfirmationWorkflowID(o.state.ConfirmationID)
	}
	workflow.SetCurrentDetails(ctx, text)
}
