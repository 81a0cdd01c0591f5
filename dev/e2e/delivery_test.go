package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// A mailbox that refuses for days holds nothing else up: the password comes by SMS, the cabinet shows the credentials, the
// confirmation finishes, and a new order is possible meanwhile (I6, A6). What is tried again is seen by operators.
func TestI6_AMailboxThatRefusesHoldsNothingElseUp(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	c := w.confirmed(o.ID)
	w.stack.Inbox().SetFaults(inbox.Faults{MailBusy: true})
	t.Cleanup(func() { w.stack.Inbox().SetFaults(inbox.Faults{}) })
	w.paid(w.director, caller.OfConfirmation(c.ID))
	w.issued(p, o.ID)
	_, err := w.director.AwaitConfirmation(t.Context(), c.ID, "finished")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(w.stack.Inbox().Messages(p.Phone, inbox.SMS)) == 1 }, time.Minute, 50*time.Millisecond)
	w.fetched(p, o.ID)

	temporal := w.temporal()
	workflowID := w.workflowOf(temporal, o.Number)
	require.Eventually(t, func() bool {
		described, err := temporal.DescribeWorkflowExecution(t.Context(), workflowID, "")
		pending := described.GetPendingActivities()
		return err == nil && len(pending) == 1 && pending[0].GetActivityType().GetName() == "SendCredentialsByEmail" && pending[0].GetAttempt() > 2
	}, time.Minute, 50*time.Millisecond, "operators see that it is tried again")
	again := w.waiting(p, w.upload(p, 2))
	require.NotEqual(t, o.ID, again.ID)
	require.False(t, again.Resumed)

	w.stack.Inbox().SetFaults(inbox.Faults{})
	w.delivered(p, o)
	require.Len(t, w.stack.Inbox().Messages(p.Phone, inbox.SMS), 1, "what was accepted is not sent again")
}

// An address that does not exist ends the tries: the order ends with what became of each message.
func TestI6_AnAddressThatDoesNotExistIsGivenUp(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.private(order.KindIndividual)
	o := w.waiting(p, w.upload(p, 1))
	w.stack.Inbox().SetFaults(inbox.Faults{RejectMailboxes: []string{p.Subject.Email}})
	t.Cleanup(func() { w.stack.Inbox().SetFaults(inbox.Faults{}) })
	w.paid(p, caller.OfOrder(o.ID))
	w.issued(p, o.ID)
	temporal := w.temporal()
	require.NoError(t, temporal.GetWorkflow(t.Context(), w.workflowOf(temporal, o.Number), "").Get(t.Context(), nil))
	states := map[contract.MessageOutcomeChannel]contract.MessageOutcomeState{}
	for _, m := range w.read(p, o.ID).Messages {
		if m.Kind == string(order.NoticeIssued) {
			states[m.Channel] = m.State
		}
	}
	require.Equal(t, map[contract.MessageOutcomeChannel]contract.MessageOutcomeState{contract.Email: contract.Failed, contract.Sms: contract.Sent}, states)
	w.fetched(p, o.ID)
}
