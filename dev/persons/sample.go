package persons

import (
	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// The sample persons, by what names them in tokens and files.
const (
	// Director heads the organisation whose employees Vera, Oleg and Nina are.
	Director = "director"
	Vera     = "vera"
	// Oleg has an ECDSA key, so that OpenSSL can make his requests.
	Oleg = "oleg"
	Nina = "nina"
	// Individual is a natural person, Proprietor a sole proprietor.
	Individual = "individual"
	Proprietor = "proprietor"
	// Stranger heads another organisation.
	Stranger = "stranger"
)

// The taxpayer numbers of the sample persons.
const (
	OrganisationUNP = "190000018"
	StrangerUNP     = "290000014"
	ProprietorUNP   = "190000020"
)

// Person is a sample person.
type Person struct {
	// ID names the person, Title tells the reader who this is.
	ID, Title string
	Kind      order.Kind
	// Head is set for the head of the organisation.
	Head    bool
	Subject order.Subject
	// Profile is how the certificate carries the subject.
	Profile testca.Profile
	// Family is the algorithm of the key.
	Family authority.Family
	// Phone is the mobile phone, +375 and nine digits.
	Phone string
}

// Service is the service that the person orders.
func (p Person) Service() order.Service {
	if p.Kind == order.KindEmployee {
		return order.ServiceEmployee
	}
	return order.ServiceIndividual
}

// Sample are the sample persons of the families that are there: where one is missing, its persons have keys of the other.
func Sample(families ...authority.Family) []Person {
	staff := func(id, title, phone string, family authority.Family, s order.Subject) Person {
		s.Organisation, s.CommonName, s.UNP = `Общество с ограниченной ответственностью "Пример"`, `ООО "Пример"`, OrganisationUNP
		s.Street = "ул. Примерная, д. 2"
		return person(id, title, phone, order.KindEmployee, family, testca.ProfileExtensions, s)
	}
	director := staff(Director, "руководитель ООО «Пример»", "+375290000001", authority.Bign,
		subject("Пробная", "Анна", "Игоревна", "4150375A010PB6", "Директор"))
	director.Head = true
	stranger := staff(Stranger, "руководитель ООО «Другое»", "+375290000007", authority.Bign,
		subject("Посторонний", "Иван", "Петрович", "3090980A016PB2", "Директор"))
	stranger.Head = true
	stranger.Subject.Organisation, stranger.Subject.CommonName = `Общество с ограниченной ответственностью "Другое"`, `ООО "Другое"`
	stranger.Subject.UNP = StrangerUNP
	oleg := staff(Oleg, "инженер ООО «Пример», ключ ECDSA", "+375290000003", authority.ECDSA,
		subject("Примеров", "Олег", "Янович", "3120281A011PB9", "Инженер"))
	oleg.Profile = testca.ProfileName
	lev := subject("Условный", "Лев", "Денисович", "3171195A014PB6", "")
	lev.CommonName, lev.Region, lev.Locality = "LEU UMOUNY 3171195A014PB6", "", ""
	rita := subject("Модельная", "Маргарита", "Сергеевна", "4260587A015PB6", "")
	rita.CommonName, rita.UNP = "Модельная Маргарита Сергеевна", ProprietorUNP
	return withFamilies([]Person{
		director,
		staff(Vera, "бухгалтер ООО «Пример»", "+375290000002", authority.Bign,
			subject("Образцова", "Вера", "Петровна", "4010190A002PB9", "Бухгалтер")),
		oleg,
		staff(Nina, "юрист ООО «Пример»", "+375290000004", authority.Bign,
			subject("Тестова", "Нина", "Андреевна", "4230790A012PB2", "Юрист")),
		person(Individual, "физическое лицо", "+375290000005", order.KindIndividual, authority.Bign, testca.ProfileIndividual, lev),
		person(Proprietor, "индивидуальный предприниматель", "+375290000006", order.KindSoleProprietor, authority.Bign,
			testca.ProfileExtensions, rita),
		stranger,
	}, families)
}

func person(id, title, phone string, kind order.Kind, f authority.Family, p testca.Profile, s order.Subject) Person {
	s.Email = id + "@example.by"
	return Person{ID: id, Title: title, Kind: kind, Subject: s, Profile: p, Family: f, Phone: phone}
}

func subject(surname, given, patronymic, number, position string) order.Subject {
	return order.Subject{Surname: surname, GivenName: given, Patronymic: patronymic, PersonalNumber: number, Country: "BY",
		Region: "Минская", Locality: "г. Минск", Position: position}
}

func withFamilies(all []Person, families []authority.Family) []Person {
	if len(families) != 1 {
		return all
	}
	for i := range all {
		all[i].Family = families[0]
	}
	return all
}
