package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// deliver sends the credentials, each channel on its own: one that fails is
// tried for three days and holds nothing else up (I4, I6).
func (o *orderRun) deliver(ctx workflow.Context) error {
	sent := make([]workflow.Future, len(o.channels))
	for i, channel := range o.channels {
		sent[i] = o.send(ctx, channel)
	}
	for i, channel := range o.channels {
		err := sent[i].Get(ctx, nil)
		if err == nil {
			continue
		}
		o.log.Warn("credentials not delivered, the cabinet shows them", "channel", channel, "error", err)
		giveUp := activities.GiveUpInput{OrderID: o.in.OrderID, Channel: channel}
		if err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "give the channel up"), delivery.GiveUpCredentials, giveUp).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func (o *orderRun) send(ctx workflow.Context, channel activities.Channel) workflow.Future {
	in := activities.SendCredentialsInput{OrderID: o.in.OrderID}
	switch channel {
	case activities.ChannelSMS:
		return workflow.ExecuteActivity(within(ctx, "send the credentials by SMS", sendingOnce, sendingFor), delivery.SendCredentialsBySMS, in)
	case activities.ChannelEmail:
		return workflow.ExecuteActivity(within(ctx, "send the credentials by e-mail", sendingOnce, sendingFor), delivery.SendCredentialsByEmail, in)
	default:
		future, settle := workflow.NewFuture(ctx)
		settle.SetValue(nil)
		o.log.Error("unknown channel", "channel", channel)
		return future
	}
}

// describe tells operators in plain words what the order waits for.
func (o *orderRun) describe(ctx workflow.Context) {
	var text string
	switch o.stage {
	case order.StageChecking:
		text = "Compares the request with the state registers"
	case order.StageAwaitingApproval:
		text = "Waits for the manager's confirmation"
	case order.StageAwaitingPayment:
		text = "Waits for the payment"
		if o.number != 0 {
			text += " under " + o.number.ERIP()
		}
	case order.StageIssuing:
		text = "Issues the certificate"
	case order.StageEnded:
		text = "Ended: " + string(o.end)
		if o.reason != order.ReasonNone {
			text += ", " + string(o.reason)
		}
	case order.StageTerms, order.StageRequest:
		text = "Is a draft"
	}
	if !o.until.IsZero() {
		text += " until " + o.until.In(order.Minsk()).Format(instantLayout)
	}
	workflow.SetCurrentDetails(ctx, text)
}

// instantLayout is how operators read an instant.
const instantLayout = "2006-01-02 15:04:05 MST"
