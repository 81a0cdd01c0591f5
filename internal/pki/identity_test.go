package pki

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
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
		require.Equal(t, want, sampleCertificate(t, name).Subject(), name)
	}
}

func TestA2_HolderIsToldByNameAndPolicy(t *testing.T) {
	p := DefaultProfile()
	require.Equal(t, HolderRepresentative, p.Holder(sampleCertificate(t, "cert/emp1.cer")))
	require.Equal(t, HolderRepresentative, p.Holder(sampleCertificate(t, "cert/emp2.cer")))
	require.Equal(t, HolderIndividual, p.Holder(sampleCertificate(t, "cert/ind1.cer")))

	p.IDCard = []OID{{1, 2, 112, 1, 2, 1, 1, 1, 3, 4}}
	require.Equal(t, HolderIDCard, p.Holder(sampleCertificate(t, "cert/ind1.cer")))

	card, err := NewName(UTF8String, NameAttribute{Type: OIDSerialNumber, Value: "IDCBY-3010190A001PB9"})
	require.NoError(t, err)
	require.Equal(t, HolderIDCard, DefaultProfile().Holder(&Certificate{SubjectName: card}))
	require.Equal(t, HolderIDCard, DefaultProfile().RequestHolder(&Request{SubjectName: card}))
}
