package status

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// MaxNames is how many of what is concerned are named.
const MaxNames = 5

// Limits are the instants from which on something that is waited for needs a person.
type Limits struct {
	// Late: a deadline before it has been missed by whoever acts on it.
	Late time.Time
	// Unstarted: a workflow should have been started, or be known to the server.
	Unstarted time.Time
	// Slow: a certificate, an answer of a register or a message should be there.
	Slow time.Time
	// Recent: messages that were given up since count; Many of them always do.
	Recent time.Time
	Many   int64
	// Unsealed: entries of the audit log before it should be sealed.
	Unsealed time.Time
}

// limitsAt are the limits at an instant, with a log that is sealed so often.
func limitsAt(at time.Time, sealed time.Duration) Limits {
	return Limits{
		Late: at.Add(-5 * time.Minute), Unstarted: at.Add(-2 * time.Minute), Slow: at.Add(-15 * time.Minute),
		Recent: at.Add(-24 * time.Hour), Many: 5, Unsealed: at.Add(-2*sealed - 10*time.Minute),
	}
}

// Workflow is an order or a confirmation that is open and was started.
type Workflow struct {
	ID order.ID
	// Name is what people know it by, WorkflowID its workflow's.
	Name, WorkflowID string
	StartedAt        time.Time
}

// Store tells what the database knows.
type Store interface {
	// Concerns gives what is beyond its limit, by code.
	Concerns(ctx context.Context, l Limits) ([]Concern, error)
	// OpenWorkflows gives those that were started before the instant, page by page.
	OpenWorkflows(ctx context.Context, before time.Time, page func([]Workflow) error) error
	// StillOpen tells whether an order or a confirmation is open.
	StillOpen(ctx context.Context, id order.ID) (bool, error)
}

// Engine tells whether a workflow runs.
type Engine interface {
	Running(ctx context.Context, workflowID string) (bool, error)
}

// Sources are what is looked at.
type Sources struct {
	Store Store
	// Engine is nil when Temporal is not asked.
	Engine Engine
	// Lists are the revocation lists that are trusted now; nil when they are not looked at.
	Lists []List
	// SealedEvery is how often the audit log is sealed.
	SealedEvery time.Duration
}

// What is not looked at.
const (
	unseenEngine = "workflows: --temporal asks the Temporal server"
	unseenLists  = "revocation lists: --trust-dir, or TRUST_DIR"
)

// Look answers at an instant.
func Look(ctx context.Context, s Sources, at time.Time) (Report, error) {
	r := Report{At: at, Concerns: []Concern{}}
	limits := limitsAt(at, s.SealedEvery)
	found, err := s.Store.Concerns(ctx, limits)
	if err != nil {
		return Report{}, err
	}
	r.Concerns = append(r.Concerns, found...)
	if s.Engine == nil {
		r.Unseen = append(r.Unseen, unseenEngine)
	} else {
		closed, err := closedWorkflows(ctx, s, limits.Unstarted)
		if err != nil {
			return Report{}, err
		}
		r.Concerns = append(r.Concerns, closed...)
	}
	if s.Lists == nil {
		r.Unseen = append(r.Unseen, unseenLists)
	}
	r.Concerns = append(r.Concerns, listConcerns(s.Lists, at)...)
	return r, nil
}

// askedAtOnce is how many workflows the server is asked about at a time.
const askedAtOnce = 8

// closedWorkflows finds what is open in the database while nothing works on it.
// What ends meanwhile is looked at again.
func closedWorkflows(ctx context.Context, s Sources, before time.Time) ([]Concern, error) {
	var mu sync.Mutex
	var names []string
	var total int64
	var since time.Time
	err := s.Store.OpenWorkflows(ctx, before, func(page []Workflow) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(askedAtOnce)
		for _, w := range page {
			group.Go(func() error {
				lost, err := isLost(ctx, s, w)
				if err != nil || !lost {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if total++; len(names) < MaxNames {
					names = append(names, w.Name)
				}
				if since.IsZero() || w.StartedAt.Before(since) {
					since = w.StartedAt
				}
				return nil
			})
		}
		return group.Wait()
	})
	if err != nil || total == 0 {
		return nil, err
	}
	return []Concern{NewConcern(ClosedWorkflow, total, since, names...)}, nil
}

func isLost(ctx context.Context, s Sources, w Workflow) (bool, error) {
	running, err := s.Engine.Running(ctx, w.WorkflowID)
	if err != nil {
		return false, fmt.Errorf("ask for workflow %s: %w", w.WorkflowID, err)
	}
	if running {
		return false, nil
	}
	return s.Store.StillOpen(ctx, w.ID)
}
