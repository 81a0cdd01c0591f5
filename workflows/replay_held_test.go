package workflows_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asIDs are the fields that hold the number of an event.
var asIDs = map[string]bool{"eventId": true, "activityId": true, "timerId": true, "control": true}

// moved adds to every number of an event that comes after the one given.
func moved(value any, after, by int) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			text, ok := inner.(string)
			n, err := strconv.Atoi(text)
			if ok && err == nil && (asIDs[name] || strings.HasSuffix(name, "EventId")) && n > after {
				inner = strconv.Itoa(n + by)
			}
			v[name] = moved(inner, after, by)
		}
	case []any:
		for i := range v {
			v[i] = moved(v[i], after, by)
		}
	}
	return value
}

func plain(value string) map[string]any {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return map[string]any{"metadata": map[string]any{"encoding": encode("json/plain")}, "data": encode(value)}
}

// heldBy is the history as a build writes it that knows a patch at the
// beginning of the workflow: the version that was recorded, and the search
// attribute that goes with it.
func heldBy(t *testing.T, file string, version int) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	var history struct {
		Events []any `json:"events"`
	}
	require.NoError(t, json.Unmarshal(content, &history))
	const completed = 4
	first, ok := history.Events[completed-1].(map[string]any)
	require.True(t, ok)
	require.Equal(t, "EVENT_TYPE_WORKFLOW_TASK_COMPLETED", first["eventType"])
	moved(history.Events, completed, 2)
	event := func(id int, kind, attributes string, value map[string]any) map[string]any {
		value["workflowTaskCompletedEventId"] = strconv.Itoa(completed)
		return map[string]any{"eventId": strconv.Itoa(id), "eventTime": first["eventTime"], "eventType": kind, attributes: value}
	}
	recorded := strconv.Itoa(version)
	inserted := []any{
		event(completed+1, "EVENT_TYPE_MARKER_RECORDED", "markerRecordedEventAttributes", map[string]any{
			"markerName": "Version", "details": map[string]any{
				"change-id":                        map[string]any{"payloads": []any{plain(`"next"`)}},
				"version":                          map[string]any{"payloads": []any{plain(recorded)}},
				"version-search-attribute-updated": map[string]any{"payloads": []any{plain("true")}},
			},
		}),
		event(completed+2, "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", "upsertWorkflowSearchAttributesEventAttributes", map[string]any{
			"searchAttributes": map[string]any{"indexedFields": map[string]any{"TemporalChangeVersion": plain(`["next-` + recorded + `"]`)}},
		}),
	}
	events := append([]any{}, history.Events[:completed]...)
	history.Events = append(append(events, inserted...), history.Events[completed:]...)
	out, err := json.Marshal(history)
	require.NoError(t, err)
	written := filepath.Join(t.TempDir(), "history.json")
	require.NoError(t, os.WriteFile(written, out, 0o600))
	return written
}

// TestReplay_AHeldPatchLeadsBack: after a rollback this release goes on with
// orders that a newer one has begun while it held its patches (decision 0091).
func TestReplay_AHeldPatchLeadsBack(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "histories", "order-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			require.NoError(t, newReplayer().ReplayWorkflowHistoryFromJSONFile(silent{}, heldBy(t, file, -1)))
		})
	}
}
