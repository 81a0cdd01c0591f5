package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// confirmationID is the confirmation of single-confirmation timelines.
const confirmationID = "x"

// waiting puts orders into the world that wait for the manager until approveBy
// and for the money until payBy.
func (w *world) waiting(approveBy, payBy time.Duration, ids ...string) {
	for _, id := range ids {
		w.orders[id] = &orderRow{workflowID: "order-" + id, service: order.ServiceEmployee, state: activities.OrderState{
			OrderID: id, Stage: order.StageAwaitingApproval, Until: monday.Add(approveBy), PayBy: monday.Add(payBy),
		}}
	}
}

// approved puts orders into the world that a lapsed confirmation has approved.
func (w *world) approved(payBy time.Duration, ids ...string) {
	w.waiting(0, payBy, ids...)
	for _, id := range ids {
		w.orders[id].state.Stage = order.StageAwaitingPayment
	}
}

func newConfirmation(t *testing.T) *timeline {
	t.Helper()
	tl := newTimeline(t)
	tl.world.waiting(4*day, 8*day, "a", "b")
	return tl
}

func (tl *timeline) sign(signatureID string) *answer {
	return tl.update(workflows.UpdateSignList, workflows.SignListInput{SignatureID: signatureID})
}

// payTotal is a payer's payment of what is due now, and its message.
func (tl *timeline) payTotal() (string, bool) {
	payment, applied := tl.world.pay(confirmationID, tl.Now())
	if applied {
		tl.receive(payment)
	}
	return payment, applied
}

func (tl *timeline) receive(payment string) {
	tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
}

func (tl *timeline) certificate(ids ...string) {
	for _, id := range ids {
		tl.SignalWorkflow(workflows.SignalIssued, workflows.Issued{OrderID: id})
	}
}

// leave is an order that ends before the payment, and its word to the confirmation.
func (tl *timeline) leave(id string) {
	res, err := tl.world.CloseOrder(tl.t.Context(), activities.CloseOrderInput{OrderID: id})
	require.NoError(tl.t, err)
	if res.Closed && res.ConfirmationID != "" {
		tl.SignalWorkflow(workflows.SignalOrderLeft, workflows.OrderLeft{OrderID: id, Share: res.Share})
	}
}

// runConfirmation plays the timeline of a confirmation of the orders to its end.
func (tl *timeline) runConfirmation(ids ...string) activities.ConfirmationStage {
	tl.t.Helper()
	tl.ExecuteWorkflow(workflows.Confirmation, workflows.ConfirmationInput{
		ConfirmationID: confirmationID, UNP: "190000020", ManagerKey: "m", CertificateID: "c", OrderIDs: ids,
		Language: "ru", Email: "head@example.com", Policy: order.DefaultPolicy(),
	})
	require.True(tl.t, tl.IsWorkflowCompleted())
	require.NoError(tl.t, tl.GetWorkflowError())
	var res workflows.ConfirmationResult
	require.NoError(tl.t, tl.GetWorkflowResult(&res))
	return res.Stage
}

// lastConfirmation is the newest transition of the confirmation.
func (w *world) lastConfirmation() activities.ConfirmationState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.confirmations[len(w.confirmations)-1].State
}

// managerNotices are the messages to the manager, in order.
func (w *world) managerNotices() []order.NoticeKind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []order.NoticeKind
	for _, v := range w.confirmations {
		for _, n := range v.Notices {
			out = append(out, n.Kind)
		}
	}
	return out
}

// toldOf lists who got a signal.
func (tl *timeline) toldOf(signal string) []string {
	var out []string
	for _, s := range tl.told {
		if name, id, _ := strings.Cut(s, " "); name == signal {
			out = append(out, id)
		}
	}
	return out
}

// begun tells whether a confirmation is on record.
func (w *world) begun(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.confirmations, func(in activities.RecordConfirmationInput) bool {
		return in.State.ConfirmationID == id
	})
}
