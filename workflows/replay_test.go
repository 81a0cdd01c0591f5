package workflows_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/workflows"
)

func newReplayer() worker.WorkflowReplayer {
	r := worker.NewWorkflowReplayer()
	r.RegisterWorkflowWithOptions(workflows.Order, workflow.RegisterOptions{Name: workflows.OrderWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Confirmation, workflow.RegisterOptions{Name: workflows.ConfirmationWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Reminders, workflow.RegisterOptions{Name: workflows.RemindersWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Reconciliation, workflow.RegisterOptions{Name: workflows.ReconciliationWorkflow})
	return r
}

// TestReplay_RecordedHistories: orders that were begun under the code that was
// released go on under the code of today. The histories are recorded with
// go test ./dev/histories -args -update, when a version is released.
func TestReplay_RecordedHistories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "histories", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			require.NoError(t, newReplayer().ReplayWorkflowHistoryFromJSONFile(silent{}, file))
		})
	}
}

// TestReplay_AlteredHistoryFails: a history in which a timer stands before the
// search attributes, as no released code has written it, is not swallowed.
func TestReplay_AlteredHistoryFails(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "altered", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			err := newReplayer().ReplayWorkflowHistoryFromJSONFile(silent{}, file)
			require.ErrorContains(t, err, "nondeterminis")
		})
	}
}
