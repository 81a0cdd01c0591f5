package workflows_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestACanaryTellsWhatEachProbeCameTo(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(monday)
	good := func(context.Context) error { return nil }
	env.RegisterActivity(&activities.Canary{
		Build: "1.1.0", Patches: "hold", Database: activities.Probe{Name: "database", Look: good},
		Neighbours: []activities.Probe{
			{Name: "key of bign", Look: func(context.Context) error { return errors.New("the token is not plugged in") }},
			{Name: "register egr", Look: good},
		},
	})
	env.ExecuteWorkflow(workflows.Canary)
	require.NoError(t, env.GetWorkflowError())
	var report activities.CanaryReport
	require.NoError(t, env.GetWorkflowResult(&report))
	require.Equal(t, activities.CanaryReport{Build: "1.1.0", Patches: "hold", Findings: []activities.CanaryFinding{
		{Name: "database"}, {Name: "key of bign", Fault: "the token is not plugged in"}, {Name: "register egr"},
	}}, report)
}
