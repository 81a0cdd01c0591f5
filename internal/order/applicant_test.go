package order

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestA1d_KindFollowsFromWhomTheCertificateNames(t *testing.T) {
	person := Subject{Surname: "Примеров", GivenName: "Олег", Patronymic: "Янович", PersonalNumber: "3010190A001PB9"}
	for name, c := range map[string]struct {
		organisation, unp string
		kind              Kind
	}{
		"nothing else":                    {"", "", KindIndividual},
		"a UNP":                           {"", "190000018", KindSoleProprietor},
		"the proprietor in full":          {"Индивидуальный предприниматель Примеров Олег Янович", "190000018", KindSoleProprietor},
		"in Belarusian":                   {"Індывідуальны прадпрымальнік Примеров Олег Янович", "190000018", KindSoleProprietor},
		"short":                           {"ИП Примеров О.Я.", "190000018", KindSoleProprietor},
		"in quotes":                       {"ИП «Примеров О. Я.»", "190000018", KindSoleProprietor},
		"surname alone":                   {"ИП ПРИМЕРОВ", "190000018", KindSoleProprietor},
		"the bare name":                   {"Примеров Олег Янович", "190000018", KindSoleProprietor},
		"the words alone":                 {"Индивидуальный предприниматель", "190000018", KindSoleProprietor},
		"another proprietor's employee":   {"ИП Образцова В.П.", "190000018", KindEmployee},
		"a legal entity":                  {`Общество с ограниченной ответственностью "Пример"`, "190000018", KindEmployee},
		"a legal entity of the same name": {"ООО Примеров Олег Янович", "190000018", KindEmployee},
		"an entity that begins alike":     {"ИПОТЕКА ПЛЮС", "190000018", KindEmployee},
		"an organisation without a UNP":   {`ОАО "Завод"`, "", KindEmployee},
	} {
		s := person
		s.Organisation, s.UNP = c.organisation, c.unp
		require.Equal(t, c.kind, KindOf(s), name)
	}
	require.Equal(t, KindEmployee, KindOf(Subject{Organisation: "ИП", UNP: "190000018"}), "nobody is nobody's proprietor")
	require.Equal(t, ServiceEmployee, ServiceOf(KindEmployee))
	require.Equal(t, ServiceIndividual, ServiceOf(KindIndividual))
	require.Equal(t, ServiceIndividual, ServiceOf(KindSoleProprietor))
}

func TestS4_PrivatePersonsHaveNoBusiness(t *testing.T) {
	business := []Field{FieldOrganisation, FieldUnit, FieldPosition, FieldUNP}
	for _, v := range (Subject{}).Values() {
		require.Equal(t, !containsField(business, v.Field), KindIndividual.MayName(v.Field), v.Field)
		require.True(t, KindEmployee.MayName(v.Field))
		require.True(t, KindSoleProprietor.MayName(v.Field))
	}
}

func containsField(list []Field, f Field) bool {
	for _, x := range list {
		if x == f {
			return true
		}
	}
	return false
}

func TestSubjectFieldsAreSetByName(t *testing.T) {
	var s Subject
	for _, v := range s.Values() {
		s.Set(v.Field, string(v.Field))
	}
	for _, v := range s.Values() {
		require.Equal(t, string(v.Field), v.Value)
		require.Equal(t, v.Value, s.Value(v.Field))
		require.Positive(t, v.Field.MaxLength())
	}
	before := s
	s.Set("none", "x")
	s.Set(FieldNone, "x")
	require.Equal(t, before, s)
	require.Empty(t, s.Value("none"))
}

func TestM1_NumbersOfIDCardsAreComparedWithoutPrefix(t *testing.T) {
	for number, c := range map[string]struct {
		bare   string
		onCard bool
	}{
		"IDCBY-3010190A001PB9": {"3010190A001PB9", true}, "idcby-3010190а001рв9": {"3010190A001PB9", true},
		"IDСВY-3010190A001PB9": {"3010190A001PB9", true}, "3010190A001PB9": {"3010190A001PB9", false},
		"X-IDCBY-1": {"X-IDCBY-1", false}, "": {"", false},
	} {
		require.Equal(t, c.bare, BareNumber(number), number)
		require.Equal(t, c.onCard, OnIDCard(number), number)
	}
}
