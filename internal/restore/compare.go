// Package restore compares, after stores were brought back from backups, what
// the database knows with what the Temporal server runs, and mends what does
// not fit: the database decides.
package restore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// Kind is how a workflow and its row differ.
type Kind string

// The kinds.
const (
	// KindUnknown runs for an order or a confirmation that is not in the database.
	KindUnknown Kind = "unknown"
	// KindAhead runs and has shown a later stage than its row has.
	KindAhead Kind = "ahead"
	// KindBehind runs and waits for what its row says has ended.
	KindBehind Kind = "behind"
	// KindNotRunning is open in the database and nothing runs for it.
	KindNotRunning Kind = "not-running"
)

// Difference is one workflow that does not fit its row.
type Difference struct {
	Kind       Kind     `json:"kind"`
	ID         order.ID `json:"id"`
	WorkflowID string   `json:"workflow"`
	// Row and Workflow are the stages of both; empty for none.
	Row      string `json:"row,omitempty"`
	Workflow string `json:"shown,omitempty"`
	// Issued says that the row's certificate is out.
	Issued bool `json:"-"`
}

// Row is where an order or a confirmation stands in the database.
type Row struct {
	// Stage is that of an open one, Ending how one has ended: an ending of an
	// order, or a stage of a confirmation.
	Stage, Ending string
}

// Running is a workflow that runs.
type Running struct {
	WorkflowID string
	// Stage is what it has shown last where operators search; empty before its first wait.
	Stage string
}

// Store is the database.
type Store interface {
	OpenWorkflows(ctx context.Context, before time.Time, page func([]status.Workflow) error) error
	status.Opens
	// Rows finds what is known of orders and confirmations.
	Rows(ctx context.Context, ids []order.ID) (map[order.ID]Row, error)
	// Restart lets the workflow be started anew, TellAgain lets its payment be
	// told again; the difference's own kind is the audit entry.
	Restart(ctx context.Context, d Difference, operator string, at time.Time) error
	TellAgain(ctx context.Context, d Difference, operator string, at time.Time) error
	// Terminated notes what was terminated.
	Terminated(ctx context.Context, d Difference, operator string, at time.Time) error
}

// Engine is the Temporal server.
type Engine interface {
	status.Engine
	// Each gives all orders and confirmations that run, page by page.
	Each(ctx context.Context, page func([]Running) error) error
	Terminate(ctx context.Context, workflowID, reason string) error
}

// ranks are the stages in the order in which they are gone through; every
// ending is behind them.
var ranks = []string{
	"", string(order.StageChecking), string(order.StageAwaitingApproval), string(order.StageAwaitingPayment), string(order.StageIssuing),
}

func rank(stage string) int {
	if i := slices.Index(ranks, stage); i >= 0 {
		return i
	}
	return len(ranks)
}

// subject reads the id out of that of a workflow.
func subject(workflowID string) (order.ID, error) {
	for _, between := range []string{"-order-", "-confirmation-"} {
		if _, id, ok := strings.Cut(workflowID, between); ok {
			return order.ParseID(id)
		}
	}
	return order.ID{}, fmt.Errorf("workflow %q: not that of an order or a confirmation", workflowID)
}

// Compare finds what does not fit. Nobody should write meanwhile: what is
// under way looks like a difference.
func Compare(ctx context.Context, store Store, engine Engine, at time.Time) ([]Difference, error) {
	var found []Difference
	if err := engine.Each(ctx, func(page []Running) error {
		differ, err := compare(ctx, store, page)
		found = append(found, differ...)
		return err
	}); err != nil {
		return nil, fmt.Errorf("compare what runs: %w", err)
	}
	err := store.OpenWorkflows(ctx, at, func(page []status.Workflow) error {
		return status.Ask(ctx, store, engine, page, func(w status.Workflow, lost, _ bool) {
			if lost {
				found = append(found, Difference{Kind: KindNotRunning, ID: w.ID, WorkflowID: w.WorkflowID})
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("compare what is open: %w", err)
	}
	slices.SortFunc(found, func(a, b Difference) int { return strings.Compare(a.WorkflowID, b.WorkflowID) })
	return found, nil
}

func compare(ctx context.Context, store Store, page []Running) ([]Difference, error) {
	ids := make([]order.ID, 0, len(page))
	for _, r := range page {
		id, err := subject(r.WorkflowID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	rows, err := store.Rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	var found []Difference
	for i, r := range page {
		row, known := rows[ids[i]]
		d := Difference{ID: ids[i], WorkflowID: r.WorkflowID, Row: row.Stage + row.Ending, Workflow: r.Stage, Issued: row.Ending == string(order.EndIssued)}
		switch {
		case !known:
			d.Kind = KindUnknown
		case row.Ending == "" && rank(r.Stage) > rank(row.Stage):
			d.Kind = KindAhead
		case row.Ending != "" && rank(r.Stage) < len(ranks):
			d.Kind = KindBehind
		default:
			continue
		}
		found = append(found, d)
	}
	return found, nil
}

// Repair mends a difference and says what it did: workflows that the database
// does not know are terminated, those that are ahead of it or gone are started
// anew from it, those that are behind it are told of their payment again, or
// terminated where none was made. Doing it again changes nothing.
func Repair(ctx context.Context, store Store, engine Engine, d Difference, operator string, at time.Time) (string, error) {
	const reason = "restore: the database does not bear it out"
	switch d.Kind {
	case KindNotRunning:
		return "is started anew", store.Restart(ctx, d, operator, at)
	case KindAhead:
		if err := engine.Terminate(ctx, d.WorkflowID, reason); err != nil {
			return "", err
		}
		return "was terminated and is started anew", store.Restart(ctx, d, operator, at)
	case KindBehind:
		if d.Issued {
			return "is told of its payment again", store.TellAgain(ctx, d, operator, at)
		}
	case KindUnknown:
	default:
	}
	if err := engine.Terminate(ctx, d.WorkflowID, reason); err != nil {
		return "", err
	}
	return "was terminated", store.Terminated(ctx, d, operator, at)
}
