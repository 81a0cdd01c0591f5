package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// prepared is how many persons are made at a time, approved how many of the waiting orders are paid at the end.
const (
	prepared = 500
	approved = 50
)

// standing is what so many waiting orders cost while nothing happens.
type standing struct {
	memory   map[string]int
	database int64
}

// payable is an order that waits for its payment.
type payable struct {
	applicant
	id order.ID
}

// wait opens so many real orders that wait for their payment, beside throughput, memory and size before and after, restarts the worker
// and pays some of those that wait.
func (r *rig) wait(ctx context.Context, p plan, out io.Writer) error {
	p.single, p.half = 0, 0
	if err := r.warm(ctx, r.contender(individual), p); err != nil {
		return err
	}
	before, err := r.stands(ctx)
	if err != nil {
		return err
	}
	empty, err := r.throughput(ctx, p)
	if err != nil {
		return err
	}
	began := time.Now()
	kept, err := r.openWaiting(ctx, p, out)
	if err != nil {
		return err
	}
	opened := time.Since(began)
	after, err := r.stands(ctx)
	if err != nil {
		return err
	}
	r.waiting = int64(p.waiting)
	full, err := r.throughput(ctx, p)
	if err != nil {
		return err
	}
	if err := r.vacuum(ctx); err != nil {
		return err
	}
	tidy, err := r.throughput(ctx, p)
	if err != nil {
		return err
	}
	restarted, err := r.restartWorker(ctx)
	if err != nil {
		return err
	}
	latencies, err := r.payWaiting(ctx, kept)
	if err != nil {
		return err
	}
	reportWaiting(out, p.waiting, before, after, opened, rates{empty, full, tidy})
	_, _ = fmt.Fprintf(out, "\nThe worker was killed and ready again in %s. Then %d of the waiting orders were paid one after another: %s to the certificate (p50), %s (p99).\n",
		restarted.Round(time.Millisecond), len(latencies), quantile(latencies, 0.5).Round(time.Millisecond), quantile(latencies, 0.99).Round(time.Millisecond))
	return nil
}

// rates are whole new orders a second: while nobody waits, beside those that wait,
// and after a vacuum of all databases.
type rates struct{ empty, full, tidy float64 }

// vacuum does in all databases what autovacuum does sooner or later: what was
// planned while tables were small is planned anew.
func (r *rig) vacuum(ctx context.Context) error {
	rows, err := r.counters.Query(ctx, "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := vacuum(ctx, r.stack.Cluster().URL(name)); err != nil {
			return fmt.Errorf("vacuum %s: %w", name, err)
		}
	}
	return nil
}

func vacuum(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	return errors.Join(err, conn.Close(ctx))
}

// throughput is the rate of whole new orders.
func (r *rig) throughput(ctx context.Context, p plan) (float64, error) {
	t, err := r.turn(ctx, r.contender(individual), p, 0)
	return t.rate, err
}

// openWaiting opens the orders and keeps some to pay.
func (r *rig) openWaiting(ctx context.Context, p plan, out io.Writer) ([]payable, error) {
	var kept []payable
	for opened := 0; opened < p.waiting; opened += prepared {
		chunk := min(prepared, p.waiting-opened)
		ids := make([]payable, chunk)
		jobs := make([]job, chunk)
		for i := range jobs {
			a, err := r.portal.individual()
			if err != nil {
				return nil, err
			}
			jobs[i] = func(ctx context.Context) ([]time.Duration, error) {
				id, err := a.order(ctx, order.StageAwaitingPayment)
				ids[i] = payable{a, id}
				return nil, err
			}
		}
		if _, err := closed(ctx, jobs, p.lanes); err != nil {
			return nil, err
		}
		if len(kept) < approved {
			kept = append(kept, ids[:min(chunk, approved-len(kept))]...)
		}
		if (opened+chunk)%(10*prepared) == 0 {
			_, _ = fmt.Fprintf(out, "%d orders wait\n", opened+chunk)
		}
	}
	return kept, nil
}

func (r *rig) stands(ctx context.Context) (standing, error) {
	s := standing{memory: map[string]int{}}
	for _, g := range r.groups {
		_, pss, err := g.Memory()
		if err != nil {
			return s, err
		}
		s.memory[g.Name] = pss
	}
	counted, err := readCounters(ctx, r.counters)
	s.database = counted.database
	return s, err
}

func (r *rig) restartWorker(ctx context.Context) (time.Duration, error) {
	product, ok := r.stack.Product().(*stack.Processes)
	if !ok {
		return 0, errors.New("the worker is no process of its own")
	}
	if err := product.Kill(stack.ProcessWorker); err != nil {
		return 0, err
	}
	began := time.Now()
	err := product.StartOne(ctx, stack.ProcessWorker)
	return time.Since(began), err
}

func (r *rig) payWaiting(ctx context.Context, kept []payable) ([]time.Duration, error) {
	jobs := make([]job, len(kept))
	for i, k := range kept {
		jobs[i] = func(ctx context.Context) ([]time.Duration, error) { return r.portal.payIssued(ctx, k.applicant, k.id) }
	}
	return closed(ctx, jobs, 1)
}

func reportWaiting(out io.Writer, waiting int, before, after standing, opened time.Duration, rate rates) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	line("\n%d orders were opened in %s, %.1f a second.\n", waiting, opened.Round(time.Second), float64(waiting)/opened.Seconds())
	line("| | nobody waits | %d wait | an order |\n|---|---|---|---|", waiting)
	for _, name := range []string{groupTemporal, groupPostgres, groupAPI, groupWorker} {
		line("| memory of %s, MB | %d | %d | %.1f KB |", name, before.memory[name]>>10, after.memory[name]>>10,
			float64(after.memory[name]-before.memory[name])/float64(waiting))
	}
	line("| databases, MB | %d | %d | %.1f KB |", before.database>>20, after.database>>20, float64(after.database-before.database)/1024/float64(waiting))
	line("| whole new orders of 6.0.00, a second | %.1f | %.1f | %.2f × |", rate.empty, rate.full, rate.full/rate.empty)
	line("| the same after VACUUM ANALYZE | | %.1f | %.2f × |", rate.tidy, rate.tidy/rate.empty)
}
