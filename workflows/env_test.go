package workflows_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// monday is a working day in Minsk, the clock of every timeline: the request
// passed the first check at this instant.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, order.Minsk())

const day = 24 * time.Hour

var (
	orderID        = order.DerivedID("test", []byte("order"))
	confirmationID = order.DerivedID("test", []byte("confirmation"))
)

// outside is everything that the workflows' steps reach beside the database.
type outside struct {
	// check is what the registers come to, issue what goes wrong at issuing,
	// send what becomes of a message; nil for nothing wrong.
	check func() (order.Report, error)
	issue func() error
	send  func(channel activities.Channel) error
	// sent are the messages with credentials, givenUp the channels.
	mu      sync.Mutex
	sent    []activities.Channel
	givenUp []activities.Channel
}

// Check implements activities.RegisterChecker.
func (o *outside) Check(context.Context, order.Kind, order.Subject, registers.Answered) (order.Report, error) {
	if o.check != nil {
		return o.check()
	}
	return nil, nil
}

// SendCredentials implements activities.CredentialSender.
func (o *outside) SendCredentials(_ context.Context, _ order.ID, channel activities.Channel) error {
	if o.send != nil {
		if err := o.send(channel); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, channel)
	return nil
}

// GiveUp implements activities.CredentialSender.
func (o *outside) GiveUp(_ context.Context, _ order.ID, channel activities.Channel) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.givenUp = append(o.givenUp, channel)
	return nil
}

// authority issues from the database unless something is wrong outside.
type authority struct {
	db      *database
	outside *outside
}

// Issue implements activities.Authority.
func (a authority) Issue(ctx context.Context, id order.ID) (activities.Issued, error) {
	if a.outside.issue != nil {
		if err := a.outside.issue(); err != nil {
			return activities.Issued{}, err
		}
	}
	return a.db.Issue(ctx, id)
}

// timeline drives one workflow through the SDK's test environment: steps at
// moments after monday, against the database.
type timeline struct {
	*testsuite.TestWorkflowEnvironment
	t       *testing.T
	db      *database
	outside *outside
	// mu guards what signals to others, each on its own goroutine, read and write.
	mu sync.Mutex
	// told are the signals to other workflows, as "name workflow-id"; closed
	// are the workflows that nobody can tell anything.
	told   []string
	closed map[string]bool
}

func newTimeline(t *testing.T) *timeline {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	tl := &timeline{
		TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, db: newDatabase(), outside: &outside{},
		closed: map[string]bool{},
	}
	tl.SetStartTime(monday)
	tl.SetTestTimeout(20 * time.Second)
	register(tl.TestWorkflowEnvironment, tl.db, tl.outside, tl)
	tl.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(
		func(_, workflowID, _, name string, _ any) error { return tl.tell(name, workflowID) }).Maybe()
	return tl
}

// register puts the real activities over database and outside.
func register(env *testsuite.TestWorkflowEnvironment, db *database, out *outside, signals activities.Signals) {
	env.RegisterWorkflow(workflows.Order)
	env.RegisterWorkflow(workflows.Confirmation)
	env.RegisterActivity(&activities.Registers{Checker: out, Orders: db, Now: env.Now})
	env.RegisterActivity(&activities.Orders{Store: db, Unapplied: db})
	env.RegisterActivity(&activities.Issuance{Authority: authority{db, out}, Confirmations: db, Signals: signals})
	env.RegisterActivity(&activities.Delivery{Sender: out})
	env.RegisterActivity(&activities.Confirmations{Store: reminder{db}, Signals: signals})
}

func (tl *timeline) tell(name, workflowID string) error {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	if tl.closed[workflowID] {
		return activities.ErrClosed
	}
	tl.told = append(tl.told, name+" "+workflowID)
	return nil
}

// Approved implements activities.Signals.
func (tl *timeline) Approved(_ context.Context, to order.Record, _ activities.Approved) error {
	return tl.tell("approved", order.WorkflowID(to.Number, to.ID))
}

// Issued implements activities.Signals.
func (tl *timeline) Issued(_ context.Context, to order.Confirmation) error {
	return tl.tell("issued", order.ConfirmationWorkflowID(to.Number, to.ID))
}

// silent drops what workflows log; their outcome is what counts.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

func (tl *timeline) at(d time.Duration, step func()) { tl.RegisterDelayedCallback(step, d) }

// after is how much time has passed since monday.
func (tl *timeline) after() time.Duration { return tl.Now().Sub(monday) }

// checking is the record of an order that begins.
func checking(id order.ID, number int64, service order.Service) order.Record {
	kind := order.KindEmployee
	if !service.NeedsApproval() {
		kind = order.KindIndividual
	}
	policy := order.DefaultPolicy()
	return order.Record{
		ID: id, Number: number, Service: service, Kind: kind, Policy: policy, Stage: order.StageChecking,
		RequestID: order.DerivedID("request", id[:]), Contacts: &order.Contacts{Email: "anna@example.com", Phone: "+375291234567"},
		StartedAt: monday, UploadedAt: monday, Until: policy.FinishBy(monday),
	}
}

func inputOf(r order.Record) workflows.OrderInput {
	return workflows.OrderInput{OrderID: r.ID, Service: r.Service, Policy: r.Policy, CheckBy: r.Until}
}

// run plays the timeline of an order of the service to its end.
func (tl *timeline) run(service order.Service) workflows.OrderResult {
	tl.t.Helper()
	r := checking(orderID, 7, service)
	if known, ok := tl.db.records[orderID]; ok {
		r = *known
	} else {
		tl.db.insert(r)
	}
	tl.ExecuteWorkflow(workflows.Order, inputOf(r))
	require.True(tl.t, tl.IsWorkflowCompleted())
	require.NoError(tl.t, tl.GetWorkflowError())
	var res workflows.OrderResult
	require.NoError(tl.t, tl.GetWorkflowResult(&res))
	require.Equal(tl.t, tl.db.records[orderID].End, res.End, "workflow and database agree")
	require.Equal(tl.t, tl.db.records[orderID].Reason, res.Reason)
	return res
}

// answer is what became of an update.
type answer struct {
	// refused is set when the validator said no: nothing stands in history then.
	refused error
	err     error
	result  any
	done    bool
}

func (tl *timeline) withdraw() *answer {
	a := &answer{}
	tl.UpdateWorkflow(workflows.UpdateWithdraw, "", &testsuite.TestUpdateCallback{
		OnReject:   func(err error) { a.refused = err },
		OnAccept:   func() {},
		OnComplete: func(result any, err error) { a.result, a.err, a.done = result, err, true },
	})
	return a
}

// confirm lets a manager confirm the order; it returns false when nobody can.
func (tl *timeline) confirm(id order.ID) bool {
	c, err := tl.db.confirm(id, []order.ID{orderID}, tl.Now())
	if errors.Is(err, order.ErrNothingToConfirm) {
		return false
	}
	tl.SignalWorkflow(workflows.SignalApproved, activities.Approved{ConfirmationID: id, Number: c.Number, At: tl.Now()})
	return true
}

// payConfirmation is a payment of a confirmation and what it tells the order.
func (tl *timeline) payConfirmation(id order.ID) {
	if payment, applied := tl.db.pay(id, tl.Now()); applied {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	}
}

// payOrder is a payment of an order of 6.0.00.
func (tl *timeline) payOrder() order.ID {
	payment, applied := tl.db.pay(orderID, tl.Now())
	if applied {
		tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	}
	return payment
}
