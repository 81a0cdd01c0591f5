package status_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// store has so many open workflows, of which some end while they are looked at.
type store struct {
	concerns []status.Concern
	open     []status.Workflow
	ended    map[order.ID]bool
	err      error
}

func (s store) Concerns(context.Context, status.Limits) ([]status.Concern, error) {
	return s.concerns, s.err
}

func (s store) OpenWorkflows(_ context.Context, _ time.Time, page func([]status.Workflow) error) error {
	return page(s.open)
}

func (s store) StillOpen(_ context.Context, id order.ID) (bool, error) { return !s.ended[id], nil }

// engine runs every workflow but the closed ones.
type engine struct {
	mu     sync.Mutex
	closed map[string]bool
	// attempts are those of the workflow task that waits.
	attempts map[string]int32
	asked    int
	err      error
}

func (e *engine) Execution(_ context.Context, id string) (status.Execution, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	return status.Execution{Running: !e.closed[id], Attempts: e.attempts[id]}, e.err
}

func TestNothingIsAllClear(t *testing.T) {
	r, err := status.Look(t.Context(), status.Sources{Store: store{}, Engine: &engine{}, Lists: []status.List{}}, now)
	require.NoError(t, err)
	require.True(t, r.Clear())
	require.Empty(t, r.Unseen)
	require.Equal(t, now, r.At)
	r, err = status.Look(t.Context(), status.Sources{Store: store{}}, now)
	require.NoError(t, err)
	require.True(t, r.Clear())
	require.Len(t, r.Unseen, 2, "what was not looked at is said")
	_, err = status.Look(t.Context(), status.Sources{Store: store{err: errors.New("away")}}, now)
	require.Error(t, err)
}

func TestAnOpenOrderWithoutAWorkflowIsFound(t *testing.T) {
	s, e := store{ended: map[order.ID]bool{}}, &engine{closed: map[string]bool{}}
	for i := range 40 {
		w := status.Workflow{ID: order.NewID(), Name: fmt.Sprint(i), WorkflowID: fmt.Sprintf("%d-order", i), StartedAt: now.Add(-time.Duration(i) * time.Hour)}
		s.open = append(s.open, w)
		e.closed[w.WorkflowID] = i%4 == 0
		s.ended[w.ID] = i == 8
	}
	r, err := status.Look(t.Context(), status.Sources{Store: s, Engine: e, Lists: []status.List{}}, now)
	require.NoError(t, err)
	require.Len(t, r.Concerns, 1)
	c := r.Concerns[0]
	require.Equal(t, status.ClosedWorkflow, c.Code)
	require.EqualValues(t, 9, c.Total, "one has ended meanwhile")
	require.Len(t, c.Items, status.MaxNames)
	require.NotContains(t, c.Names(), "8")
	require.Equal(t, now.Add(-36*time.Hour), c.Since)

	e.err = errors.New("the server is away")
	_, err = status.Look(t.Context(), status.Sources{Store: s, Engine: e}, now)
	require.ErrorIs(t, err, e.err, "what could not be asked is not all clear")
}

