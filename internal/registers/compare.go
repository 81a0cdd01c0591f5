package registers

import (
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Causes of failed checks against the registers; stable, for translation.
const (
	CauseUnknown        = "unknown"          // the register has no such record
	CauseDiffers        = "differs"          // Found and Expected are not the same
	CauseDeceased       = "deceased"         // the person does not live
	CauseNotResident    = "not-resident"     // A5
	CauseNotActive      = "not-active"       // the organisation or the UNP does not act
	CauseNotLegalEntity = "not-legal-entity" // an employee's organisation is a sole proprietor
	CauseNotProprietor  = "not-proprietor"   // a sole proprietor's UNP is a legal entity's
	CauseNoContract     = "no-contract"      // A4: not under the public contract
	CauseNotOwnFunds    = "not-own-funds"    // A4: does not pay from its own funds
)

// CompareEmployee is the second check of 6.0.01 (S7, A4, A5): the person, the
// organisation, its UNP and its contract. A zero record is one the register does
// not have. Found is the request's value, Expected the register's.
func CompareEmployee(
	subject order.Subject, person Person, organisation Organisation, taxpayer Taxpayer, subscriber Subscriber,
) order.Report {
	report := comparePerson(subject, person)
	report = append(report, compareOrganisation(subject, organisation)...)
	report = append(report, compareTaxpayer(subject, taxpayer))
	return append(report, compareContract(subscriber))
}

// CompareIndividual is the second check of 6.0.00 for an individual (S7, A5).
func CompareIndividual(subject order.Subject, person Person) order.Report {
	return comparePerson(subject, person)
}

// CompareProprietor is the second check of 6.0.00 for a sole proprietor (S7, A5):
// the person, and the registration and UNP of their business.
func CompareProprietor(
	subject order.Subject, person Person, organisation Organisation, taxpayer Taxpayer,
) order.Report {
	report := comparePerson(subject, person)
	report = append(report, compareProprietor(subject, organisation)...)
	return append(report, compareTaxpayer(subject, taxpayer))
}

// CompareHead tells whether the holder of a certificate is the head whom the EGR
// records for the organisation that the certificate, or an attribute
// certificate of it, names (M1). Where the record has a personal number it has to
// be the same, without the prefix of ID cards; names always.
func CompareHead(subject order.Subject, head Head) order.Report {
	if head == (Head{}) {
		return order.Report{failed(order.CheckHead, CauseUnknown)}
	}
	var differs order.Report
	if !sameNumber(subject.UNP, string(head.UNP)) {
		differs = append(differs, difference(order.CheckHead, order.FieldUNP, subject.UNP, string(head.UNP)))
	}
	if number := string(head.PersonalNumber); number != "" && !samePerson(subject.PersonalNumber, number) {
		differs = append(differs, difference(order.CheckHead, order.FieldPersonalNumber, subject.PersonalNumber, number))
	}
	differs = append(differs, compareNames(order.CheckHead, subject,
		order.Subject{Surname: head.Surname, GivenName: head.GivenName, Patronymic: head.Patronymic})...)
	return orPassed(order.CheckHead, differs)
}

// CompareCaller is CompareHead for somebody who signs in. Certificates on ID
// cards name no organisation: there the personal number decides alone. Where the
// register has none, a certificate that names no UNP may be a namesake's (M1).
func CompareCaller(subject order.Subject, head Head) order.Report {
	if subject.UNP == "" && head.PersonalNumber != "" {
		subject.UNP = string(head.UNP)
	}
	return CompareHead(subject, head)
}

func comparePerson(subject order.Subject, person Person) order.Report {
	if person == (Person{}) {
		return order.Report{failed(order.CheckPerson, CauseUnknown)}
	}
	var differs order.Report
	if number := string(person.PersonalNumber); !samePerson(subject.PersonalNumber, number) {
		differs = append(differs, difference(order.CheckPerson, order.FieldPersonalNumber, subject.PersonalNumber, number))
	}
	differs = append(differs, compareNames(order.CheckPerson, subject,
		order.Subject{Surname: person.Surname, GivenName: person.GivenName, Patronymic: person.Patronymic})...)
	if person.Status == StatusDeceased {
		differs = append(differs, failed(order.CheckPerson, CauseDeceased))
	}
	report := orPassed(order.CheckPerson, differs)
	if !person.Resident {
		return append(report, failed(order.CheckResident, CauseNotResident))
	}
	return append(report, passed(order.CheckResident))
}

// compareNames names each part that differs. Where the subject keeps given name
// and patronymic in one value, they are compared, and reported, as one.
func compareNames(code order.CheckCode, subject, expected order.Subject) order.Report {
	var differs order.Report
	if !sameName(subject.Surname, expected.Surname) {
		differs = append(differs, difference(code, order.FieldSurname, subject.Surname, expected.Surname))
	}
	if subject.Patronymic == "" {
		joined := collapse(expected.GivenName + " " + expected.Patronymic)
		if !sameName(subject.GivenName, joined) {
			differs = append(differs, difference(code, order.FieldGivenName, subject.GivenName, joined))
		}
		return differs
	}
	if !sameName(subject.GivenName, expected.GivenName) {
		differs = append(differs, difference(code, order.FieldGivenName, subject.GivenName, expected.GivenName))
	}
	if !sameName(subject.Patronymic, expected.Patronymic) {
		differs = append(differs, difference(code, order.FieldPatronymic, subject.Patronymic, expected.Patronymic))
	}
	return differs
}

func compareOrganisation(subject order.Subject, organisation Organisation) order.Report {
	if organisation == (Organisation{}) {
		return order.Report{failed(order.CheckOrganisation, CauseUnknown)}
	}
	differs := compareStanding(subject, organisation)
	switch {
	case organisation.Kind != KindLegalEntity:
		differs = append(differs, failed(order.CheckOrganisation, CauseNotLegalEntity))
	case !sameOrganisation(subject.Organisation, organisation.FullName) &&
		!sameOrganisation(subject.Organisation, organisation.ShortName):
		differs = append(differs, difference(order.CheckOrganisation, order.FieldOrganisation,
			subject.Organisation, organisation.FullName))
	}
	return orPassed(order.CheckOrganisation, differs)
}

func compareProprietor(subject order.Subject, organisation Organisation) order.Report {
	if organisation == (Organisation{}) {
		return order.Report{failed(order.CheckOrganisation, CauseUnknown)}
	}
	differs := compareStanding(subject, organisation)
	name := collapse(subject.Surname + " " + subject.GivenName + " " + subject.Patronymic)
	switch {
	case organisation.Kind != KindSoleProprietor:
		differs = append(differs, failed(order.CheckOrganisation, CauseNotProprietor))
	case !sameName(name, organisation.ProprietorName):
		differs = append(differs, difference(order.CheckOrganisation, order.FieldSurname, name, organisation.ProprietorName))
	}
	return orPassed(order.CheckOrganisation, differs)
}

// compareStanding checks what legal entities and sole proprietors have in common.
func compareStanding(subject order.Subject, organisation Organisation) order.Report {
	var differs order.Report
	if unp := string(organisation.UNP); !sameNumber(subject.UNP, unp) {
		differs = append(differs, difference(order.CheckOrganisation, order.FieldUNP, subject.UNP, unp))
	}
	if !organisation.State.Active() {
		check := failed(order.CheckOrganisation, CauseNotActive)
		check.Found, check.Expected = strconv.Itoa(organisation.State.Code), strconv.Itoa(stateActive)
		differs = append(differs, check)
	}
	return differs
}

// compareTaxpayer looks at the standing only: the two registers spell names differently.
func compareTaxpayer(subject order.Subject, taxpayer Taxpayer) order.Check {
	switch {
	case taxpayer == (Taxpayer{}):
		return failed(order.CheckTaxpayer, CauseUnknown)
	case !sameNumber(subject.UNP, string(taxpayer.UNP)):
		return difference(order.CheckTaxpayer, order.FieldUNP, subject.UNP, string(taxpayer.UNP))
	case !taxpayer.Active:
		return failed(order.CheckTaxpayer, CauseNotActive)
	}
	return passed(order.CheckTaxpayer)
}

func compareContract(subscriber Subscriber) order.Check {
	switch {
	case !subscriber.PublicContract:
		return failed(order.CheckContract, CauseNoContract)
	case !subscriber.OwnFunds:
		return failed(order.CheckContract, CauseNotOwnFunds)
	}
	return passed(order.CheckContract)
}
