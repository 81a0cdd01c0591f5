package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/dev/stack"
)

// kind is a way in which something goes wrong. It has the named processes for itself while it does.
type kind struct {
	name   string
	weight int
	takes  []string
	// do lets it go wrong and mends it.
	do func(ctx context.Context, r *rig, rnd *rand.Rand) error
}

// Names of what only one fault may have in hand at a time, beside the processes.
const (
	networkDatabase = "network to the database"
	networkTemporal = "network to Temporal"
	outside         = "registers and channels"
	clocks          = "clocks"
)

// kinds are all of them. What takes longest to mend happens least.
func kinds(withDisk bool) []kind {
	list := []kind{
		{"worker killed", 14, []string{stack.ProcessWorker}, killed(stack.ProcessWorker)},
		{"API killed", 12, []string{stack.ProcessAPI}, killed(stack.ProcessAPI)},
		{"API and worker killed", 4, []string{stack.ProcessAPI, stack.ProcessWorker}, killed(stack.ProcessAPI, stack.ProcessWorker)},
		{"worker stopped as for a deploy", 4, []string{stack.ProcessWorker}, stopped(stack.ProcessWorker)},
		{"API stopped as for a deploy", 4, []string{stack.ProcessAPI}, stopped(stack.ProcessAPI)},
		{"worker frozen", 6, []string{stack.ProcessWorker}, frozen(stack.ProcessWorker)},
		{"API frozen", 4, []string{stack.ProcessAPI}, frozen(stack.ProcessAPI)},
		{"Temporal killed", 2, []string{processTemporal}, killed(processTemporal)},
		{"Temporal stopped", 2, []string{processTemporal}, stoppedTemporal},
		{"Temporal frozen", 2, []string{processTemporal}, frozen(processTemporal)},
		{"PostgreSQL killed", 2, []string{processPostgres}, killed(processPostgres)},
		{"PostgreSQL stopped", 2, []string{processPostgres}, stoppedPostgres},
		{"PostgreSQL's sessions ended", 6, []string{processPostgres}, sessionsEnded},
		{"connections to PostgreSQL cut", 9, []string{networkDatabase}, cut(func(r *rig) map[string]*proxy { return r.databases })},
		{"connections to Temporal cut", 9, []string{networkTemporal}, cut(func(r *rig) map[string]*proxy { return r.temporals })},
		{"network to PostgreSQL stalled", 4, []string{networkDatabase}, stalled(func(r *rig) map[string]*proxy { return r.databases })},
		{"network to Temporal stalled", 4, []string{networkTemporal}, stalled(func(r *rig) map[string]*proxy { return r.temporals })},
		{"clock of the worker wrong", 5, []string{clocks}, shifted(stack.ProcessWorker, time.Hour+30*time.Minute)},
		{"clock of the API wrong", 4, []string{clocks}, shifted(stack.ProcessAPI, time.Hour)},
		{"a register misbehaves", 6, []string{outside}, register},
		{"mail or SMS misbehaves", 6, []string{outside}, channel},
	}
	if withDisk {
		list = append(list, kind{"disk of PostgreSQL full", 3, []string{processPostgres}, diskFull})
	}
	return list
}

// draw chooses a kind by weight.
func draw(list []kind, rnd *rand.Rand) kind {
	sum := 0
	for _, k := range list {
		sum += k.weight
	}
	at := rnd.IntN(sum)
	for _, k := range list {
		if at -= k.weight; at < 0 {
			return k
		}
	}
	return list[len(list)-1]
}

