package persons

import (
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// registered is the day since when the registers know everybody.
const registered registers.Date = "2015-03-02"

// Entries are what the registers know of the persons and their organisations.
func Entries(list []Person) registers.Data {
	var data registers.Data
	organisations := map[string]int{}
	for _, p := range list {
		s := p.Subject
		data.Persons = append(data.Persons, registers.Person{PersonalNumber: s.PersonalNumber, Surname: s.Surname, GivenName: s.GivenName,
			Patronymic: s.Patronymic, Citizenship: "BY", Resident: true, Status: registers.Alive})
		if s.UNP == "" {
			continue
		}
		at, known := organisations[s.UNP]
		if !known {
			at = len(data.Organisations)
			organisations[s.UNP] = at
			data.Organisations = append(data.Organisations, organisation(p))
		}
		if p.Head {
			data.Organisations[at].Head = &registers.Head{PersonalNumber: s.PersonalNumber, Surname: s.Surname, GivenName: s.GivenName,
				Patronymic: s.Patronymic, Position: s.Position, Since: registered}
		}
	}
	return data
}

func organisation(p Person) registers.Organisation {
	o := registers.Organisation{
		UNP: p.Subject.UNP, Kind: registers.LegalEntity, State: registers.Active, FullName: p.Subject.Organisation,
		ShortName: p.Subject.CommonName, Registered: registered, PostCode: 220000, Town: "г. Минск", Street: "ул. Примерная", House: "2",
		TaxOfficeCode: "101", TaxOffice: "Инспекция МНС", Contract: &registers.Contract{PublicContract: true, OwnFunds: true},
	}
	if p.Kind == order.KindSoleProprietor {
		name := p.Subject.Surname + " " + p.Subject.GivenName + " " + p.Subject.Patronymic
		o.Kind, o.FullName, o.ShortName, o.Contract = registers.SoleProprietor, name, name, nil
	}
	return o
}

// The callers of the API that are no persons.
const (
	Operator = "operator"
	Gateway  = "gateway"
	// Program follows orders by events and webhooks.
	Program = "program"
)

// SignIns are the persons as the portal's issuer knows them, with an operator, a payment gateway and a program beside them.
func SignIns(holders []Holder) []oidc.Person {
	var list []oidc.Person
	for _, h := range holders {
		list = append(list, h.SignIn())
	}
	return append(list,
		oidc.Person{ID: Operator, Title: "оператор", Claims: oidc.Claims{
			Subject: Operator, Scopes: []oidc.Scope{oidc.Operator}, Permissions: []string{"temporal-system:read"},
		}},
		oidc.Person{ID: Gateway, Title: "платёжный шлюз", Claims: oidc.Claims{Subject: Gateway, Scopes: []oidc.Scope{oidc.Gateway}}},
		oidc.Person{ID: Program, Title: "программа интегратора", Claims: oidc.Claims{Subject: Program, Scopes: []oidc.Scope{oidc.Events, oidc.Webhooks}}})
}

// SignIn is the person as the portal's issuer knows them.
func (h Holder) SignIn() oidc.Person {
	s := h.Subject
	c := oidc.Claims{
		Subject: h.ID, Scopes: []oidc.Scope{oidc.Applicant}, PersonalNumber: s.PersonalNumber,
		Name: s.Surname + " " + s.GivenName + " " + s.Patronymic, Certificate: h.Certificate.Raw, UNP: s.UNP,
	}
	if h.Head {
		c.Scopes = append(c.Scopes, oidc.Manager)
	}
	return oidc.Person{ID: h.ID, Title: h.Title, Claims: c}
}
