package restore_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/restore"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// world is a database and a server at once: rows and workflows by id.
type world struct {
	rows    map[order.ID]restore.Row
	running map[order.ID]string
	told    map[order.ID]int
	log     []string
}

func newWorld() *world {
	return &world{rows: map[order.ID]restore.Row{}, running: map[order.ID]string{}, told: map[order.ID]int{}}
}

func workflow(id order.ID) string { return order.WorkflowID(7, id) }

func (w *world) OpenWorkflows(_ context.Context, _ time.Time, page func([]status.Workflow) error) error {
	var open []status.Workflow
	for id, row := range w.rows {
		if row.Ending == "" {
			open = append(open, status.Workflow{ID: id, WorkflowID: workflow(id)})
		}
	}
	return page(open)
}

func (w *world) StillOpen(_ context.Context, id order.ID) (bool, error) {
	return w.rows[id].Ending == "", nil
}

func (w *world) Rows(_ context.Context, ids []order.ID) (map[order.ID]restore.Row, error) {
	found := map[order.ID]restore.Row{}
	for _, id := range ids {
		if row, ok := w.rows[id]; ok {
			found[id] = row
		}
	}
	return found, nil
}

// Restart starts a workflow that shows what the row has, as a worker does.
func (w *world) Restart(_ context.Context, d restore.Difference, _ string, _ time.Time) error {
	w.running[d.ID] = w.rows[d.ID].Stage
	return nil
}

// TellAgain brings the workflow to the end that its row has.
func (w *world) TellAgain(_ context.Context, d restore.Difference, _ string, _ time.Time) error {
	w.told[d.ID]++
	w.running[d.ID] = w.rows[d.ID].Ending
	return nil
}

func (w *world) Terminated(_ context.Context, d restore.Difference, _ string, _ time.Time) error {
	w.log = append(w.log, d.WorkflowID)
	return nil
}

func (w *world) Execution(_ context.Context, workflowID string) (status.Execution, error) {
	for id := range w.running {
		if workflow(id) == workflowID {
			return status.Execution{Running: true}, nil
		}
	}
	return status.Execution{}, nil
}

func (w *world) Each(_ context.Context, page func([]restore.Running) error) error {
	for id, stage := range w.running {
		if err := page([]restore.Running{{WorkflowID: workflow(id), Stage: stage}}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) Terminate(_ context.Context, workflowID, _ string) error {
	for id := range w.running {
		if workflow(id) == workflowID {
			delete(w.running, id)
		}
	}
	return nil
}

func TestEachWayToDifferIsToldAndMended(t *testing.T) {
	for name, c := range map[string]struct {
		row   *restore.Row
		shown string
		runs  bool
		want  restore.Kind
		done  string
	}{
		"both wait":                      {row: &restore.Row{Stage: "awaiting-payment"}, shown: "awaiting-payment", runs: true},
		"has not shown its stage yet":    {row: &restore.Row{Stage: "checking"}, runs: true},
		"the row is ahead and both wait": {row: &restore.Row{Stage: "awaiting-payment"}, shown: "awaiting-approval", runs: true},
		"delivers":                       {row: &restore.Row{Ending: "issued"}, shown: "issued", runs: true},
		"has ended":                      {row: &restore.Row{Ending: "annulled"}},
		"lost with the database":         {shown: "awaiting-payment", runs: true, want: restore.KindUnknown, done: "was terminated"},
		"lost with the database, early":  {runs: true, want: restore.KindUnknown, done: "was terminated"},
		"further than its row":           {row: &restore.Row{Stage: "awaiting-approval"}, shown: "awaiting-payment", runs: true, want: restore.KindAhead, done: "was terminated and is started anew"},
		"ended, and its row has not":     {row: &restore.Row{Stage: "awaiting-payment"}, shown: "issued", runs: true, want: restore.KindAhead, done: "was terminated and is started anew"},
		"has forgotten the payment":      {row: &restore.Row{Ending: "issued"}, shown: "awaiting-payment", runs: true, want: restore.KindBehind, done: "is told of its payment again"},
		"has forgotten the withdrawal":   {row: &restore.Row{Ending: "withdrawn"}, shown: "awaiting-approval", runs: true, want: restore.KindBehind, done: "was terminated"},
		"is over, and its row is not":    {row: &restore.Row{Stage: "awaiting-payment"}, want: restore.KindNotRunning, done: "is started anew"},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := newWorld(), order.NewID()
			if c.row != nil {
				w.rows[id] = *c.row
			}
			if c.runs {
				w.running[id] = c.shown
			}
			found, err := restore.Compare(t.Context(), w, w, time.Now())
			require.NoError(t, err)
			if c.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, c.want, found[0].Kind)
			done, err := restore.Repair(t.Context(), w, w, found[0], "op", time.Now())
			require.NoError(t, err)
			require.Equal(t, c.done, done)
			found, err = restore.Compare(t.Context(), w, w, time.Now())
			require.NoError(t, err)
			require.Empty(t, found)
		})
	}
}

// Whatever was brought back of either side: after one repair all fits, no row was touched, and nothing runs without a row.
func TestAnyTwoStoresFitAfterOneRepair(t *testing.T) {
	stages := []string{"checking", "awaiting-approval", "awaiting-payment", "issuing"}
	endings := []string{"issued", "refused", "rejected", "withdrawn", "annulled"}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		for range rapid.IntRange(0, 12).Draw(t, "orders") {
			id := order.NewID()
			switch rapid.IntRange(0, 2).Draw(t, "row") {
			case 0:
				w.rows[id] = restore.Row{Stage: rapid.SampledFrom(stages).Draw(t, "stage")}
			case 1:
				w.rows[id] = restore.Row{Ending: rapid.SampledFrom(endings).Draw(t, "ending")}
			}
			if rapid.Bool().Draw(t, "runs") {
				w.running[id] = rapid.SampledFrom(append(append([]string{""}, stages...), endings...)).Draw(t, "shown")
			}
		}
		rows := len(w.rows)
		found, err := restore.Compare(context.Background(), w, w, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range found {
			if _, err := restore.Repair(context.Background(), w, w, d, "op", time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if found, err = restore.Compare(context.Background(), w, w, time.Now()); err != nil || len(found) > 0 {
			t.Fatalf("%v %v", found, err)
		}
		for id := range w.running {
			if _, ok := w.rows[id]; !ok {
				t.Fatalf("%s runs for nobody", id)
			}
		}
		for id, row := range w.rows {
			if _, runs := w.running[id]; row.Ending == "" && !runs {
				t.Fatalf("nothing runs for %s", id)
			}
		}
		if len(w.rows) != rows {
			t.Fatal("a row came or went")
		}
	})
}

func TestAWorkflowOfAnotherKindIsNotTouched(t *testing.T) {
	w := newWorld()
	_, err := restore.Compare(t.Context(), w, strange{w}, time.Now())
	require.ErrorContains(t, err, "not that of an order")
}

type strange struct{ *world }

func (strange) Each(_ context.Context, page func([]restore.Running) error) error {
	return page([]restore.Running{{WorkflowID: "somebody-elses"}})
}
