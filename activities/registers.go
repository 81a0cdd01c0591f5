package activities

import (
	"context"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// CheckRegistersInput names the request whose subject the registers are asked about.
type CheckRegistersInput struct {
	RequestID string     `json:"requestId"`
	Kind      order.Kind `json:"kind"`
}

// CheckRegistersResult is the verdict of the second check (A4, A5, S7); it
// lists what failed.
type CheckRegistersResult struct {
	Report order.Report `json:"report,omitempty"`
}

// Population is the population register.
type Population interface {
	Person(ctx context.Context, number order.PersonalNumber) (registers.Person, error)
}

// EGR is the register of legal entities and sole proprietors.
type EGR interface {
	Organisation(ctx context.Context, unp order.UNP) (registers.Organisation, error)
}

// Taxpayers is the taxpayer register.
type Taxpayers interface {
	Taxpayer(ctx context.Context, unp order.UNP) (registers.Taxpayer, error)
}

// Subscribers knows who is under the public contract (A4).
type Subscribers interface {
	Subscriber(ctx context.Context, unp order.UNP) (registers.Subscriber, error)
}

// Heads knows the heads of organisations (M1).
type Heads interface {
	Head(ctx context.Context, unp order.UNP) (registers.Head, error)
}

// Registers asks the state registers. Their errors mean that a register did
// not answer: nothing is known yet, the retry policy asks again.
type Registers struct {
	Requests    RequestStore
	Population  Population
	EGR         EGR
	Taxpayers   Taxpayers
	Subscribers Subscribers
}

// CheckRegisters compares a request with the registers (S7).
func (r *Registers) CheckRegisters(ctx context.Context, in CheckRegistersInput) (CheckRegistersResult, error) {
	checked, err := r.Requests.Checked(ctx, in.RequestID)
	if err != nil {
		return CheckRegistersResult{}, fmt.Errorf("load the checked request: %w", err)
	}
	report, err := r.compare(ctx, in.Kind, checked.Subject)
	return CheckRegistersResult{Report: report.Failed()}, err
}

func (r *Registers) compare(ctx context.Context, kind order.Kind, subject order.Subject) (order.Report, error) {
	person, err := registers.Definite(r.Population.Person(ctx, order.PersonalNumber(order.Latin(subject.PersonalNumber))))
	if err != nil {
		return nil, fmt.Errorf("population register: %w", err)
	}
	if kind == order.KindIndividual {
		return registers.CompareIndividual(subject, person), nil
	}
	unp := order.UNP(order.Latin(subject.UNP))
	organisation, err := registers.Definite(r.EGR.Organisation(ctx, unp))
	if err != nil {
		return nil, fmt.Errorf("EGR: %w", err)
	}
	taxpayer, err := registers.Definite(r.Taxpayers.Taxpayer(ctx, unp))
	if err != nil {
		return nil, fmt.Errorf("taxpayer register: %w", err)
	}
	if kind == order.KindSoleProprietor {
		return registers.CompareProprietor(subject, person, organisation, taxpayer), nil
	}
	subscriber, err := registers.Definite(r.Subscribers.Subscriber(ctx, unp))
	if err != nil {
		return nil, fmt.Errorf("register of contracts: %w", err)
	}
	return registers.CompareEmployee(subject, person, organisation, taxpayer, subscriber), nil
}
