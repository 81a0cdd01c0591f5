package registers

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// answering are all registers at once.
type answering struct {
	records
	silent map[string]error
	mu     sync.Mutex
	states map[string]order.RegisterState
}

func (a *answering) Person(context.Context, order.PersonalNumber) (Person, error) {
	return a.person, a.silent[RegisterPopulation]
}

func (a *answering) Organisation(context.Context, order.UNP) (Organisation, error) {
	return a.organisation, a.silent[RegisterEGR]
}

func (a *answering) Taxpayer(context.Context, order.UNP) (Taxpayer, error) {
	return a.taxpayer, a.silent[RegisterTaxpayers]
}

func (a *answering) Subscriber(context.Context, order.UNP) (Subscriber, error) {
	return a.subscriber, a.silent[RegisterSubscribers]
}

func (a *answering) note(_ context.Context, register string, state order.RegisterState) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.states[register] = state
	return nil
}

func newAnswering() *answering {
	return &answering{records: matching(), silent: map[string]error{}, states: map[string]order.RegisterState{}}
}

func (a *answering) check(kind order.Kind) (order.Report, error) {
	s := &Service{Population: a, EGR: a, Taxpayers: a, Subscribers: a}
	return s.Check(context.Background(), kind, a.subject, a.note)
}

func TestS7_EachKindIsAskedInItsRegisters(t *testing.T) {
	for kind, want := range map[order.Kind][]string{
		order.KindIndividual:     {RegisterPopulation},
		order.KindSoleProprietor: {RegisterPopulation, RegisterEGR, RegisterTaxpayers},
		order.KindEmployee:       {RegisterPopulation, RegisterEGR, RegisterTaxpayers, RegisterSubscribers},
	} {
		require.Equal(t, want, Registers(kind))
		a := newAnswering()
		_, err := a.check(kind)
		require.NoError(t, err)
		require.Len(t, a.states, len(want))
	}
}

func TestS7_BeforeAnOrderEachRegisterAnswersForItself(t *testing.T) {
	for kind, want := range map[order.Kind][]string{
		order.KindIndividual:     {RegisterPopulation},
		order.KindSoleProprietor: {RegisterPopulation, RegisterEGR, RegisterTaxpayers},
		order.KindEmployee:       {RegisterPopulation, RegisterEGR, RegisterTaxpayers, RegisterSubscribers},
	} {
		for silent := range len(want) {
			a := newAnswering()
			a.silent[want[silent]] = ErrUnavailable
			s := &Service{Population: a, EGR: a, Taxpayers: a, Subscribers: a}
			answers := s.Answers(t.Context(), kind, a.subject)
			require.Len(t, answers, len(want))
			for i, answer := range answers {
				require.Equal(t, want[i], answer.Register)
				if i == silent {
					require.Equal(t, Answer{Register: want[i], State: order.RegisterSilent}, answer)
					continue
				}
				require.NotEmpty(t, answer.Report, answer.Register)
				require.Equal(t, stateOf(answer.Report, nil), answer.State)
			}
		}
	}
}

func TestS7_BeforeAnOrderTheAnswersAreThoseOfTheSecondCheck(t *testing.T) {
	a := newAnswering()
	a.subscriber.PublicContract, a.person.Surname = false, "Другая"
	s := &Service{Population: a, EGR: a, Taxpayers: a, Subscribers: a}
	want, err := a.check(order.KindEmployee)
	require.NoError(t, err)
	var got order.Report
	for _, answer := range s.Answers(t.Context(), order.KindEmployee, a.subject) {
		got = append(got, answer.Report...)
		require.Equal(t, a.states[answer.Register], answer.State)
	}
	require.Equal(t, want, got)
}

func TestS7_A4_TheReportIsThatOfTheComparison(t *testing.T) {
	a := newAnswering()
	report, err := a.check(order.KindEmployee)
	require.NoError(t, err)
	require.Equal(t, a.employee(), report)
	require.True(t, report.Passed())

	a.subscriber.PublicContract = false
	report, err = a.check(order.KindEmployee)
	require.NoError(t, err)
	require.Equal(t, order.Report{failed(order.CheckContract, CauseNoContract)}, report.Failed())
	require.Equal(t, order.RegisterDiffers, a.states[RegisterSubscribers])
	require.Equal(t, order.RegisterAgrees, a.states[RegisterEGR])
}

func TestA5_ANonResidentIsRefusedWithAReasonOfItsOwn(t *testing.T) {
	a := newAnswering()
	a.person.Resident = false
	report, err := a.check(order.KindIndividual)
	require.NoError(t, err)
	require.Equal(t, order.Report{failed(order.CheckResident, CauseNotResident)}, report.Failed())
}

func TestS7_OneSilentRegisterLeavesTheVerdictOpenAndTheOthersShown(t *testing.T) {
	for _, register := range Registers(order.KindEmployee) {
		a := newAnswering()
		a.silent[register] = ErrUnavailable
		_, err := a.check(order.KindEmployee)
		require.ErrorIs(t, err, ErrUnavailable)
		for _, other := range Registers(order.KindEmployee) {
			want := order.RegisterAgrees
			if other == register {
				want = order.RegisterSilent
			}
			require.Equal(t, want, a.states[other], "%s while %s is silent", other, register)
		}
	}
}

func TestS7_WhatIsNotInARegisterIsADifferenceAndNoSilence(t *testing.T) {
	a := newAnswering()
	a.silent[RegisterPopulation], a.person = ErrNotFound, Person{}
	report, err := a.check(order.KindIndividual)
	require.NoError(t, err)
	require.False(t, report.Passed())
}

func TestS7_AStateThatCannotBeNotedIsTriedAgain(t *testing.T) {
	a := newAnswering()
	broken := errors.New("the database is away")
	s := &Service{Population: a, EGR: a, Taxpayers: a, Subscribers: a}
	_, err := s.Check(t.Context(), order.KindIndividual, a.subject,
		func(context.Context, string, order.RegisterState) error { return broken })
	require.ErrorIs(t, err, broken)
}
