package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestP4_ReconciliationReportsBothComparisons(t *testing.T) {
	for name, c := range map[string]struct {
		silent error
		want   workflows.ReconciliationResult
	}{
		"gateways answer": {nil, workflows.ReconciliationResult{Differences: 2}},
		"gateways are silent": {
			temporal.NewNonRetryableApplicationError("no answer", "gateway", nil),
			workflows.ReconciliationResult{Differences: 1, GatewaysFailed: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			env.SetStartTime(monday)
			env.RegisterActivity(&activities.Reconciliation{})
			in := activities.CompareInput{At: monday.UTC()}
			env.OnActivity("CompareLedger", mock.Anything, in).Return(
				activities.CompareResult{Differences: []payments.Difference{{Kind: payments.DifferenceUntold}}}, nil)
			env.OnActivity("CompareCards", mock.Anything, in).Return(
				activities.CompareResult{Differences: []payments.Difference{{Kind: payments.DifferenceUnbooked}}, Asked: 5}, c.silent)
			env.OnActivity("RecordReconciliation", mock.Anything, mock.MatchedBy(func(report activities.RecordReconciliationInput) bool {
				return report.At.Equal(monday) && report.ID != "" && len(report.Differences) == c.want.Differences &&
					report.GatewaysFailed == c.want.GatewaysFailed
			})).Return(nil).Once()
			env.ExecuteWorkflow(workflows.Reconciliation)
			require.NoError(t, env.GetWorkflowError())
			var res workflows.ReconciliationResult
			require.NoError(t, env.GetWorkflowResult(&res))
			require.Equal(t, c.want, res)
			env.AssertExpectations(t)
		})
	}
}
