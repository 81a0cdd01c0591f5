package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/remote-issuance/remote-issuance/dev/registers"
)

// misbehaviour is how a register is to misbehave from now on; an empty one heals it and gives it back its entries.
type misbehaviour struct {
	// Silent gives no answer but 503.
	Silent bool `json:"silent"`
	// SlowMillis delays each answer, PerSecond refuses what goes beyond so many a second, Garbage answers no register's format.
	SlowMillis int  `json:"slowMillis"`
	PerSecond  int  `json:"perSecond"`
	Garbage    bool `json:"garbage"`
	// Person is whose entry in the population register differs: a sample person or a personal number. UNP is whose entry in the other
	// registers does. Differs are the fields that do, as the registers write them.
	Person  string          `json:"person"`
	UNP     string          `json:"unp"`
	Differs json.RawMessage `json:"differs"`
}

// differing remembers the entries that were changed.
type differing struct {
	mu            sync.Mutex
	persons       map[string]registers.Person
	organisations map[string]registers.Organisation
}

func (s *Server) misbehave(_ context.Context, r *http.Request, m misbehaviour) (map[registers.Register]int, error) {
	name := registers.Register(r.PathValue("register"))
	fault := registers.Fault{Down: m.Silent, SlowMillis: m.SlowMillis, PerSecond: m.PerSecond, Garbage: m.Garbage}
	if err := s.o.Registers.SetFault(name, fault); err != nil {
		return nil, err
	}
	s.differing.mu.Lock()
	defer s.differing.mu.Unlock()
	var err error
	switch {
	case len(m.Differs) == 0 && m.Person == "" && m.UNP == "":
		err = s.restore(name)
	case len(m.Differs) == 0 || (m.Person == "") == (m.UNP == ""):
		err = errors.New("want differs with the fields, and person or unp with whose they are")
	case name == registers.Population && m.Person != "":
		err = s.differPerson(m.Person, m.Differs)
	case name != registers.Population && m.UNP != "":
		err = s.differOrganisation(m.UNP, m.Differs)
	default:
		err = errors.New("population has entries of persons, the other registers have entries of a unp")
	}
	if err != nil {
		return nil, err
	}
	return s.registersNow(), nil
}

// registersNow is how often each register was asked.
func (s *Server) registersNow() map[registers.Register]int {
	calls := map[registers.Register]int{}
	for _, name := range registers.All() {
		calls[name] = s.o.Registers.Calls(name)
	}
	return calls
}

func (s *Server) differPerson(who string, fields []byte) error {
	for _, h := range s.o.Holders() {
		if h.ID == who {
			who = h.Subject.PersonalNumber
		}
	}
	entry, ok := s.o.Registers.Person(who)
	if !ok {
		return fmt.Errorf("person %s: %w", who, registers.ErrUnknown)
	}
	if s.differing.persons == nil {
		s.differing.persons = map[string]registers.Person{}
	}
	if _, remembered := s.differing.persons[who]; !remembered {
		s.differing.persons[who] = entry
	}
	if err := lay(fields, &entry); err != nil {
		return err
	}
	entry.PersonalNumber = who
	return s.o.Registers.PutPerson(entry)
}

func (s *Server) differOrganisation(unp string, fields []byte) error {
	entry, ok := s.o.Registers.Organisation(unp)
	if !ok {
		return fmt.Errorf("organisation %s: %w", unp, registers.ErrUnknown)
	}
	if s.differing.organisations == nil {
		s.differing.organisations = map[string]registers.Organisation{}
	}
	if _, remembered := s.differing.organisations[unp]; !remembered {
		s.differing.organisations[unp] = entry
	}
	// What is behind pointers must stay as it was in the entry that is remembered.
	entry = clone(entry)
	if err := lay(fields, &entry); err != nil {
		return err
	}
	entry.UNP = unp
	return s.o.Registers.PutOrganisation(entry)
}

func clone(o registers.Organisation) registers.Organisation {
	if o.Head != nil {
		head := *o.Head
		o.Head = &head
	}
	if o.Contract != nil {
		contract := *o.Contract
		o.Contract = &contract
	}
	return o
}

// lay writes the fields over those of an entry.
func lay(fields []byte, entry any) error {
	dec := json.NewDecoder(bytes.NewReader(fields))
	dec.DisallowUnknownFields()
	if err := dec.Decode(entry); err != nil {
		return fmt.Errorf("differs: %w", err)
	}
	return nil
}

// restore puts back what was changed. Organisations are one entry of all registers but that of persons.
func (s *Server) restore(name registers.Register) error {
	var errs []error
	if name == registers.Population {
		for _, entry := range s.differing.persons {
			errs = append(errs, s.o.Registers.PutPerson(entry))
		}
		s.differing.persons = nil
		return errors.Join(errs...)
	}
	for _, entry := range s.differing.organisations {
		errs = append(errs, s.o.Registers.PutOrganisation(entry))
	}
	s.differing.organisations = nil
	return errors.Join(errs...)
}
