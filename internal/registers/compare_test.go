package registers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// records are what the registers say about the test's employee.
type records struct {
	subject      order.Subject
	person       Person
	organisation Organisation
	taxpayer     Taxpayer
	subscriber   Subscriber
	head         Head
}

func matching() records {
	return records{
		subject: order.Subject{
			Surname: "Образцова", GivenName: "Проба", Patronymic: "Примеровна", PersonalNumber: string(testNumber),
			Organisation: "ООО «Пример»", UNP: string(testUNP),
		},
		person: Person{
			PersonalNumber: testNumber, Surname: "ОБРАЗЦОВА", GivenName: "Проба", Patronymic: "Примеровна",
			Resident: true, Status: StatusAlive,
		},
		organisation: Organisation{
			UNP: testUNP, Kind: KindLegalEntity, FullName: "Общество «Пример»", ShortName: "ООО «Пример»",
			State: State{Code: 1},
		},
		taxpayer:   Taxpayer{UNP: testUNP, FullName: `ООО "ПРИМЕР"`, Active: true},
		subscriber: Subscriber{UNP: testUNP, PublicContract: true, OwnFunds: true},
		head:       Head{UNP: testUNP, PersonalNumber: testNumber, Surname: "Образцова", GivenName: "Проба", Patronymic: "Примеровна"},
	}
}

func (r records) employee() order.Report {
	return CompareEmployee(r.subject, r.person, r.organisation, r.taxpayer, r.subscriber)
}

func TestS7_EmployeeAsTheRegistersSay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*records){
		"as is":                      func(*records) {},
		"name and patronymic in one": func(r *records) { r.subject.GivenName, r.subject.Patronymic = "Проба  Примеровна ", "" },
		"full name of organisation":  func(r *records) { r.subject.Organisation = `ОБЩЕСТВО "Пример"` },
		"nested quotes":              func(r *records) { r.organisation.FullName, r.subject.Organisation = "«А «Б»", `"а "б""` },
		"decomposed letters":         func(r *records) { r.person.Surname, r.subject.Surname = "Сини\u0439", "Сини\u0438\u0306" },
		"Cyrillic in the number":     func(r *records) { r.subject.PersonalNumber = "3010190А001РВ9" },
		"no patronymic at all":       func(r *records) { r.subject.Patronymic, r.person.Patronymic = "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := matching()
			change(&r)
			report := r.employee()
			require.Empty(t, report.Failed())
			require.Equal(t, order.Report{
				passed(order.CheckPerson), passed(order.CheckResident), passed(order.CheckOrganisation),
				passed(order.CheckTaxpayer), passed(order.CheckContract),
			}, report)
		})
	}
}

func TestS7_EmployeeDifferences(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*records)
		want   order.Report
	}{
		"surname": {func(r *records) { r.subject.Surname = "Другая" }, order.Report{
			difference(order.CheckPerson, order.FieldSurname, "Другая", "ОБРАЗЦОВА")}},
		"given name": {func(r *records) { r.subject.GivenName = "Иная" }, order.Report{
			difference(order.CheckPerson, order.FieldGivenName, "Иная", "Проба")}},
		"patronymic": {func(r *records) { r.subject.Patronymic = "Иная" }, order.Report{
			difference(order.CheckPerson, order.FieldPatronymic, "Иная", "Примеровна")}},
		"joined names": {func(r *records) { r.subject.GivenName, r.subject.Patronymic = "Проба Иная", "" }, order.Report{
			difference(order.CheckPerson, order.FieldGivenName, "Проба Иная", "Проба Примеровна")}},
		"number of another person": {func(r *records) { r.subject.PersonalNumber = "3010190A002PB9" }, order.Report{
			difference(order.CheckPerson, order.FieldPersonalNumber, "3010190A002PB9", string(testNumber))}},
		"no such person": {func(r *records) { r.person = Person{} }, order.Report{failed(order.CheckPerson, CauseUnknown)}},
		"deceased":       {func(r *records) { r.person.Status = StatusDeceased }, order.Report{failed(order.CheckPerson, CauseDeceased)}},
		"A5 not resident": {func(r *records) { r.person.Resident = false }, order.Report{
			failed(order.CheckResident, CauseNotResident)}},
		"organisation name": {func(r *records) { r.subject.Organisation = "ООО «Иное»" }, order.Report{
			difference(order.CheckOrganisation, order.FieldOrganisation, "ООО «Иное»", "Общество «Пример»")}},
		"no short name and none in the request": {func(r *records) { r.subject.Organisation, r.organisation.ShortName = "", "" }, order.Report{
			difference(order.CheckOrganisation, order.FieldOrganisation, "", "Общество «Пример»")}},
		"no such organisation": {func(r *records) { r.organisation = Organisation{} }, order.Report{
			failed(order.CheckOrganisation, CauseUnknown)}},
		"being liquidated": {func(r *records) { r.organisation.State.Code = 3 }, order.Report{
			{Code: order.CheckOrganisation, Verdict: order.VerdictFailed, Found: "3", Expected: "1", Cause: CauseNotActive}}},
		"sole proprietor": {func(r *records) { r.organisation.Kind = KindSoleProprietor }, order.Report{
			failed(order.CheckOrganisation, CauseNotLegalEntity)}},
		"UNP without record": {func(r *records) { r.taxpayer = Taxpayer{} }, order.Report{failed(order.CheckTaxpayer, CauseUnknown)}},
		"inactive UNP":       {func(r *records) { r.taxpayer.Active = false }, order.Report{failed(order.CheckTaxpayer, CauseNotActive)}},
		"UNP of another": {func(r *records) { r.subject.UNP = "191700161" }, order.Report{
			difference(order.CheckOrganisation, order.FieldUNP, "191700161", string(testUNP)),
			difference(order.CheckTaxpayer, order.FieldUNP, "191700161", string(testUNP))}},
		"A4 no contract": {func(r *records) { r.subscriber = Subscriber{} }, order.Report{failed(order.CheckContract, CauseNoContract)}},
		"A4 budget funds": {func(r *records) { r.subscriber.OwnFunds = false }, order.Report{
			failed(order.CheckContract, CauseNotOwnFunds)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := matching()
			tt.change(&r)
			require.Equal(t, tt.want, r.employee().Failed())
		})
	}
}

