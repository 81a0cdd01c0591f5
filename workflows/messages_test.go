package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestA6_OneWorkflowPerPersonAndService(t *testing.T) {
	ids := map[string]bool{}
	for _, service := range []order.Service{order.ServiceIndividual, order.ServiceEmployee} {
		for _, person := range []string{"k1", "k2"} {
			id := workflows.OrderWorkflowID(service, person)
			require.Equal(t, id, workflows.OrderWorkflowID(service, person))
			ids[id] = true
		}
	}
	require.Len(t, ids, 4)
	require.NotEqual(t, workflows.ConfirmationWorkflowID("1"), workflows.ConfirmationWorkflowID("2"))
}

func TestSearchAttributes_AreListedOnce(t *testing.T) {
	names := map[string]bool{}
	for _, key := range workflows.SearchAttributes() {
		require.False(t, names[key.GetName()], key.GetName())
		names[key.GetName()] = true
	}
	require.Equal(t, map[string]bool{
		"OrderNumber": true, "OrderService": true, "Organisation": true, "OrderStage": true, "PayBy": true,
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
	tl.formed()
	tl.at(day, func() { atApproval = details(t, tl.TestWorkflowEnvironment) })
	tl.at(2*day, func() { require.True(t, tl.confirm("x")) })
	tl.at(3*day, func() { atPayment = details(t, tl.TestWorkflowEnvironment) })
	tl.at(4*day, func() { tl.payConfirmation("x") })
	tl.run(employeeOrder())
	require.Equal(t, "Waits for the manager's confirmation until 2026-11-28 11:00:00 +03", atApproval)
	require.Equal(t, "Waits for the payment until 2026-12-04 00:00:00 +03, in confirmation-x", atPayment)
	require.Equal(t, "Ended: issued", details(t, tl.TestWorkflowEnvironment))
	for _, text := range []string{atApproval, atPayment} {
		require.False(t, strings.Contains(text, "anna@example.com") || strings.Contains(text, "+375"), "no personal data")
	}
}

func TestDetails_OfAConfirmationCountOrdersAndMoney(t *testing.T) {
	tl := newConfirmation(t)
	var signing, payment, issuing string
	tl.at(day, func() { signing = details(t, tl.TestWorkflowEnvironment); tl.sign("s") })
	tl.at(2*day, func() { payment = details(t, tl.TestWorkflowEnvironment); tl.payTotal() })
	tl.at(3*day, func() { issuing = details(t, tl.TestWorkflowEnvironment); tl.certificate("a", "b") })
	tl.runConfirmation("a", "b")
	require.Equal(t, "Waits for the manager's signature over 2 orders until 2026-11-27 09:00:00 +03", signing)
	require.Equal(t, "Waits for 86.40 BYN under NOAIS000000001 for 2 orders until 2026-12-01 09:00:00 +03", payment)
	require.Equal(t, "Paid; 0 of 2 certificates are out", issuing)
	require.Contains(t, details(t, tl.TestWorkflowEnvironment), "Ended: finished, 2 certificates issued")
}
