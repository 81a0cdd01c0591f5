package worker

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// called are the names of activities that workflow code asks for, read from
// its source: a forgotten registration shows only when an order gets there.
func called(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../workflows/*.go")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if name, ok := activityOf(n); ok {
				names[name] = true
			}
			return true
		})
	}
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// activityOf is the method that a call of ExecuteActivity names.
func activityOf(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return "", false
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || (function.Sel.Name != "ExecuteActivity" && function.Sel.Name != "ExecuteLocalActivity") {
		return "", false
	}
	if method, ok := call.Args[1].(*ast.SelectorExpr); ok {
		return method.Sel.Name, true
	}
	return "an activity that is not named by its method", true
}

func TestEveryActivityThatWorkflowsCallIsRegistered(t *testing.T) {
	c, err := engine.Plain(config.Temporal{Address: "127.0.0.1:1", Namespace: "test"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer c.Close()
	w := New(c, "test", Activities{
		Registers: &activities.Registers{}, Orders: &activities.Orders{}, Issuance: &activities.Issuance{}, Delivery: &activities.Delivery{},
		Confirmations: &activities.Confirmations{}, Reminders: &activities.Reminders{}, Reconciliation: &activities.Reconciliation{},
	})
	names := called(t)
	require.Contains(t, names, "IssueCertificate")
	require.Contains(t, names, "SendCredentialsBySMS")
	// The SDK refuses a name a second time: that is how a name is seen to be taken.
	for _, name := range names {
		require.Panics(t, func() {
			w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: name})
		}, "activity %s is not registered", name)
	}
	require.NotPanics(t, func() {
		w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: "another"})
	})
	for _, name := range []string{
		workflows.OrderWorkflow, workflows.ConfirmationWorkflow, workflows.RemindersWorkflow, workflows.ReconciliationWorkflow,
	} {
		require.Panics(t, func() {
			w.RegisterWorkflowWithOptions(func(workflow.Context) error { return nil }, workflow.RegisterOptions{Name: name})
		}, "workflow %s is not registered", name)
	}
}
