package docs_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// TestOperations_QueriesNameWhatThereIs: a query over a stage that no workflow
// shows finds nothing and says so to nobody.
func TestOperations_QueriesNameWhatThereIs(t *testing.T) {
	text := sources(t, "operations.md")["docs/operations.md"]
	stages := map[string]bool{}
	for file, kinds := range map[string][]string{"stage.go": {"Stage", "End"}, "confirmation.go": {"ConfirmationStage"}} {
		for _, kind := range kinds {
			for _, value := range sourcetest.Constants(t, "../internal/order/"+file, kind) {
				stages[value] = true
			}
		}
	}
	delete(stages, "ended")
	attributes := map[string]bool{"WorkflowType": true, "WorkflowId": true, "ExecutionStatus": true}
	for _, key := range workflows.SearchAttributes() {
		attributes[key.GetName()] = true
	}
	queries := regexp.MustCompile("(?m)^\\| `([A-Z]\\w+ (?:=|!=|IN|STARTS_WITH|<).*?)` \\|").FindAllStringSubmatch(text, -1)
	require.Greater(t, len(queries), 8)
	for _, query := range queries {
		for _, name := range regexp.MustCompile(`(\w+) (?:=|!=|IN|STARTS_WITH|<)[ (]`).FindAllStringSubmatch(query[1], -1) {
			require.True(t, attributes[name[1]], "%s: there is no %s", query[1], name[1])
		}
		for _, part := range regexp.MustCompile(`OrderStage (?:= "[^"]*"|IN \([^)]*\))`).FindAllString(query[1], -1) {
			for _, value := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(part, -1) {
				require.True(t, stages[value[1]], "%s: no workflow shows %s", query[1], value[1])
			}
		}
	}
}
