package workflows_test

import (
	"context"
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

// orderTimeline drives one Order through the SDK's test environment.
type orderTimeline struct {
	*testsuite.TestWorkflowEnvironment
	t *testing.T
	// versions are the transitions as they were recorded.
	versions []activities.RecordOrderInput
}

func newOrderTimeline(t *testing.T) *orderTimeline {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	tl := &orderTimeline{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t}
	tl.SetStartTime(monday)
	tl.RegisterWorkflow(workflows.Order)
	tl.RegisterActivity(&activities.Records{})
	tl.RegisterActivity(&activities.Requests{})
	tl.RegisterActivity(&activities.Registers{})
	tl.RegisterActivity(&activities.Payables{})
	tl.RegisterActivity(&activities.Issuance{})
	tl.OnActivity("RecordOrder", mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.RecordOrderInput) error {
			tl.versions = append(tl.versions, in)
			return nil
		})
	tl.OnActivity("VerifyRequest", mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
			res := activities.VerifyRequestResult{Admitted: true, Years: 1}
			tl.versions = append(tl.versions, in.Transition(res))
			return res, nil
		}).Maybe()
	return tl
}

func (tl *orderTimeline) at(d time.Duration, step func()) { tl.RegisterDelayedCallback(step, d) }

// update sends an update and requires its success.
func (tl *orderTimeline) update(name string, args ...any) {
	tl.t.Helper()
	tl.UpdateWorkflow(name, "", &testsuite.TestUpdateCallback{
		OnReject:   func(err error) { tl.t.Errorf("%s refused: %v", name, err) },
		OnAccept:   func() {},
		OnComplete: func(_ any, err error) { require.NoError(tl.t, err, name) },
	}, args...)
}

func employeeOrder() workflows.OrderInput {
	return workflows.OrderInput{
		OrderID: "0190b5f0-0000-7000-8000-000000000001", Number: 7, Service: order.ServiceEmployee, Kind: order.KindEmployee,
		ApplicantKey: "k", UNP: "190000020", CertificateID: "c", Language: "ru", Policy: order.DefaultPolicy(),
		AgreementVersion: "1", ContractVersion: "2",
	}
}

func TestS1ToI1_EmployeeOrderIsIssued(t *testing.T) {
	tl := newOrderTimeline(t)
	tl.OnActivity("CheckRegisters", mock.Anything, mock.Anything).Return(activities.CheckRegistersResult{}, nil)
	tl.OnActivity("IssueCertificate", mock.Anything, mock.Anything).Return(activities.IssueCertificateResult{SerialNumber: "01"}, nil)
	tl.at(time.Minute, func() { tl.update(workflows.UpdateOpen) })
	tl.at(time.Hour, func() {
		tl.update(workflows.UpdateAcceptTerms, workflows.AcceptTermsInput{AgreementVersion: "1", ContractVersion: "2"})
	})
	tl.at(2*time.Hour, func() {
		tl.update(workflows.UpdateSubmitRequest, workflows.SubmitRequestInput{RequestID: "r", Contacts: order.Contacts{Email: "a@b.by", Phone: "+375291234567"}})
	})
	tl.at(48*time.Hour, func() {
		tl.SignalWorkflow(workflows.SignalApproved, workflows.Approved{ConfirmationID: "x", At: tl.Now()})
	})
	tl.at(72*time.Hour, func() {
		tl.SignalWorkflow(workflows.SignalPaid, workflows.Paid{ConfirmationID: "x", PaymentID: "p"})
	})
	tl.ExecuteWorkflow(workflows.Order, employeeOrder())
	require.True(t, tl.IsWorkflowCompleted())
	require.NoError(t, tl.GetWorkflowError())
	var res workflows.OrderResult
	require.NoError(t, tl.GetWorkflowResult(&res))
	require.Equal(t, order.EndIssued, res.End)
	var stages []order.Stage
	for _, v := range tl.versions {
		stages = append(stages, v.State.Stage)
	}
	require.Equal(t, []order.Stage{
		order.StageTerms, order.StageRequest, order.StageChecking, order.StageAwaitingApproval, order.StageAwaitingPayment,
	}, stages)
}

func TestM3_UnconfirmedOrderIsAnnulled(t *testing.T) {
	tl := newOrderTimeline(t)
	tl.OnActivity("CheckRegisters", mock.Anything, mock.Anything).Return(activities.CheckRegistersResult{}, nil)
	tl.OnActivity("CloseOrder", mock.Anything, mock.Anything).Return(activities.CloseOrderResult{Closed: true}, nil)
	tl.at(time.Hour, func() {
		tl.update(workflows.UpdateAcceptTerms, workflows.AcceptTermsInput{AgreementVersion: "1", ContractVersion: "2"})
	})
	tl.at(2*time.Hour, func() {
		tl.update(workflows.UpdateSubmitRequest, workflows.SubmitRequestInput{RequestID: "r", Contacts: order.Contacts{Email: "a@b.by", Phone: "+375291234567"}})
	})
	tl.ExecuteWorkflow(workflows.Order, employeeOrder())
	require.NoError(t, tl.GetWorkflowError())
	last := tl.versions[len(tl.versions)-1].State
	require.Equal(t, order.EndAnnulled, last.End)
	require.Equal(t, order.ReasonNotConfirmed, last.Reason)
	require.Equal(t, monday.Add(2*time.Hour+5*24*time.Hour), tl.Now().In(order.Minsk()))
}
