package activities_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

const (
	plantUNP   order.UNP            = "190000018"
	personalNo order.PersonalNumber = "4010190A002PB9"
)

// state is every register of the state, with one that is silent or does not
// know what it is asked about.
type state struct {
	silent, unknown string
	asked           []string
}

func (s *state) ask(register string) error {
	s.asked = append(s.asked, register)
	switch register {
	case s.silent:
		return registers.ErrUnavailable
	case s.unknown:
		return registers.ErrNotFound
	default:
		return nil
	}
}

func (s *state) Person(_ context.Context, number order.PersonalNumber) (registers.Person, error) {
	return registers.Person{
		PersonalNumber: number, Surname: "Петрова", GivenName: "Анна", Patronymic: "Сергеевна", Citizenship: "BY",
		Resident: true, Status: registers.StatusAlive,
	}, s.ask("population")
}

func (s *state) Taxpayer(_ context.Context, unp order.UNP) (registers.Taxpayer, error) {
	return registers.Taxpayer{UNP: unp, FullName: "any", Active: true}, s.ask("taxpayers")
}

func (s *state) Subscriber(_ context.Context, unp order.UNP) (registers.Subscriber, error) {
	return registers.Subscriber{UNP: unp, PublicContract: true, OwnFunds: true}, s.ask("contracts")
}

// egr answers with a legal entity or a sole proprietor.
type egr struct {
	*state
	kind registers.OrganisationKind
}

func (e egr) Organisation(_ context.Context, unp order.UNP) (registers.Organisation, error) {
	return registers.Organisation{
		UNP: unp, Kind: e.kind, FullName: "Открытое акционерное общество «Тестовый завод»",
		ProprietorName: "Петрова Анна Сергеевна", State: registers.State{Code: 1},
	}, e.ask("egr")
}

func checks(s *state, kind order.Kind) (*activities.Registers, activities.CheckRegistersInput) {
	entity := registers.KindLegalEntity
	if kind == order.KindSoleProprietor {
		entity = registers.KindSoleProprietor
	}
	store := &requestStore{checked: map[string]activities.CheckedRequest{"request": {Subject: order.Subject{
		Surname: "Петрова", GivenName: "Анна", Patronymic: "Сергеевна", PersonalNumber: string(personalNo), UNP: string(plantUNP),
		Organisation: `Открытое акционерное общество "Тестовый завод"`,
	}}}}
	return &activities.Registers{Requests: store, Population: s, EGR: egr{state: s, kind: entity}, Taxpayers: s, Subscribers: s},
		activities.CheckRegistersInput{RequestID: "request", Kind: kind}
}

// asked are the registers that know something about each kind of applicant.
var asked = map[order.Kind][]string{
	order.KindIndividual:     {"population"},
	order.KindSoleProprietor: {"population", "egr", "taxpayers"},
	order.KindEmployee:       {"population", "egr", "taxpayers", "contracts"},
}

func TestS7_AgreeingRegisters(t *testing.T) {
	for kind, want := range asked {
		t.Run(string(kind), func(t *testing.T) {
			s := &state{}
			r, in := checks(s, kind)
			res, err := r.CheckRegisters(t.Context(), in)
			require.NoError(t, err)
			require.Empty(t, res.Report)
			require.Equal(t, want, s.asked)
		})
	}
}

func TestS7_UnknownToARegisterIsADifference(t *testing.T) {
	codes := map[string]order.CheckCode{
		"population": order.CheckPerson, "egr": order.CheckOrganisation, "taxpayers": order.CheckTaxpayer, "contracts": order.CheckContract,
	}
	for kind, all := range asked {
		for _, register := range all {
			t.Run(string(kind)+" "+register, func(t *testing.T) {
				s := &state{unknown: register}
				r, in := checks(s, kind)
				res, err := r.CheckRegisters(t.Context(), in)
				require.NoError(t, err)
				require.Equal(t, codes[register], res.Report.Failed()[0].Code)
				require.Len(t, res.Report, 1, "only what failed")
			})
		}
	}
}

func TestS7_SilenceIsNoDifference(t *testing.T) {
	for kind, all := range asked {
		for _, register := range all {
			t.Run(string(kind)+" "+register, func(t *testing.T) {
				s := &state{silent: register}
				r, in := checks(s, kind)
				res, err := r.CheckRegisters(t.Context(), in)
				requireRetried(t, err)
				require.Empty(t, res.Report)
				require.NotContains(t, err.Error(), string(personalNo))
			})
		}
	}
}

func TestS7_LostRequestIsTriedAgain(t *testing.T) {
	r, in := checks(&state{}, order.KindEmployee)
	in.RequestID = "lost"
	_, err := r.CheckRegisters(t.Context(), in)
	requireRetried(t, err)
}
