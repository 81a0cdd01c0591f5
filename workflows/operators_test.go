package workflows_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestSearchAttributes_AreListedOnce(t *testing.T) {
	names := map[string]bool{}
	for _, key := range workflows.SearchAttributes() {
		require.False(t, names[key.GetName()], key.GetName())
		names[key.GetName()] = true
	}
	require.Equal(t, map[string]bool{
		"OrderNumber": true, "Organisation": true, "OrderStage": true, "PayBy": true, "PaymentNumber": true,
	}, names)
}

// details are what an operator reads about the workflow now.
func details(t *testing.T, env *testsuite.TestWorkflowEnvironment) string {
	t.Helper()
	value, err := env.QueryWorkflow("__temporal_workflow_metadata")
	require.NoError(t, err)
	var metadata sdkpb.WorkflowMetadata
	require.NoError(t, value.Get(&metadata))
	return metadata.GetCurrentDetails()
}

func TestDetails_SayWhoIsWaitedForUntilWhen(t *testing.T) {
	tl := newTimeline(t)
	var atApproval, atPayment string
	tl.at(day, func() { atApproval = details(t, tl.TestWorkflowEnvironment) })
	tl.at(2*day, func() { require.True(t, tl.confirm(confirmationID)) })
	tl.at(3*day, func() { atPayment = details(t, tl.TestWorkflowEnvironment) })
	tl.at(4*day, func() { tl.payConfirmation(confirmationID) })
	tl.run(employee)
	require.Equal(t, "Waits for the manager's confirmation until 2026-11-28 09:00:00 +03", atApproval)
	require.Equal(t, "Waits for the payment under NOAIS000000001 until 2026-12-04 00:00:00 +03", atPayment)
	require.Equal(t, "Ended: issued", details(t, tl.TestWorkflowEnvironment))
}

func TestDetails_OfAConfirmation(t *testing.T) {
	tl := newConfirmed(t, 2)
	var payment, issuing string
	tl.at(day, func() { payment = details(t, tl.TestWorkflowEnvironment); tl.pay() })
	tl.at(2*day, func() {
		issuing = details(t, tl.TestWorkflowEnvironment)
		tl.certify(tl.orders[0])
		tl.certify(tl.orders[1])
	})
	tl.run()
	require.Equal(t, "Waits for the payment of 2 orders under NOAIS000000001 until 2026-12-04 00:00:00 +03", payment)
	require.Equal(t, "Paid; the certificates of 2 orders are issued", issuing)
	require.Equal(t, "Ended: finished", details(t, tl.TestWorkflowEnvironment))
}

// stages are what operators see as OrderStage, one after the other.
func (tl *timeline) stages() *[]string {
	seen := []string{}
	tl.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		if stage, ok := args.Get(0).(temporal.SearchAttributes).GetKeyword(workflows.AttributeStage); ok {
			seen = append(seen, stage)
		}
	}).Return(nil)
	return &seen
}

// TestOperators_OrderStageIsTrueAtEveryWait: an order that cannot be issued for
// a while is found as one that is being issued; one that is issued at once has no
// row written for it. What is over has its end for a stage.
func TestOperators_OrderStageIsTrueAtEveryWait(t *testing.T) {
	tl := newTimeline(t)
	seen := tl.stages()
	var while []string
	tries := 0
	tl.outside.issue = func() error {
		if tries++; tries < 8 {
			while = slices.Clone(*seen)
			return errors.New("the key of the CA is away")
		}
		return nil
	}
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, []string{"awaiting-payment", "issuing"}, while)
	require.Equal(t, []string{"awaiting-payment", "issuing", "issued"}, *seen)

	tl = newTimeline(t)
	seen = tl.stages()
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, issued, tl.run(individual))
	require.Equal(t, []string{"awaiting-payment", "issued"}, *seen)
}

func TestOperators_OrderStageOfAnOrderThatEndedIsItsEnd(t *testing.T) {
	tl := newTimeline(t)
	seen := tl.stages()
	require.Equal(t, order.EndAnnulled, tl.run(employee).End)
	require.Equal(t, []string{"awaiting-approval", "annulled"}, *seen)
}
