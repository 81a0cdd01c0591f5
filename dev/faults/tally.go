package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// tally counts what happens. It is safe for use from several goroutines.
type tally struct {
	began time.Time
	// started are the orders that were begun, driven those that everything was done to that is planned before the settling.
	started, driven atomic.Int64

	mu sync.Mutex
	// faults are those that happened, payers what payers and gateways did wrong, refused the calls that failed, ends the processes that
	// ended without having been killed; each by what it is.
	faults, payers, refused, ends map[string]int
	notes                         map[string]int
	stuck                         []string
}

func newTally() *tally {
	return &tally{began: time.Now(), faults: map[string]int{}, payers: map[string]int{}, refused: map[string]int{}, ends: map[string]int{},
		notes: map[string]int{}}
}

func (t *tally) count(in *map[string]int, what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	(*in)[what]++
}

func (t *tally) fault(kind string) { t.count(&t.faults, kind) }
func (t *tally) payer(what string) { t.count(&t.payers, what) }
func (t *tally) refusal(of string) { t.count(&t.refused, of) }
func (t *tally) ended(name string) { t.count(&t.ends, name) }
func (t *tally) note(text string)  { t.count(&t.notes, text) }

// stop remembers a step that could not be done.
func (t *tally) stop(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stuck = append(t.stuck, what)
}

func (t *tally) happened() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := 0
	for _, n := range t.faults {
		sum += n
	}
	return sum
}

func (t *tally) print(out io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprintf(out, "took %s\n", time.Since(t.began).Round(time.Second))
	for _, part := range []struct {
		title string
		of    map[string]int
	}{
		{"faults", t.faults}, {"payers and gateways", t.payers}, {"calls that failed and were made again", t.refused},
		{"processes that ended by themselves", t.ends}, {"notes", t.notes},
	} {
		counted(out, part.title, part.of)
	}
}

// counted prints counts by what they are of.
func counted(out io.Writer, title string, of map[string]int) {
	sum := 0
	for _, n := range of {
		sum += n
	}
	_, _ = fmt.Fprintf(out, "%s: %d\n", title, sum)
	for _, name := range slices.Sorted(maps.Keys(of)) {
		_, _ = fmt.Fprintf(out, "  %6d %s\n", of[name], name)
	}
}
