package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// sendFirst sends the credentials by all channels at once, in one step, and
// gives those that did not get through (I4, I6).
func (o *orderRun) sendFirst(ctx workflow.Context) ([]activities.FailedAttempt, error) {
	if len(o.channels) == 0 {
		return nil, nil
	}
	var first activities.FirstAttemptResult
	in := activities.FirstAttemptInput{OrderID: o.in.OrderID, Channels: o.channels}
	err := workflow.ExecuteActivity(within(ctx, "send the credentials", sendingOnce, sendingFor), delivery.SendCredentials, in).Get(ctx, &first)
	if err != nil {
		return nil, o.giveUp(ctx, o.channels, err)
	}
	return first.Again, nil
}

// sendAgain tries each channel on its own for three days; none holds anything
// else up (I6).
func (o *orderRun) sendAgain(ctx workflow.Context, again []activities.FailedAttempt) error {
	sent := make([]workflow.Future, len(again))
	for i, failed := range again {
		o.log.Warn("credentials not sent at the first attempt", "channel", failed.Channel, "error", failed.Cause)
		sent[i] = o.send(ctx, failed.Channel)
	}
	for i, failed := range again {
		if err := sent[i].Get(ctx, nil); err != nil {
			if err := o.giveUp(ctx, []activities.Channel{failed.Channel}, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveUp shows that channels had their time; the cabinet shows the credentials.
func (o *orderRun) giveUp(ctx workflow.Context, channels []activities.Channel, cause error) error {
	for _, channel := range channels {
		o.log.Warn("credentials not delivered, the cabinet shows them", "channel", channel, "error", cause)
		in := activities.GiveUpInput{OrderID: o.in.OrderID, Channel: channel}
		if err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "give the channel up"), delivery.GiveUpCredentials, in).Get(ctx, nil); err != nil {
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
