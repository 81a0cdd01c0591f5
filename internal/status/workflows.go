package status

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

const (
	// askedAtOnce is how many workflows the server is asked about at a time.
	askedAtOnce = 8
	// blockedAfter is how many attempts of a workflow task are no accident.
	blockedAfter = 3
)

var errEnough = errors.New("enough workflows were asked for")

// stuck collects workflows of a code.
type stuck struct {
	code  Code
	items []Item
	total int64
	since time.Time
}

func (s *stuck) add(w Workflow) {
	if s.total++; len(s.items) < MaxNames {
		s.items = append(s.items, Item{Name: w.Name, Workflow: w.WorkflowID})
	}
	if s.since.IsZero() || w.StartedAt.Before(s.since) {
		s.since = w.StartedAt
	}
}

// stuckWorkflows finds what is open in the database while nothing works on it,
// or while its workflow cannot go on.
func stuckWorkflows(ctx context.Context, s Sources, before time.Time) (found []Concern, all bool, err error) {
	closed, blocked, asked := stuck{code: ClosedWorkflow}, stuck{code: BlockedWorkflow}, 0
	err = s.Store.OpenWorkflows(ctx, before, func(page []Workflow) error {
		if left := s.AskedAtMost - asked; s.AskedAtMost > 0 && left < len(page) {
			page = page[:left]
		}
		asked += len(page)
		err := Ask(ctx, s.Store, s.Engine, page, func(w Workflow, lost, stopped bool) {
			switch {
			case lost:
				closed.add(w)
			case stopped:
				blocked.add(w)
			}
		})
		if err != nil {
			return err
		}
		if s.AskedAtMost > 0 && asked >= s.AskedAtMost {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, false, err
	}
	for _, k := range []stuck{blocked, closed} {
		if k.total > 0 {
			found = append(found, NewConcern(k.code, k.total, k.since, k.items...))
		}
	}
	return found, err == nil, nil
}

// Opens tells whether an order or a confirmation is open.
type Opens interface {
	StillOpen(ctx context.Context, id order.ID) (bool, error)
}

// Ask asks the server for workflows of what is open, some at a time, and tells of
// each, one after another, whether nothing works on it or its task goes on
// failing. What ends meanwhile is looked at again.
func Ask(ctx context.Context, opens Opens, engine Engine, page []Workflow, tell func(w Workflow, lost, blocked bool)) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(askedAtOnce)
	for _, w := range page {
		group.Go(func() error {
			lost, blocked, err := howStands(ctx, opens, engine, w)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			tell(w, lost, blocked)
			return nil
		})
	}
	return group.Wait()
}

func howStands(ctx context.Context, opens Opens, engine Engine, w Workflow) (lost, blocked bool, err error) {
	e, err := engine.Execution(ctx, w.WorkflowID)
	if err != nil {
		return false, false, fmt.Errorf("ask for workflow %s: %w", w.WorkflowID, err)
	}
	if e.Running {
		return false, e.Attempts >= blockedAfter, nil
	}
	lost, err = opens.StillOpen(ctx, w.ID)
	return lost, false, err
}
