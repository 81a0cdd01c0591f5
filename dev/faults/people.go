package main

import (
	"sync"
	"sync/atomic"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// people are the persons of a run; each orders once.
type people struct {
	driver   *driver
	invented atomic.Int64

	mu       sync.Mutex
	managers map[int]*manager
	// kept are payments of orders whose term runs out, by what they are of.
	kept map[string]contract.Payment
}

// applicant is a person with everything that an order takes, request file included.
type applicant struct {
	*caller.Caller
	service order.Service
	upload  caller.Upload
}

// manager is the head of an organisation.
type manager struct {
	persons.Holder
	*caller.Caller
}

// listsOfOne is how many confirmations a manager makes before another one takes over: the API limits them.
const listsOfOne = 8

// manager is that of the n-th unit.
func (p *people) manager(n int) (*manager, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok := p.managers[n/listsOfOne]; ok {
		return m, nil
	}
	like := p.driver.rig.stack.Holder(persons.Vera).Person
	at := p.invented.Add(1)
	head := persons.Employ(persons.Invent(like, at), at)
	head.Head, head.Subject.Position = true, "Директор"
	h, token, err := p.driver.rig.stack.Enrol(head)
	if err != nil {
		return nil, err
	}
	if p.managers == nil {
		p.managers = map[int]*manager{}
	}
	m := &manager{Holder: h, Caller: p.driver.caller(token)}
	p.managers[n/listsOfOne] = m
	return m, nil
}

// applicant invents a person like a sample one, an employee of the manager where there is one. The registers know one who differs by
// another name.
func (p *people) applicant(like string, of *manager, differs bool) (applicant, error) {
	s := p.driver.rig.stack
	person := persons.Invent(s.Holder(like).Person, p.invented.Add(1))
	if of != nil {
		person.Subject.Organisation, person.Subject.CommonName, person.Subject.UNP = of.Subject.Organisation, of.Subject.CommonName, of.Subject.UNP
	}
	h, token, err := s.Enrol(person)
	if err != nil {
		return applicant{}, err
	}
	if differs {
		entry, _ := s.Registers().Person(person.Subject.PersonalNumber)
		entry.Surname = "Иная"
		if err := s.Registers().PutPerson(entry); err != nil {
			return applicant{}, err
		}
	}
	file, err := h.Request(s.Now(), 1)
	return applicant{Caller: p.driver.caller(token), service: person.Service(),
		upload: caller.Upload{File: file, Email: person.Subject.Email, Phone: person.Phone}}, err
}

// keep remembers what is paid when the term is over.
func (p *people) keep(of string, payment contract.Payment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[string]contract.Payment{}
	}
	p.kept[of] = payment
}

func (p *people) recall(of string) contract.Payment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[of]
}
