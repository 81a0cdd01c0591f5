package main

import (
	"context"
	"fmt"
	"time"
)

// The contenders, in the order of their turns.
const (
	floor       = "floor"
	naive       = "naive"
	handWritten = "pgx"
	individual  = "6.0.00"
	ten         = "6.0.01x10"
	one         = "6.0.01x1"
)

func names() []string { return []string{floor, naive, handWritten, individual, ten, one} }

// job takes one order, or as many as a confirmation has, from the start to the end and tells for each how long it took from the
// payment to the end. It does nothing that could have been prepared.
type job func(ctx context.Context) ([]time.Duration, error)

// contender is one way to take orders from their start to their end.
type contender struct {
	name string
	// each is the number of orders in a job, factor by how much the contender takes more orders than the plan says.
	each, factor int
	// processes are the groups whose processor time its orders cost, database the one whose statements are its own ("" for none).
	processes []string
	database  string
	// workflows are the types it runs, with the number of each that an order starts.
	workflows map[string]float64
	// prepare makes jobs before the clock starts.
	prepare func(ctx context.Context, jobs int) ([]job, error)
}

// contender finds one by its name.
func (r *rig) contender(name string) contender {
	temporal, ours := []string{groupTemporal, groupPostgres, groupBench}, []string{groupTemporal, groupPostgres, groupAPI, groupWorker}
	switch name {
	case floor:
		return contender{name: name, each: 1, factor: 3, processes: temporal, workflows: map[string]float64{floorWorkflow: 1},
			prepare: r.peers.prepare(floorWorkflow)}
	case naive:
		return contender{name: name, each: 1, factor: 2, processes: temporal, workflows: map[string]float64{naiveWorkflow: 1},
			prepare: r.peers.prepare(naiveWorkflow)}
	case handWritten:
		return contender{name: name, each: 1, factor: 30, processes: []string{groupPostgres, groupBench}, database: machineDatabase,
			prepare: r.stateMachine.prepare}
	case individual:
		return contender{name: name, each: 1, factor: 1, processes: ours, database: productDatabase,
			workflows: map[string]float64{orderWorkflow: 1}, prepare: r.portal.individuals}
	case ten, one:
		each := 10
		if name == one {
			each = 1
		}
		return contender{name: name, each: each, factor: 1, processes: ours, database: productDatabase,
			workflows: map[string]float64{orderWorkflow: 1, confirmationWorkflow: 1 / float64(each)},
			prepare:   func(ctx context.Context, jobs int) ([]job, error) { return r.portal.confirmations(ctx, jobs, each) }}
	default:
		panic(fmt.Sprintf("no contender %q", name))
	}
}

// jobs is how many jobs hold so many orders.
func (c contender) jobs(orders int) int { return max(1, (orders+c.each-1)/c.each) }
