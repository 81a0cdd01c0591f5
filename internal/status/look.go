package status

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// MaxNames is how many of what is concerned are named.
const MaxNames = 5

// Limits are the instants from which on something that is waited for needs a person.
type Limits struct {
	// Late: a deadline before it has been missed by whoever acts on it.
	Late time.Time
	// Unissued: a certificate that was paid for before should be out.
	Unissued time.Time
	// Unstarted: a workflow should have been started, or be known to the server.
	Unstarted time.Time
	// Slow: an answer of a register or a message should be there.
	Slow time.Time
	// Recent: messages that were given up since count; Many of them always do.
	Recent time.Time
	Many   int64
	// Unsealed: entries of the audit log before it should be sealed.
	Unsealed time.Time
	// Unconfirmed: confirmations of backups before it have ended after BackupsHold.
	Unconfirmed time.Time
	BackupsHold time.Duration
}

// limitsAt are the limits at an instant, with a log that is sealed so often and
// confirmations of backups that hold so long.
func limitsAt(at time.Time, sealed, hold time.Duration) Limits {
	return Limits{
		// No later than the alerts DeadlineLate and PaidNotIssued: whoever they
		// call has to find what they are about.
		Late: at.Add(-ActWithin - time.Minute), Unissued: at.Add(-IssueWithin - time.Minute),
		Unstarted: at.Add(-2 * time.Minute), Slow: at.Add(-15 * time.Minute),
		Recent: at.Add(-24 * time.Hour), Many: 5, Unsealed: at.Add(-2*sealed - 10*time.Minute),
		Unconfirmed: at.Add(-hold), BackupsHold: hold,
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
	Opens
}

// Execution is how a workflow stands at the server.
type Execution struct {
	// Running tells whether it runs; one that the server does not know does not.
	Running bool
	// Attempts is how often the task that waits was tried; 0 when none waits.
	Attempts int32
}

// Engine tells how a workflow stands.
type Engine interface {
	Execution(ctx context.Context, workflowID string) (Execution, error)
}

// Sources are what is looked at.
type Sources struct {
	Store Store
	// Engine is nil when Temporal is not asked.
	Engine Engine
	// AskedAtMost bounds how many workflows are asked for; 0 for all.
	AskedAtMost int
	// Lists are the revocation lists that are trusted now; nil when they are not looked at.
	Lists []List
	// SealedEvery is how often the audit log is sealed.
	SealedEvery time.Duration
	// BackupsHold is how long a confirmation of the backup of a key holds.
	BackupsHold time.Duration
	Links       Links
}

// Look answers at an instant.
func Look(ctx context.Context, s Sources, at time.Time) (Report, error) {
	r := Report{At: at, Concerns: []Concern{}}
	limits := limitsAt(at, s.SealedEvery, s.BackupsHold)
	found, err := s.Store.Concerns(ctx, limits)
	if err != nil {
		return Report{}, err
	}
	r.Concerns = append(r.Concerns, found...)
	if s.Engine == nil {
		r.Unseen = append(r.Unseen, UnseenWorkflows)
	} else {
		stuck, all, err := stuckWorkflows(ctx, s, limits.Unstarted)
		if err != nil {
			return Report{}, err
		}
		r.Concerns = append(r.Concerns, stuck...)
		if !all {
			r.Unseen = append(r.Unseen, UnseenMoreWorkflows)
		}
	}
	if s.Lists == nil {
		r.Unseen = append(r.Unseen, UnseenLists)
	}
	r.Concerns = append(r.Concerns, listConcerns(s.Lists, at)...)
	s.Links.add(r.Concerns)
	return r, nil
}
