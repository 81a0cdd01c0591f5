package registers

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// PersonStatus is what the population register says about a person's life.
type PersonStatus string

// The states of a person.
const (
	Alive    PersonStatus = "alive"
	Deceased PersonStatus = "deceased"
)

// Person is an entry of the population register.
type Person struct {
	// PersonalNumber is the 14-character identification number.
	PersonalNumber string       `json:"personalNumber"`
	Surname        string       `json:"surname"`
	GivenName      string       `json:"givenName"`
	Patronymic     string       `json:"patronymic"`
	Citizenship    string       `json:"citizenship"`
	Resident       bool         `json:"resident"`
	Status         PersonStatus `json:"status"`
}

// Kind tells legal entities from sole proprietors, by the EGR's own codes.
type Kind int

// The kinds of the EGR (nkvob).
const (
	LegalEntity    Kind = 1
	SoleProprietor Kind = 2
)

// State is the state of a registration, by the EGR's own codes (nksost); only Active is good standing.
type State int

// The states of the EGR that the sandbox can name.
const (
	Active      State = 1
	Removed     State = 2
	Liquidation State = 3
	Bankruptcy  State = 4
)

// Organisation is a legal entity or sole proprietor in all the registers at once.
type Organisation struct {
	// UNP is the nine-character taxpayer number.
	UNP       string `json:"unp"`
	Kind      Kind   `json:"kind"`
	State     State  `json:"state"`
	FullName  string `json:"fullName"`
	ShortName string `json:"shortName"`
	// Registered is the date of registration.
	Registered Date `json:"registered"`
	PostCode   int  `json:"postCode"`
	// Town and Street make the address.
	Town   string `json:"town"`
	Street string `json:"street"`
	House  string `json:"house"`
	// TaxOfficeCode and TaxOffice name the tax inspectorate.
	TaxOfficeCode string `json:"taxOfficeCode"`
	TaxOffice     string `json:"taxOffice"`
	// Head is who leads the organisation; nil when the registers name nobody (rule M1).
	Head *Head `json:"head,omitempty"`
	// Contract is what the contract register says; nil when the organisation is no subscriber (rule A4).
	Contract *Contract `json:"contract,omitempty"`
}

// Head is the head of an organisation.
type Head struct {
	PersonalNumber string `json:"personalNumber"`
	Surname        string `json:"surname"`
	GivenName      string `json:"givenName"`
	Patronymic     string `json:"patronymic"`
	Position       string `json:"position"`
	Since          Date   `json:"since"`
}

// Contract says whether the organisation joined the public contract and pays from its own funds.
type Contract struct {
	PublicContract bool `json:"publicContract"`
	OwnFunds       bool `json:"ownFunds"`
}

// Date is a calendar date as YYYY-MM-DD.
type Date string

// in returns the instant at which the date begins in loc.
func (d Date) in(loc *time.Location) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, string(d), loc)
}

// Data are the contents of the registers.
type Data struct {
	Persons       []Person       `json:"persons"`
	Organisations []Organisation `json:"organisations"`
}

// ErrUnknown is returned for a change to an entry that is not there.
var ErrUnknown = errors.New("no such entry")

// store is the changeable state behind the sandboxes.
type store struct {
	mu            sync.RWMutex
	persons       map[string]Person
	organisations map[string]Organisation
}

func newStore(d Data) (*store, error) {
	s := &store{persons: map[string]Person{}, organisations: map[string]Organisation{}}
	for _, p := range d.Persons {
		if err := s.putPerson(p); err != nil {
			return nil, err
		}
	}
	for _, o := range d.Organisations {
		if err := s.putOrganisation(o); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *store) putPerson(p Person) error {
	if p.PersonalNumber == "" || !slices.Contains([]PersonStatus{Alive, Deceased}, p.Status) {
		return errors.New("a person needs a personal number and a status, alive or deceased")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.persons[p.PersonalNumber] = p
	return nil
}

func (s *store) putOrganisation(o Organisation) error {
	if o.UNP == "" || (o.Kind != LegalEntity && o.Kind != SoleProprietor) || o.State < Active {
		return errors.New("an organisation needs a UNP, a kind (1 or 2) and a state (1 is active)")
	}
	dates := []Date{o.Registered}
	if o.Head != nil {
		dates = append(dates, o.Head.Since)
	}
	for _, d := range dates {
		if _, err := d.in(time.UTC); err != nil {
			return fmt.Errorf("organisation %s: %w", o.UNP, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.organisations[o.UNP] = o
	return nil
}

func (s *store) setHead(unp string, h *Head) error {
	o, ok := s.organisation(unp)
	if !ok {
		return ErrUnknown
	}
	o.Head = h
	return s.putOrganisation(o)
}

func (s *store) person(number string) (Person, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.persons[number]
	return p, ok
}

func (s *store) organisation(unp string) (Organisation, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.organisations[unp]
	return o, ok
}
