package pki_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

func TestS4_SampleSubjectsAreReadInEveryProfile(t *testing.T) {
	for name, want := range map[string]order.Subject{
		"cert/emp1.cer": {
			Surname: "Петрова", GivenName: "Анна", Patronymic: "Сергеевна", CommonName: `ОАО "Тестовый завод"`,
			PersonalNumber: "4010190A002PB9", Country: "BY", Region: "Минская", Locality: "г. Минск", Street: "ул. Тестовая, д. 1",
			Organisation: `Открытое акционерное общество "Тестовый завод"`, Position: "Специалист", UNP: "190000018",
			Email: "petrova@example.by",
		},
		"cert/emp2.cer": {
			Surname: "Козлова", GivenName: "Мария", Patronymic: "Игоревна",
			PersonalNumber: "4030385A004PB7", Country: "BY", Region: "Минская", Locality: "г. Минск", Street: "ул. Тестовая, д. 1",
			Organisation: `Открытое акционерное общество "Тестовый завод"`, Unit: "Отдел кадров", Position: "Ведущий специалист",
			UNP: "190000018", Email: "kozlova@example.by",
		},
		"cert/ind1.cer": {
			Surname: "Тестов", GivenName: "Иван", Patronymic: "Иванович", CommonName: "IVAN TESTOV 3010190A001PB9",
			PersonalNumber: "3010190A001PB9", Country: "BY", Email: "ivan@example.by", BelarusianName: "Тэстаў Іван Іванавіч",
		},
	} {
		require.Equal(t, want, pkitest.Certificate(t, name).Subject(), name)
	}
}

func TestA2_HolderIsToldByNameAndPolicy(t *testing.T) {
	p := pki.DefaultProfile()
	require.Equal(t, pki.HolderRepresentative, p.Holder(pkitest.Certificate(t, "cert/emp1.cer")))
	require.Equal(t, pki.HolderRepresentative, p.Holder(pkitest.Certificate(t, "cert/emp2.cer")))
	require.Equal(t, pki.HolderIndividual, p.Holder(pkitest.Certificate(t, "cert/ind1.cer")))

	p.IDCard = []der.OID{{1, 2, 112, 1, 2, 1, 1, 1, 3, 4}}
	require.Equal(t, pki.HolderIDCard, p.Holder(pkitest.Certificate(t, "cert/ind1.cer")))

	card, err := pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDSerialNumber, Value: "IDCBY-3010190A001PB9"})
	require.NoError(t, err)
	require.Equal(t, pki.HolderIDCard, pki.DefaultProfile().Holder(&pki.Certificate{SubjectName: card}))
	require.Equal(t, pki.HolderIDCard, pki.DefaultProfile().RequestHolder(&pki.Request{SubjectName: card}))
}
