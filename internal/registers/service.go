package registers

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Names of the registers, as screens show them line by line (S7).
const (
	RegisterPopulation  = "population"
	RegisterEGR         = "egr"
	RegisterTaxpayers   = "taxpayers"
	RegisterSubscribers = "subscribers"
)

// The clients of the registers; a record that is not there is ErrNotFound.
type (
	// PopulationRegister knows persons.
	PopulationRegister interface {
		Person(ctx context.Context, number order.PersonalNumber) (Person, error)
	}
	// OrganisationRegister is the EGR: legal entities and sole proprietors.
	OrganisationRegister interface {
		Organisation(ctx context.Context, unp order.UNP) (Organisation, error)
	}
	// TaxpayerRegister knows UNPs.
	TaxpayerRegister interface {
		Taxpayer(ctx context.Context, unp order.UNP) (Taxpayer, error)
	}
	// SubscriberRegister knows who is under the public contract (A4).
	SubscriberRegister interface {
		Subscriber(ctx context.Context, unp order.UNP) (Subscriber, error)
	}
)

// Service makes the second check (S7, A4, A5).
type Service struct {
	Population  PopulationRegister
	EGR         OrganisationRegister
	Taxpayers   TaxpayerRegister
	Subscribers SubscriberRegister
}

// Answered is told what a register came to, as soon as it is known.
type Answered func(ctx context.Context, register string, state order.RegisterState) error

// Check asks every register that the kind of applicant concerns, all at once,
// and compares. An error means that a register did not answer: nothing is
// known yet, and it is asked again.
func (s *Service) Check(ctx context.Context, kind order.Kind, subject order.Subject, answered Answered) (order.Report, error) {
	questions := s.questions(kind, subject)
	reports, silent := make([]order.Report, len(questions)), make([]error, len(questions))
	asking, ctx := errgroup.WithContext(ctx)
	for i, q := range questions {
		asking.Go(func() error {
			reports[i], silent[i] = q.ask(ctx)
			return answered(ctx, q.register, stateOf(reports[i], silent[i]))
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, fmt.Errorf("note the answer of a register: %w", err)
	}
	var report order.Report
	for i, q := range questions {
		if silent[i] != nil {
			return nil, fmt.Errorf("register %s: %w", q.register, silent[i])
		}
		report = append(report, reports[i]...)
	}
	return report, nil
}

// Answer is what one register says before there is an order; Report is empty
// where it is silent.
type Answer struct {
	Register string
	State    order.RegisterState
	Report   order.Report
}

// Answers asks every register that the kind of applicant concerns, all at once:
// what some of them say is known even if others are silent.
func (s *Service) Answers(ctx context.Context, kind order.Kind, subject order.Subject) []Answer {
	questions := s.questions(kind, subject)
	answers := make([]Answer, len(questions))
	var asking sync.WaitGroup
	for i, q := range questions {
		asking.Go(func() {
			report, err := q.ask(ctx)
			answers[i] = Answer{Register: q.register, State: stateOf(report, err), Report: report}
			if err != nil {
				answers[i].Report = nil
			}
		})
	}
	asking.Wait()
	return answers
}

// Registers lists those that are asked about a kind of applicant.
func Registers(kind order.Kind) []string {
	var names []string
	for _, q := range (&Service{}).questions(kind, order.Subject{}) {
		names = append(names, q.register)
	}
	return names
}

// question is one register with what is asked of it.
type question struct {
	register string
	ask      func(ctx context.Context) (order.Report, error)
}

func (s *Service) questions(kind order.Kind, subject order.Subject) []question {
	unp := order.UNP(order.Latin(subject.UNP))
	list := []question{{RegisterPopulation, func(ctx context.Context) (order.Report, error) {
		person, err := Definite(s.Population.Person(ctx, order.PersonalNumber(order.Latin(subject.PersonalNumber))))
		return comparePerson(subject, person), err
	}}}
	if kind == order.KindIndividual {
		return list
	}
	list = append(list,
		question{RegisterEGR, func(ctx context.Context) (order.Report, error) {
			organisation, err := Definite(s.EGR.Organisation(ctx, unp))
			if kind == order.KindSoleProprietor {
				return compareProprietor(subject, organisation), err
			}
			return compareOrganisation(subject, organisation), err
		}},
		question{RegisterTaxpayers, func(ctx context.Context) (order.Report, error) {
			taxpayer, err := Definite(s.Taxpayers.Taxpayer(ctx, unp))
			return order.Report{compareTaxpayer(subject, taxpayer)}, err
		}})
	if kind == order.KindSoleProprietor {
		return list
	}
	return append(list, question{RegisterSubscribers, func(ctx context.Context) (order.Report, error) {
		subscriber, err := Definite(s.Subscribers.Subscriber(ctx, unp))
		return order.Report{compareContract(subscriber)}, err
	}})
}

func stateOf(report order.Report, err error) order.RegisterState {
	switch {
	case err != nil:
		return order.RegisterSilent
	case report.Passed():
		return order.RegisterAgrees
	default:
		return order.RegisterDiffers
	}
}
