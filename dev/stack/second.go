package stack

import (
	"context"
	"errors"
	"slices"

	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// SecondAPI starts another API process beside the first, on a port of its own
// and the same database, as behind a load balancer. The function stops it.
func (s *Stack) SecondAPI(ctx context.Context) (address string, stop func() error, err error) {
	p, ok := s.product.(*Processes)
	if !ok {
		return "", nil, errors.New("only a stack of processes can have a second API")
	}
	at, err := freeAddress()
	if err != nil {
		return "", nil, err
	}
	o := p.options(ProcessAPI)
	o.Name, o.LogFile, o.ReadyURL = "second-api", p.LogFile("second-api"), "http://"+at+"/readyz"
	// The last of two settings of a variable counts.
	o.Env = append(slices.Clone(o.Env), "API_ADDRESS="+at, "METRICS_ADDRESS=")
	child, err := supervise.Start(ctx, o)
	if err != nil {
		return "", nil, err
	}
	return "http://" + at, child.Stop, nil
}
