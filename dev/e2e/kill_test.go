package e2e_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// step is one step of the story; it is told apart by its name only.
type step struct {
	name string
	do   func(t *testing.T, s *story)
}

// story is an order of 6.0.01 that goes on step by step.
type story struct {
	w            *world
	employee     *party
	order        contract.Order
	confirmation contract.Confirmation
	payment      contract.Payment
	// patient stories let the certificate be issued before the next kill. A step that is killed half way is tried again only when its
	// time is over, which is a minute.
	patient bool
}

func steps() []step {
	return []step{
		{"open", func(t *testing.T, s *story) { s.order = s.w.open(s.employee) }},
		{"submit", func(t *testing.T, s *story) {
			_, _, err := s.employee.Submit(t.Context(), s.order.ID, s.w.upload(s.employee, 1))
			require.NoError(t, err)
			s.w.await(s.employee, s.order.ID, "awaiting-approval")
		}},
		{"list", func(t *testing.T, s *story) {
			var err error
			s.confirmation, err = s.w.director.MakeList(t.Context(), []order.ID{s.order.ID})
			require.NoError(t, err)
		}},
		{"sign", func(t *testing.T, s *story) { s.w.signed(s.confirmation) }},
		{"choose payment", func(t *testing.T, s *story) {
			var err error
			s.payment, err = s.w.director.ChooseMethod(t.Context(), caller.OfConfirmation(s.confirmation.ID), "erip")
			require.NoError(t, err)
		}},
		{"pay", func(t *testing.T, s *story) {
			entry, err := s.w.gateway.Notify(t.Context(), notification(s.payment))
			require.NoError(t, err)
			require.Equal(t, contract.Applied, entry.State)
			if s.patient {
				s.w.issued(s.employee, s.order.ID)
			}
		}},
		{"issued", func(_ *testing.T, s *story) { s.order = s.w.issued(s.employee, s.order.ID) }},
	}
}

// I1, D5: worker, API or both are killed (kill -9) between any two steps; the order goes on and one certificate comes of it.
func TestI1_KilledBetweenAnyTwoSteps(t *testing.T) {
	for name, victims := range map[string][]string{
		"worker": {stack.ProcessWorker}, "API": {stack.ProcessAPI}, "both": {stack.ProcessWorker, stack.ProcessAPI},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, all.ordinary(t))
			processes := w.processes()
			s := &story{w: w, employee: w.employee(), patient: name != "both"}
			for _, step := range steps() {
				step.do(t, s)
				for _, victim := range victims {
					require.NoError(t, processes.Kill(victim), "after %s", step.name)
				}
				for _, victim := range victims {
					require.NoError(t, processes.StartOne(t.Context(), victim), "after %s", step.name)
				}
			}
			w.fetched(s.employee, s.order.ID)
			require.Equal(t, 1, w.certificates(s.order.ID))
		})
	}
}

// P6, I1: a payment that arrives while no worker runs is answered, kept, and issues once a worker is there.
func TestP6_PaymentWithoutAWorker(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	processes := w.processes()
	s := &story{w: w, employee: w.employee()}
	for _, step := range steps() {
		if step.name == "pay" {
			require.NoError(t, processes.Kill(stack.ProcessWorker))
		}
		if step.name == "issued" {
			require.Zero(t, w.read(s.employee, s.order.ID).Certificate)
			require.NoError(t, processes.StartOne(t.Context(), stack.ProcessWorker))
		}
		step.do(t, s)
	}
	require.Equal(t, 1, w.certificates(s.order.ID))
}

// processes are those that a test may kill; what is still dead when the test ends is started for the next one.
func (w *world) processes() *stack.Processes {
	w.t.Helper()
	processes, ok := w.stack.Product().(*stack.Processes)
	require.True(w.t, ok)
	w.t.Cleanup(func() {
		for _, name := range []string{stack.ProcessAPI, stack.ProcessWorker} {
			if !processes.Running(name) {
				require.NoError(w.t, processes.StartOne(context.WithoutCancel(w.t.Context()), name))
			}
		}
	})
	return processes
}
