package stack

import (
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Enrol gives a person a key, a certificate, entries in the registers and a token. The organisation of an employee is entered with
// its head.
func (s *Stack) Enrol(p persons.Person) (h persons.Holder, token string, err error) {
	if h, err = persons.Make(s.cas, s.clock.Now(), p); err != nil {
		return h, "", err
	}
	data := persons.Entries([]persons.Person{p})
	for _, entry := range data.Persons {
		if err := s.registers.PutPerson(entry); err != nil {
			return h, "", err
		}
	}
	for _, entry := range data.Organisations {
		if p.Kind == order.KindEmployee && !p.Head {
			continue
		}
		if err := s.registers.PutOrganisation(entry); err != nil {
			return h, "", err
		}
	}
	token, err = s.issuer.Issue(h.SignIn().Claims)
	return h, token, err
}
