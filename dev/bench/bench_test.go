package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/stack"
)

func TestMain(m *testing.M) {
	if code, ok := stack.Child(os.Args, profiled); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// bounds are what an order may take at most, by what it is.
type bounds map[string]float64

func limits() map[string]bounds {
	return map[string]bounds{
		individual: {"events of an order": 31, "workflow tasks": 5, "activities": 3, "state transitions": 15, "statements": 66, "octets of WAL": 105 << 10},
		ten: {"events of an order": 36, "events of a confirmation": 36, "workflow tasks": 6.8, "activities": 3.2, "state transitions": 19,
			"statements": 61, "octets of WAL": 128 << 10},
	}
}

func measured(t *turn) bounds {
	c := t.counts
	return bounds{"events of an order": float64(c.usual[orderWorkflow]), "events of a confirmation": float64(c.usual[confirmationWorkflow]),
		"workflow tasks": c.tasks, "activities": c.activities, "state transitions": c.transitions, "statements": c.statements, "octets of WAL": c.wal}
}

// What an order costs in events, tasks, statements and octets is held down. The bounds do not depend on the machine as long as nothing
// times out on it, so that each has to be kept once in three rounds.
func TestCountsOfAnOrder(t *testing.T) {
	p := plan{data: t.TempDir(), rounds: 1, orders: 20, warm: 10, lanes: 20, contenders: []string{individual, ten}}
	r, err := start(t.Context(), p)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.close()) }()
	least := map[string]bounds{individual: {}, ten: {}}
	for range 3 {
		rounds, err := r.compete(t.Context(), p, io.Discard)
		require.NoError(t, err)
		if withinAll(t, rounds[0], least) {
			return
		}
	}
	t.Error("bounds are not kept")
}

// withinAll takes the least of each figure over and tells whether all are within their bounds.
func withinAll(t *testing.T, turns round, least map[string]bounds) bool {
	t.Helper()
	ok := true
	for name, limit := range limits() {
		got := measured(turns.find(name))
		for what, most := range limit {
			require.Positive(t, got[what], "%s: %s", name, what)
			if seen, known := least[name][what]; !known || got[what] < seen {
				least[name][what] = got[what]
			}
			if least[name][what] > most {
				t.Logf("%s: %.1f %s, at most %.1f", name, least[name][what], what, most)
				ok = false
			}
		}
	}
	return ok
}

func competition(t *testing.T, p plan) []round {
	t.Helper()
	r, err := start(t.Context(), p)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.close()) }()
	rounds, err := r.compete(t.Context(), p, io.Discard)
	require.NoError(t, err)
	if t.Failed() {
		return nil
	}
	m, err := r.machine(t.Context())
	require.NoError(t, err)
	var out bytes.Buffer
	p.statements = 10
	report(&out, m, p, rounds)
	t.Log(out.String())
	return rounds
}

// The peers come to their ends, and what they are known to cost is what is measured.
func TestPeers(t *testing.T) {
	p := plan{data: t.TempDir(), rounds: 1, orders: 4, single: 2, lanes: 8, half: 100 * time.Millisecond, contenders: []string{floor, naive, handWritten}}
	r := competition(t, p)[0]
	require.InDelta(t, 19, r.find(floor).counts.events, 2)
	require.InDelta(t, 56, r.find(naive).counts.events, 4)
	require.InDelta(t, 7, r.find(naive).counts.activities, 0.1)
	require.InDelta(t, 1, r.find(floor).counts.activities, 0.1)
	require.Greater(t, r.find(handWritten).counts.statements, 30.0)
	for _, name := range p.contenders {
		require.Positive(t, quantile(r.find(name).single, 0.5), name)
		require.Positive(t, quantile(r.find(name).half, 0.5), name)
	}
}

// Orders that wait are opened, stay, and go on after the worker was killed.
func TestWaitingOrders(t *testing.T) {
	p := plan{data: t.TempDir(), rounds: 1, orders: 4, lanes: 8, waiting: 12}
	r, err := start(t.Context(), p)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.close()) }()
	var out bytes.Buffer
	require.NoError(t, r.wait(t.Context(), p, &out))
	require.Contains(t, out.String(), "12 orders were opened in")
	require.Contains(t, out.String(), "Then 12 of the waiting orders were paid one after another")
}

func TestPlan(t *testing.T) {
	p, err := parse([]string{"-only", "floor,pgx", "-rounds", "5"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []string{floor, handWritten}, p.contenders)
	require.Equal(t, 5, p.rounds)
	for _, wrong := range [][]string{{"-only", "x"}, {"-rounds", "0"}, {"-orders", "0"}, {"-lanes", "0"}, {"-waiting", "-1"}, {"-x"}} {
		_, err := parse(wrong, io.Discard)
		require.Error(t, err, wrong)
	}
}

func TestLoads(t *testing.T) {
	var running, most int
	turnstile := make(chan struct{}, 1)
	count := func(by int) {
		turnstile <- struct{}{}
		running += by
		most = max(most, running)
		<-turnstile
	}
	jobs := make([]job, 6)
	for i := range jobs {
		jobs[i] = func(context.Context) ([]time.Duration, error) {
			count(1)
			defer count(-1)
			time.Sleep(10 * time.Millisecond)
			return []time.Duration{time.Duration(6-i) * time.Second}, nil
		}
	}
	took, err := closed(t.Context(), jobs, 2)
	require.NoError(t, err)
	require.Equal(t, 2, most)
	require.Equal(t, []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second, 5 * time.Second, 6 * time.Second}, took)
	began := time.Now()
	_, err = open(t.Context(), jobs[:3], 30*time.Millisecond)
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), 90*time.Millisecond)
	failing := append([]job{func(context.Context) ([]time.Duration, error) { return nil, io.EOF }}, jobs...)
	_, err = closed(t.Context(), failing, 1)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 3*time.Second, quantile(took, 0.49))
	require.Equal(t, 6*time.Second, quantile(took, 0.99))
	require.Zero(t, quantile(nil, 0.5))
}

func TestDirtyTurnsSaySo(t *testing.T) {
	for name, tc := range map[string]struct {
		turn turn
		want string
	}{
		"clean":    {turn{speed: time.Second, foreign: 0.2}, ""},
		"busy":     {turn{speed: time.Second, foreign: 0.21}, "foreign 0.21"},
		"slow":     {turn{speed: 1200 * time.Millisecond}, "speed +20 %"},
		"fast":     {turn{speed: 800 * time.Millisecond}, "speed -20 %"},
		"both":     {turn{speed: 1200 * time.Millisecond, foreign: 1}, "foreign 1.00, speed +20 %"},
		"a little": {turn{speed: 1050 * time.Millisecond}, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, tc.turn.dirty(time.Second)) })
	}
	require.Equal(t, "2.00 (1.00–4.00)", spread([]float64{4, 1, 2}, "%.2f"))
	require.Equal(t, "1.5 (1.0–2.0)", spread([]float64{2, 1}, "%.1f"))
	require.Equal(t, "–", spread(nil, "%.1f"))
}