// within is a time of at least the first and at most the second.
func within(rnd *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(rnd.Int64N(int64(most-least)))
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// revive starts what the fault has ended, until it runs.
func (r *rig) revive(ctx context.Context, names ...string) error {
	for _, name := range names {
		for !r.running(name) {
			err := r.begin(ctx, name)
			if ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			if err != nil {
				r.tally.note(name + " had to be started more than once")
				pause(ctx, time.Second)
			}
		}
	}
	return nil
}

func killed(names ...string) func(context.Context, *rig, *rand.Rand) error {
	return func(ctx context.Context, r *rig, rnd *rand.Rand) error {
		for _, name := range names {
			if err := r.kill(name); err != nil {
				return err
			}
		}
		pause(ctx, within(rnd, 0, 3*time.Second))
		return r.revive(ctx, names...)
	}
}

func stopped(name string) func(context.Context, *rig, *rand.Rand) error {
	return func(ctx context.Context, r *rig, rnd *rand.Rand) error {
		if err := r.processes.StopOne(name); err != nil {
			r.tally.note(err.Error())
		}
		pause(ctx, within(rnd, 0, 2*time.Second))
		return r.revive(ctx, name)
	}
}

func stoppedTemporal(ctx context.Context, r *rig, rnd *rand.Rand) error {
	if err := r.stack.Temporal().Stop(); err != nil {
		r.tally.note(err.Error())
	}
	pause(ctx, within(rnd, 0, 4*time.Second))
	return r.revive(ctx, processTemporal)
}

func stoppedPostgres(ctx context.Context, r *rig, rnd *rand.Rand) error {
	if err := r.stack.Cluster().Close(); err != nil {
		return err
	}
	pause(ctx, within(rnd, 0, 4*time.Second))
	return r.revive(ctx, processPostgres)
}

// frozen stops a process in the middle of what it does; the world goes on meanwhile.
func frozen(name string) func(context.Context, *rig, *rand.Rand) error {
	return func(ctx context.Context, r *rig, rnd *rand.Rand) error {
		pid := r.pid(name)
		if pid == 0 {
			return r.revive(ctx, name)
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
		pause(ctx, within(rnd, time.Second, 15*time.Second))
		return syscall.Kill(pid, syscall.SIGCONT)
	}
}

// sessionsEnded lets the server end about a third of its sessions, those of Temporal included.
func sessionsEnded(ctx context.Context, r *rig, _ *rand.Rand) error {
	_, err := r.pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.34`)
	return err
}

func chosen(of map[string]*proxy, rnd *rand.Rand) []*proxy {
	api, worker := of[stack.ProcessAPI], of[stack.ProcessWorker]
	return [][]*proxy{{api}, {worker}, {api, worker}}[rnd.IntN(3)]
}

func cut(of func(*rig) map[string]*proxy) func(context.Context, *rig, *rand.Rand) error {
	return func(ctx context.Context, r *rig, rnd *rand.Rand) error {
		which := chosen(of(r), rnd)
		for _, p := range which {
			p.refuse(true)
			p.cut()
		}
		pause(ctx, within(rnd, 0, 2*time.Second))
		for _, p := range which {
			p.refuse(false)
		}
		return nil
	}
}

func stalled(of func(*rig) map[string]*proxy) func(context.Context, *rig, *rand.Rand) error {
	return func(ctx context.Context, r *rig, rnd *rand.Rand) error {
		for _, p := range chosen(of(r), rnd) {
			defer p.stall()()
		}
		pause(ctx, within(rnd, time.Second, 8*time.Second))
		return nil
	}
}

// shifted lets a clock be wrong by up to so much, forwards or backwards.
func shifted(name string, most time.Duration) func(context.Context, *rig, *rand.Rand) error {
	return func(ctx context.Context, r *rig, rnd *rand.Rand) error {
		by := within(rnd, time.Second, most)
		if rnd.IntN(2) == 0 {
			by = -by
		}
		if err := r.shift(name, by); err != nil {
			return err
		}
		pause(ctx, within(rnd, time.Second, 10*time.Second))
		return r.shift(name, 0)
	}
}

func register(ctx context.Context, r *rig, rnd *rand.Rand) error {
	name := registers.All()[rnd.IntN(len(registers.All()))]
	fault := []registers.Fault{{Down: true}, {SlowMillis: 5000}, {Garbage: true}, {PerSecond: 1}}[rnd.IntN(4)]
	if err := r.stack.Registers().SetFault(name, fault); err != nil {
		return err
	}
	pause(ctx, within(rnd, time.Second, 8*time.Second))
	return r.stack.Registers().SetFault(name, registers.Fault{})
}

func channel(ctx context.Context, r *rig, rnd *rand.Rand) error {
	r.stack.Inbox().SetFaults([]inbox.Faults{
		{MailBusy: true}, {SMSDown: true}, {LoseMailAnswers: 5}, {LoseSMSAnswers: 5}, {SlowMillis: 3000},
	}[rnd.IntN(5)])
	pause(ctx, within(rnd, time.Second, 8*time.Second))
	r.stack.Inbox().SetFaults(inbox.Faults{})
	return nil
}

// diskFull leaves PostgreSQL no block to write to. It may end itself; it has to come back with all that it had promised.
func diskFull(ctx context.Context, r *rig, rnd *rand.Rand) error {
	err := r.disk.fill()
	pause(ctx, within(rnd, time.Second, 6*time.Second))
	return errors.Join(err, r.disk.clear(), r.revive(ctx, processPostgres))
}