func TestS7_IndividualIsThePersonOnly(t *testing.T) {
	t.Parallel()
	r := matching()
	require.Equal(t, order.Report{passed(order.CheckPerson), passed(order.CheckResident)}, CompareIndividual(r.subject, r.person))
	require.False(t, CompareIndividual(r.subject, Person{}).Passed())
}

func TestS7_SoleProprietor(t *testing.T) {
	t.Parallel()
	r := matching()
	r.organisation = Organisation{
		UNP: testUNP, Kind: KindSoleProprietor, ProprietorName: "Образцова Проба Примеровна", State: State{Code: 1},
	}
	report := func() order.Report { return CompareProprietor(r.subject, r.person, r.organisation, r.taxpayer) }
	require.Empty(t, report().Failed())
	r.organisation.ProprietorName = "Иная Проба Примеровна"
	require.Equal(t, order.Report{difference(order.CheckOrganisation, order.FieldSurname,
		"Образцова Проба Примеровна", "Иная Проба Примеровна")}, report().Failed())
	r.organisation.Kind = KindLegalEntity
	require.Equal(t, order.Report{failed(order.CheckOrganisation, CauseNotProprietor)}, report().Failed())
	r.organisation = Organisation{}
	require.Equal(t, order.Report{failed(order.CheckOrganisation, CauseUnknown)}, report().Failed())
}

func TestM1_Head(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*records)
		want   order.Report
	}{
		"the head":                   {func(*records) {}, nil},
		"no number recorded":         {func(r *records) { r.head.PersonalNumber = "" }, nil},
		"no head recorded":           {func(r *records) { r.head = Head{} }, order.Report{failed(order.CheckHead, CauseUnknown)}},
		"a namesake":                 {func(r *records) { r.head.PersonalNumber = "3010190A002PB9" }, order.Report{difference(order.CheckHead, order.FieldPersonalNumber, string(testNumber), "3010190A002PB9")}},
		"certificate without number": {func(r *records) { r.subject.PersonalNumber = "" }, order.Report{difference(order.CheckHead, order.FieldPersonalNumber, "", string(testNumber))}},
		"another surname":            {func(r *records) { r.head.Surname = "Иная" }, order.Report{difference(order.CheckHead, order.FieldSurname, "Образцова", "Иная")}},
		"an ID card's number":        {func(r *records) { r.subject.PersonalNumber = "IDCBY-" + r.subject.PersonalNumber }, nil},
		"no UNP, no number recorded": {func(r *records) { r.head.PersonalNumber, r.subject.UNP = "", "" }, order.Report{difference(order.CheckHead, order.FieldUNP, "", string(testUNP))}},
		"another organisation":       {func(r *records) { r.subject.UNP = "191700161" }, order.Report{difference(order.CheckHead, order.FieldUNP, "191700161", string(testUNP))}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := matching()
			tt.change(&r)
			require.Equal(t, tt.want, CompareHead(r.subject, r.head).Failed())
		})
	}
}

func TestM1_CallersAreTheHeadByNumberOrByOrganisation(t *testing.T) {
	t.Parallel()
	unp := func(found string) order.Report {
		return order.Report{difference(order.CheckHead, order.FieldUNP, found, string(testUNP))}
	}
	for name, c := range map[string]struct {
		change func(*records)
		want   order.Report
	}{
		"the head":                         {func(*records) {}, nil},
		"with an ID card":                  {func(r *records) { r.subject.UNP, r.subject.PersonalNumber = "", "IDCBY-"+r.subject.PersonalNumber }, nil},
		"without number recorded":          {func(r *records) { r.head.PersonalNumber = "" }, nil},
		"a namesake without number":        {func(r *records) { r.head.PersonalNumber, r.subject.UNP = "", "" }, unp("")},
		"of another organisation":          {func(r *records) { r.subject.UNP = "191700161" }, unp("191700161")},
		"a namesake of another, no number": {func(r *records) { r.head.PersonalNumber, r.subject.UNP = "", "191700161" }, unp("191700161")},
		"an ID card of somebody else": {func(r *records) { r.subject.UNP, r.subject.PersonalNumber = "", "IDCBY-3010190A002PB9" },
			order.Report{difference(order.CheckHead, order.FieldPersonalNumber, "IDCBY-3010190A002PB9", string(testNumber))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := matching()
			c.change(&r)
			require.Equal(t, c.want, CompareCaller(r.subject, r.head).Failed())
		})
	}
}
