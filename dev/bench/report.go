package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// report prints the results as tables in Markdown.
func report(out io.Writer, m machine, p plan, rounds []round) {
	w := &printer{out: out, contenders: p.contenders, rounds: rounds, usual: usualSpeed(rounds)}
	w.line("%d × %s, Linux %s, %s, PostgreSQL %s; %s", m.processors, m.processor, m.kernel, m.compiler, m.postgres, m.began.Format(time.DateOnly))
	w.line("%d of %d rounds, %d orders at full load (floor 3 ×, naive 2 ×, pgx 30 ×), %d in flight; %s", len(rounds), p.rounds, p.orders, p.lanes, w.verdict())
	w.ratios()
	w.processors()
	w.latencies()
	w.counts()
	w.turns()
	if p.statements > 0 {
		w.statements(p.statements)
	}
}

// printer prints tables whose rows are the contenders.
type printer struct {
	out        io.Writer
	contenders []string
	rounds     []round
	usual      time.Duration
}

func (w *printer) line(format string, args ...any) { _, _ = fmt.Fprintf(w.out, format+"\n", args...) }

func (w *printer) head(title string, columns ...string) {
	w.line("\n%s\n\n| | %s |\n|---|%s", title, strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}

func (w *printer) row(name string, cells ...string) {
	w.line("| %s | %s |", name, strings.Join(cells, " | "))
}

// verdict says how many turns are dirty.
func (w *printer) verdict() string {
	var all, bad int
	for _, turns := range w.rounds {
		for _, t := range turns {
			all++
			if t.dirty(w.usual) != "" {
				bad++
			}
		}
	}
	if bad == 0 {
		return "every turn is clean"
	}
	return fmt.Sprintf("**%d of %d turns are dirty: the machine was busy with other things, believe the counts only**", bad, all)
}

// values are a figure of a contender, by round.
func (w *printer) values(name string, figure func(*turn) float64) []float64 {
	var list []float64
	for _, turns := range w.rounds {
		if t := turns.find(name); t != nil {
			list = append(list, figure(t))
		}
	}
	return list
}

// ratio is a figure of a contender over that of another, by round.
func (w *printer) ratio(name, of string, figure func(*turn) float64) string {
	var list []float64
	for _, turns := range w.rounds {
		if a, b := turns.find(name), turns.find(of); a != nil && b != nil && figure(b) != 0 {
			list = append(list, figure(a)/figure(b))
		}
	}
	return spread(list, "%.2f")
}

// spread is median, least and greatest.
func spread(list []float64, format string) string {
	if len(list) == 0 {
		return "–"
	}
	list = slices.Sorted(slices.Values(list))
	middle := (list[(len(list)-1)/2] + list[len(list)/2]) / 2
	return fmt.Sprintf(format+" ("+format+"–"+format+")", middle, list[0], list[len(list)-1])
}

func rate(t *turn) float64 { return t.rate }
func cost(t *turn) float64 { return milliseconds(t.cost) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (w *printer) ratios() {
	w.head("Ratios of one round: median (least–greatest).", "rate ÷ floor", "rate ÷ naive", "CPU ÷ floor", "CPU ÷ naive", "CPU ÷ pgx",
		"payment → end ÷ floor, one in flight", "orders/s")
	single := func(t *turn) float64 { return milliseconds(quantile(t.single, 0.5)) }
	for _, name := range w.contenders {
		w.row(name, w.ratio(name, floor, rate), w.ratio(name, naive, rate), w.ratio(name, floor, cost), w.ratio(name, naive, cost),
			w.ratio(name, handWritten, cost), w.ratio(name, floor, single), spread(w.values(name, rate), "%.1f"))
	}
}

func (w *printer) processors() {
	groups := []string{groupTemporal, groupPostgres, groupAPI, groupWorker, groupBench}
	w.head("CPU milliseconds an order, by process. The bench is the worker of floor, naive and pgx; beside ours it is load and sandboxes, and not in the sum.",
		append(groups, "sum")...)
	for _, name := range w.contenders {
		var cells []string
		for _, g := range groups {
			cells = append(cells, spread(w.values(name, func(t *turn) float64 { return milliseconds(t.cpu[g]) }), "%.1f"))
		}
		w.row(name, append(cells, spread(w.values(name, cost), "%.1f"))...)
	}
}

func (w *printer) latencies() {
	w.head("Milliseconds from the payment to the end (ours: to the certificate), p50 / p99 of all rounds.", "one in flight", "half load", "full load")
	for _, name := range w.contenders {
		var single, half, full []time.Duration
		for _, turns := range w.rounds {
			if t := turns.find(name); t != nil {
				single, half, full = append(single, t.single...), append(half, t.half...), append(full, t.full...)
			}
		}
		w.row(name, quantiles(single), quantiles(half), quantiles(full))
	}
}

func quantiles(list []time.Duration) string {
	if len(list) == 0 {
		return "–"
	}
	slices.Sort(list)
	return fmt.Sprintf("%.0f / %.0f", milliseconds(quantile(list, 0.5)), milliseconds(quantile(list, 0.99)))
}

func (w *printer) counts() {
	w.head("Counts an order, of the first round; they do not depend on the machine.", "workflow tasks", "activities", "local activities", "state transitions", "events",
		"history KB", "statements of ours", "commits", "WAL KB", "database KB")
	for _, name := range w.contenders {
		t := w.rounds[0].find(name)
		if t == nil {
			continue
		}
		c := t.counts
		var cells []string
		for _, v := range []float64{c.tasks, c.activities, c.localMarker, c.transitions, c.events, c.octets / 1024, c.statements, c.commits,
			c.wal / 1024, c.database / 1024} {
			cells = append(cells, fmt.Sprintf("%.1f", v))
		}
		w.row(name, cells...)
	}
}

func (w *printer) turns() {
	w.head(fmt.Sprintf("Every turn: orders/s · CPU ms an order · foreign CPUs. A turn is dirty with more than %.1f foreign CPUs, or when a fixed piece of work takes %.0f %% more or less than its median.",
		maxForeign, 100*maxSlower), w.contenders...)
	for n, turns := range w.rounds {
		var cells []string
		for _, t := range turns {
			cell := fmt.Sprintf("%.1f · %.1f · %.2f", t.rate, milliseconds(t.cost), t.foreign)
			if why := t.dirty(w.usual); why != "" {
				cell += " **dirty: " + why + "**"
			}
			cells = append(cells, cell)
		}
		w.row(fmt.Sprintf("round %d", n+1), cells...)
	}
}

// statements lists the most frequent statements of each contender in the first round.
func (w *printer) statements(most int) {
	for _, name := range w.contenders {
		t := w.rounds[0].find(name)
		if t == nil || len(t.calls) == 0 {
			continue
		}
		w.line("\nStatements of %s, an order: calls, octets of WAL, milliseconds of planning and of execution:\n", name)
		list := slices.SortedFunc(maps.Keys(t.calls), func(a, b string) int { return cmp.Compare(t.calls[b].calls, t.calls[a].calls) })
		for _, query := range list[:min(most, len(list))] {
			s := t.calls[query]
			w.line("%8.2f %8.0f %6.2f %6.2f  %.150s", s.calls, s.wal, s.planned, s.done, strings.Join(strings.Fields(query), " "))
		}
	}
}
