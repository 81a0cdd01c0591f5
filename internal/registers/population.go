package registers

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// LifeStatus tells whether a person of the population register lives.
type LifeStatus string

// The statuses of a person.
const (
	StatusAlive    LifeStatus = "alive"
	StatusDeceased LifeStatus = "deceased"
)

// Person is what the population register knows under a personal number. The zero
// value stands for a person whom the register does not know.
type Person struct {
	PersonalNumber order.PersonalNumber `json:"personalNumber"`
	Surname        string               `json:"surname"`
	GivenName      string               `json:"givenName"`
	Patronymic     string               `json:"patronymic,omitempty"`
	// Citizenship is an ISO 3166 alpha-2 code.
	Citizenship string     `json:"citizenship,omitempty"`
	Resident    bool       `json:"resident"`
	Status      LifeStatus `json:"status"`
}

// Population asks the population register.
type Population struct{ c *client }

// NewPopulation is a client of the population register:
// GET {base}/population/v1/persons/{personalNumber}, 404 for an unknown one.
func NewPopulation(o Options) (*Population, error) {
	c, err := newAgreed("population", o)
	if err != nil {
		return nil, err
	}
	return &Population{c: c}, nil
}

// newAgreed is a client of a register whose answers this package defines.
func newAgreed(register string, o Options) (*client, error) {
	c, err := newClient(register, o)
	if err != nil {
		return nil, err
	}
	c.definite404 = true
	return c, nil
}

// Person asks for the holder of a personal number. The errors are ErrNotFound and ErrUnavailable.
func (p *Population) Person(ctx context.Context, number order.PersonalNumber) (Person, error) {
	return fetch(ctx, p.c, "/population/v1/persons/"+url.PathEscape(string(number)), func(body []byte) (Person, error) {
		return parsePerson(body, number)
	})
}

func parsePerson(body []byte, number order.PersonalNumber) (Person, error) {
	// resident is a pointer: a missing answer must not read as "no".
	var answer struct {
		Person
		Resident *bool `json:"resident"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Person{}, errNotJSON
	}
	switch {
	case answer.PersonalNumber != number:
		return Person{}, errOtherRecord
	case answer.Surname == "" || answer.GivenName == "" || answer.Resident == nil:
		return Person{}, errIncomplete
	case answer.Status != StatusAlive && answer.Status != StatusDeceased:
		return Person{}, errUnknownValue
	}
	person := answer.Person
	person.Resident = *answer.Resident
	return person, nil
}