func TestListsThatEndAreFoundInTime(t *testing.T) {
	day := 24 * time.Hour
	list := func(name, scope string, from, to time.Duration) status.List {
		return status.List{Name: name, Scope: scope, ThisUpdate: now.Add(from), NextUpdate: now.Add(to)}
	}
	for name, c := range map[string]struct {
		lists []status.List
		want  map[status.Code][]string
	}{
		"fresh":                     {[]status.List{list("a.crl", "a", -day, 3*day)}, nil},
		"half of it over":           {[]status.List{list("a.crl", "a", -2*day, 2*day)}, nil},
		"in its last quarter":       {[]status.List{list("a.crl", "a", -3*day-time.Hour, day-time.Hour)}, map[status.Code][]string{status.EndingCRL: {"a.crl"}}},
		"over":                      {[]status.List{list("a.crl", "a", -3*day, -day)}, map[status.Code][]string{status.EndingCRL: {"a.crl"}}},
		"replaced":                  {[]status.List{list("old.crl", "a", -9*day, -day), list("new.crl", "a", -day, 7*day)}, nil},
		"of another scope":          {[]status.List{list("old.crl", "a", -9*day, -day), list("new.crl", "b", -day, 7*day)}, map[status.Code][]string{status.EndingCRL: {"old.crl"}}},
		"the first to end is first": {[]status.List{list("b.crl", "b", -9*day, day), list("a.crl", "a", -9*day, -day)}, map[status.Code][]string{status.EndingCRL: {"a.crl", "b.crl"}}},
		"without a term":            {[]status.List{list("a.crl", "a", -time.Hour, -time.Hour)}, map[status.Code][]string{status.EndingCRL: {"a.crl"}}},
		"unreadable beside a good":  {[]status.List{{Name: "x.crl", Unreadable: true}, list("a.crl", "a", -day, 3*day)}, map[status.Code][]string{status.UnreadableCRL: {"x.crl"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := status.Look(t.Context(), status.Sources{Store: store{}, Engine: &engine{}, Lists: c.lists}, now)
			require.NoError(t, err)
			got := make(map[status.Code][]string)
			for _, f := range r.Concerns {
				got[f.Code] = f.Names()
				require.NotEmpty(t, f.Line(now))
			}
			require.Len(t, got, len(c.want))
			for code, names := range c.want {
				require.Equal(t, names, got[code])
			}
		})
	}
}

func TestEveryConcernSaysWhatToDo(t *testing.T) {
	for _, code := range status.Codes() {
		require.True(t, code.Known())
		c := status.NewConcern(code, 7, now.Add(-50*time.Hour), status.Named("1", "2")...)
		require.NotEmpty(t, c.What)
		require.NotEmpty(t, c.Next)
		require.Contains(t, c.Line(now), "1, 2, …")
		require.Contains(t, c.Line(now), "2 days ago")
	}
	require.Contains(t, status.NewConcern(status.EndingCRL, 1, now.Add(90*time.Minute), status.Named("a.crl")...).Line(now), "in 1h30m")
	require.False(t, status.Code("other").Known())
}

// A workflow whose task fails again and again runs and does nothing; one that
// is tried once more is no concern.
func TestAWorkflowThatCannotGoOnIsFound(t *testing.T) {
	var s store
	e := &engine{attempts: map[string]int32{}}
	for i := range 10 {
		w := status.Workflow{ID: order.NewID(), Name: fmt.Sprint(i), WorkflowID: fmt.Sprintf("%d-order", i), StartedAt: now.Add(-time.Hour)}
		s.open = append(s.open, w)
		e.attempts[w.WorkflowID] = int32(i)
	}
	links := status.Links{TemporalUI: "https://temporal.example.by", Namespace: "a/b", Runbook: "https://example.by/operations.md"}
	r, err := status.Look(t.Context(), status.Sources{Store: s, Engine: e, Lists: []status.List{}, Links: links}, now)
	require.NoError(t, err)
	require.Len(t, r.Concerns, 1)
	c := r.Concerns[0]
	require.Equal(t, status.BlockedWorkflow, c.Code)
	require.EqualValues(t, 7, c.Total)
	require.Equal(t, "https://example.by/operations.md#blocked-workflow", c.Runbook)
	for _, i := range c.Items {
		require.Equal(t, "https://temporal.example.by/namespaces/a%2Fb/workflows/"+i.Workflow, i.URL)
		require.Contains(t, c.Line(now), i.URL)
	}
	require.Contains(t, c.Line(now), c.Runbook)
}

// A page asks for some workflows only, and says so.
func TestNotMoreWorkflowsAreAskedForThanOneMay(t *testing.T) {
	var s store
	for i := range 20 {
		s.open = append(s.open, status.Workflow{ID: order.NewID(), WorkflowID: fmt.Sprint(i)})
	}
	for most, want := range map[int]int{0: 20, 1: 1, 19: 19, 21: 20} {
		e := &engine{}
		r, err := status.Look(t.Context(), status.Sources{Store: s, Engine: e, AskedAtMost: most, Lists: []status.List{}}, now)
		require.NoError(t, err)
		require.Equal(t, want, e.asked)
		require.Equal(t, most > 0 && most < 20, len(r.Unseen) == 1, most)
	}
}

// What an operator reads of money has what commands take, and nobody's name.
func TestMoneyIsNamedByReferenceNumberAndSum(t *testing.T) {
	item := status.Item{Name: "assist:5999/Approved", Payment: &status.Payment{
		Number: "NOAIS000000999", Amount: 4320, Currency: "BYN", Reason: payments.ReasonUnknownNumber,
	}}
	require.Equal(t, "assist:5999/Approved (43.20 BYN NOAIS000000999 unknown-number)", item.String())
	item.Payment.Number = ""
	require.Equal(t, "assist:5999/Approved (43.20 BYN unknown-number)", item.String())
	require.Equal(t, "egr (123) https://x.example", status.Item{Name: "egr", Order: "123", URL: "https://x.example"}.String())
}

// Each concern has a chapter for whoever is called, under its code.
func TestEveryConcernHasAChapterForOperators(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, code := range status.Codes() {
		require.Contains(t, string(text), "\n### "+string(code)+"\n")
	}
}
