package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// confirmationTransition is what becomes visible with a new version of the state.
type confirmationTransition struct {
	opening *activities.ConfirmationOpening
	notices []activities.Notice
	events  []activities.AuditEvent
}

func (c *confirmationRun) record(ctx workflow.Context, t confirmationTransition) error {
	c.state.Version++
	c.describe(ctx)
	in := activities.RecordConfirmationInput{Opening: t.opening, State: c.state, Notices: t.notices, Events: t.events}
	summary := fmt.Sprintf("record: %s", c.state.Stage)
	return workflow.ExecuteLocalActivity(ownDatabase(ctx, summary), records.RecordConfirmation, in).Get(ctx, nil)
}

// end records the end with the notice to the manager.
func (c *confirmationRun) end(ctx workflow.Context, stage activities.ConfirmationStage) error {
	c.state.Stage, c.state.Until = stage, time.Time{}
	t := confirmationTransition{events: []activities.AuditEvent{c.event(ctx, "confirmation-"+string(stage), nil)}}
	switch stage {
	case activities.ConfirmationFinished:
		t.notices = []activities.Notice{c.notice(order.NoticeConfirmationFinished)}
	case activities.ConfirmationLapsed:
		t.notices = []activities.Notice{c.notice(order.NoticeConfirmationLapsed)}
	case activities.ConfirmationVoid, activities.ConfirmationSigning, activities.ConfirmationPayment, activities.ConfirmationIssuing:
	}
	return c.record(ctx, t)
}

func (c *confirmationRun) notice(kind order.NoticeKind) activities.Notice {
	return activities.Notice{
		Kind: kind, Deadline: c.state.Until, Amount: c.state.Total, Number: c.state.Number,
		Certificates: len(c.state.OrderIDs) - len(c.state.LeftIDs),
	}
}

func (c *confirmationRun) event(ctx workflow.Context, action string, evidence map[string]string) activities.AuditEvent {
	return activities.AuditEvent{Action: action, Actor: "manager:" + c.in.ManagerKey, At: workflow.Now(ctx), Evidence: evidence}
}

func (c *confirmationRun) snapshot() ConfirmationSnapshot {
	return ConfirmationSnapshot{
		ConfirmationID: c.in.ConfirmationID, Version: c.state.Version, Stage: c.state.Stage,
		ListID: c.state.ListID, Number: c.state.Number, Total: c.state.Total,
	}
}

func (c *confirmationRun) describe(ctx workflow.Context) {
	n := len(c.state.OrderIDs)
	var text string
	switch c.state.Stage {
	case activities.ConfirmationSigning:
		text = fmt.Sprintf("Waits for the manager's signature over %d orders", n)
	case activities.ConfirmationPayment:
		text = fmt.Sprintf("Waits for %s BYN under %s for %d orders", c.state.Total, order.PaymentNumber(c.state.Number).ERIP(), n)
	case activities.ConfirmationIssuing:
		text = fmt.Sprintf("Paid; %d of %d certificates are out", len(c.state.IssuedIDs), n)
	case activities.ConfirmationFinished, activities.ConfirmationLapsed, activities.ConfirmationVoid:
		text = fmt.Sprintf("Ended: %s, %d certificates issued", c.state.Stage, len(c.state.IssuedIDs))
	}
	if !c.state.Until.IsZero() {
		text += " until " + c.state.Until.In(order.Minsk()).Format("2006-01-02 15:04:05 MST")
	}
	workflow.SetCurrentDetails(ctx, text)
}
