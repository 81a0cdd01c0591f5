package stack

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// maxEnds is how often a process may end by itself within endsWindow; one
	// that goes on ending has a fault that starting it again does not mend.
	maxEnds    = 3
	endsWindow = time.Minute
)

// attend starts the processes again whenever one of them ends by itself, as
// an orchestrator would: kill one and watch the orders go on. It returns when
// a process goes on ending, or nil when the context ends.
func (p *Processes) attend(ctx context.Context, tell func(string)) error {
	ends := make(chan error, len(parts()))
	for _, name := range parts() {
		go func() { ends <- p.attendOne(ctx, name, tell) }()
	}
	return <-ends
}

func (p *Processes) attendOne(ctx context.Context, name string, tell func(string)) error {
	var ended []time.Time
	for {
		child := p.process(name)
		if child == nil {
			return fmt.Errorf("%s does not run", name)
		}
		err := child.Unexpected(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		ended = append(ended, time.Now())
		if n := len(ended); n >= maxEnds && ended[n-1].Sub(ended[n-maxEnds]) < endsWindow {
			return fmt.Errorf("%w; it goes on ending", err)
		}
		if again := p.StartOne(ctx, name); again != nil {
			return errors.Join(err, again)
		}
		tell(err.Error() + "; it was started again")
	}
}
