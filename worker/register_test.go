package worker

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
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
// Workflow code names an activity by a method of a variable of its group.
func called(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../workflows/*.go")
	require.NoError(t, err)
	var files []*ast.File
	groups, names := map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		files = append(files, file)
		ast.Inspect(file, func(n ast.Node) bool { groupsOf(n, groups); return true })
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			method, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if group, ok := method.X.(*ast.Ident); ok && groups[group.Name] {
				names[method.Sel.Name] = true
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(names))
}

// groupsOf notes the variables that the node declares as *activities.Group.
func groupsOf(n ast.Node, groups map[string]bool) {
	declared, ok := n.(*ast.ValueSpec)
	if !ok {
		return
	}
	pointer, ok := declared.Type.(*ast.StarExpr)
	if !ok {
		return
	}
	group, ok := pointer.X.(*ast.SelectorExpr)
	if !ok {
		return
	}
	if pkg, ok := group.X.(*ast.Ident); ok && pkg.Name == "activities" {
		for _, name := range declared.Names {
			groups[name.Name] = true
		}
	}
}

func TestEveryActivityThatWorkflowsCallIsRegistered(t *testing.T) {
	c, err := engine.Plain(config.Temporal{Address: "127.0.0.1:1", Namespace: "test"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer c.Close()
	w := New(c, "test", config.Deployment{}, Activities{
		Registers: &activities.Registers{}, Orders: &activities.Orders{}, Issuance: &activities.Issuance{}, Delivery: &activities.Delivery{},
		Confirmations: &activities.Confirmations{}, Reminders: &activities.Reminders{}, Reconciliation: &activities.Reconciliation{},
		Canary: &activities.Canary{},
	})
	names := called(t)
	require.Contains(t, names, "IssueCertificate")
	require.Contains(t, names, "SendCredentialsBySMS")
	require.Contains(t, names, "TellApproved")
	require.Contains(t, names, "CompareCards")
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
		workflows.OrderWorkflow, workflows.ConfirmationWorkflow, workflows.RemindersWorkflow, workflows.ReconciliationWorkflow, workflows.CanaryWorkflow,
	} {
		require.Panics(t, func() {
			w.RegisterWorkflowWithOptions(func(workflow.Context) error { return nil }, workflow.RegisterOptions{Name: name})
		}, "workflow %s is not registered", name)
	}
}
