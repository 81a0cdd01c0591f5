package workflows_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// monday is a working day in Minsk, the clock of every timeline.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, order.Minsk())

const day = 24 * time.Hour

// orderID is the order of single-order timelines.
const orderID = "0190b5f0-0000-7000-8000-000000000001"

// timeline drives one workflow through the SDK's test environment: steps at
// moments after monday, against the world.
type timeline struct {
	*testsuite.TestWorkflowEnvironment
	t     *testing.T
	world *world
	// mu guards what external signals, each on its own goroutine, read and write.
	mu sync.Mutex
	// told are the signals to other workflows, as "name workflow-id".
	told []string
	// deaf are the workflows that are closed.
	deaf map[string]bool
}

func newTimeline(t *testing.T) *timeline {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	tl := &timeline{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, world: newWorld(), deaf: map[string]bool{}}
	tl.SetStartTime(monday)
	tl.SetTestTimeout(20 * time.Second)
	tl.world.register(tl.TestWorkflowEnvironment)
	tl.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(
		func(_, workflowID, _, name string, _ any) error {
			tl.mu.Lock()
			defer tl.mu.Unlock()
			if tl.deaf[workflowID] {
				return errNobody
			}
			tl.told = append(tl.told, name+" "+workflowID)
			return nil
		}).Maybe()
	return tl
}

// errNobody is what signalling a closed workflow gives.
var errNobody = errors.New("unknown external workflow execution")

// silent drops what workflows log; their outcome is what counts.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

func (w *world) register(env *testsuite.TestWorkflowEnvironment) {
	env.RegisterWorkflow(workflows.Order)
	env.RegisterWorkflow(workflows.Confirmation)
	env.RegisterActivity(&activities.Records{Store: w})
	env.RegisterActivity(&activities.Payables{Store: w})
	env.RegisterActivity(&activities.Requests{})
	env.RegisterActivity(&activities.Registers{})
	env.RegisterActivity(&activities.Issuance{})
	env.RegisterActivity(&activities.Lists{})
	env.OnActivity("VerifyRequest", mock.Anything, mock.Anything).Return(w.verifyRequest).Maybe()
	env.OnActivity("CheckRegisters", mock.Anything, mock.Anything).Return(w.checkRegisters).Maybe()
	env.OnActivity("IssueCertificate", mock.Anything, mock.Anything).Return(w.issueCertificate).Maybe()
	env.OnActivity("VerifyList", mock.Anything, mock.Anything).Return(w.verifyList).Maybe()
	env.OnActivity("ComposeList", mock.Anything, mock.Anything).Return(w.composeList).Maybe()
}

func (tl *timeline) at(d time.Duration, step func()) { tl.RegisterDelayedCallback(step, d) }

// answer is what became of an update.
type answer struct {
	// refused is set when the validator said no: nothing stands in history then.
	refused error
	err     error
	result  any
	done    bool
}

// update sends an update and collects its answer.
func (tl *timeline) update(name string, args ...any) *answer {
	a := &answer{}
	tl.UpdateWorkflow(name, "", &testsuite.TestUpdateCallback{
		OnReject:   func(err error) { a.refused = err },
		OnAccept:   func() {},
		OnComplete: func(result any, err error) { a.result, a.err, a.done = result, err, true },
	}, args...)
	return a
}

// good requires that the update was done as wanted.
func (a *answer) good(t *testing.T) any {
	t.Helper()
	require.NoError(t, a.refused)
	require.NoError(t, a.err)
	require.True(t, a.done)
	return a.result
}

func employeeOrder() workflows.OrderInput {
	return workflows.OrderInput{
		OrderID: orderID, Number: 7, Service: order.ServiceEmployee, Kind: order.KindEmployee,
		ApplicantKey: "k", UNP: "190000020", CertificateID: "c", Language: "ru", Policy: order.DefaultPolicy(),
		AgreementVersion: "1", ContractVersion: "2",
	}
}

func individualOrder() workflows.OrderInput {
	in := employeeOrder()
	in.Service, in.Kind, in.UNP = order.ServiceIndividual, order.KindIndividual, ""
	return in
}

func (tl *timeline) acceptTerms() *answer {
	return tl.update(workflows.UpdateAcceptTerms, workflows.AcceptTermsInput{AgreementVersion: "1", ContractVersion: "2"})
}

func (tl *timeline) submit(requestID string) *answer {
	return tl.update(workflows.UpdateSubmitRequest, workflows.SubmitRequestInput{
		RequestID: requestID, Contacts: order.Contacts{Email: "anna@example.com", Phone: "+375291234567"},
	})
}

func (tl *timeline) withdraw() *answer { return tl.update(workflows.UpdateWithdraw) }

// formed lets the applicant do their part in the first two hours: the request
// is uploaded at uploadedAt.
func (tl *timeline) formed() {
	tl.at(time.Hour, func() { tl.acceptTerms() })
	tl.at(uploadedAt, func() { tl.submit("request-1") })
}

const uploadedAt = 2 * time.Hour

// confirm is what a confirmation does to the order: it takes the order into
// its payment and says so. It returns false when the order is closed to it.
func (tl *timeline) confirm(id string) bool {
	_, err := tl.world.OpenPayable(tl.t.Context(), activities.OpenPayableInput{
		PayableID: id, Service: order.ServiceManager, OrderIDs: []string{orderID}, At: tl.Now(),
	})
	if err != nil {
		return false
	}
	tl.approve(id)
	return true
}

func (tl *timeline) approve(id string) {
	tl.SignalWorkflow(workflows.SignalApproved, workflows.Approved{ConfirmationID: id, At: tl.Now()})
}

// payConfirmation is a payment of a confirmation and what it tells the order.
func (tl *timeline) payConfirmation(id string) {
	if payment, applied := tl.world.pay(id, tl.Now()); applied {
		tl.SignalWorkflow(workflows.SignalPaid, workflows.Paid{ConfirmationID: id, PaymentID: payment})
	}
}

// payOrder is a payment of an order of 6.0.00.
func (tl *timeline) payOrder() string {
	payment, applied := tl.world.pay(orderID, tl.Now())
	if applied {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	}
	return payment
}

// run plays the timeline of an order to its end.
func (tl *timeline) run(in workflows.OrderInput) workflows.OrderResult {
	tl.t.Helper()
	tl.ExecuteWorkflow(workflows.Order, in)
	require.True(tl.t, tl.IsWorkflowCompleted())
	require.NoError(tl.t, tl.GetWorkflowError())
	var res workflows.OrderResult
	require.NoError(tl.t, tl.GetWorkflowResult(&res))
	return res
}

// after is how much time has passed since monday.
func (tl *timeline) after() time.Duration { return tl.Now().Sub(monday) }

// hangUp makes a workflow one that is closed.
func (tl *timeline) hangUp(workflowID string) {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	tl.deaf[workflowID] = true
}
