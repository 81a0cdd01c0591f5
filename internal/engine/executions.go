package engine

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/status"
)

// Executions tells how workflows stand at the server: it implements status.Engine.
type Executions struct{ Client client.Client }

// askWithin is how long the server may take to answer.
const askWithin = 10 * time.Second

// Execution tells how a workflow stands; one that the server does not know does not run.
func (e Executions) Execution(ctx context.Context, workflowID string) (status.Execution, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	found, err := e.Client.DescribeWorkflowExecution(ctx, workflowID, "")
	var unknown *serviceerror.NotFound
	if errors.As(err, &unknown) {
		return status.Execution{}, nil
	}
	if err != nil {
		return status.Execution{}, err
	}
	return status.Execution{
		Running:  found.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Attempts: found.GetPendingWorkflowTask().GetAttempt(),
	}, nil
}
