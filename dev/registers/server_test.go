package registers

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	company = "190000020"
	trader  = "290000031"
	number  = "3010190A001PB9"
)

func sampleData() Data {
	return Data{
		Persons: []Person{{PersonalNumber: number, Surname: "Образцова", GivenName: "Проба", Patronymic: "Тестовна", Citizenship: "BY",
			Resident: true, Status: Alive}},
		Organisations: []Organisation{
			{UNP: company, Kind: LegalEntity, State: Active, FullName: "Общество «Пример»", ShortName: "ООО «Пример»", Registered: "1999-05-17",
				PostCode: 220000, Town: "Минск", Street: "Примерная", House: "1", TaxOfficeCode: "104", TaxOffice: "Инспекция",
				Head: &Head{PersonalNumber: number, Surname: "Образцова", GivenName: "Проба", Patronymic: "Тестовна", Position: "директор",
					Since: "2020-01-31"},
				Contract: &Contract{PublicContract: true, OwnFunds: true}},
			{UNP: trader, Kind: SoleProprietor, State: Liquidation, FullName: "Образцова Проба Тестовна", Registered: "2015-07-01"},
		},
	}
}

func startRegisters(t *testing.T) *Server {
	t.Helper()
	s, err := Start(Options{Listen: "127.0.0.1:0", Data: sampleData()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func get(t *testing.T, s *Server, path string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(s.URL() + path)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(raw)
}

func TestS7_EGRSpeaksItsWireFormat(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	for path, want := range map[string]string{
		"/api/v2/egr/getShortInfoByRegNum/" + company: `[{"ngrn":190000020,"dfrom":"1999-05-16T21:00:00.000+00:00",
			"nsi00219":{"nksost":1,"vnsostk":"Действующий","nsi00219":33512},
			"vnaim":"Общество «Пример»","vn":"ООО «Пример»","vfn":"ООО «Пример»"}]`,
		"/api/v2/egr/getBaseInfoByRegNum/" + trader: `[{"ngrn":290000031,"dfrom":"2015-06-30T21:00:00.000+00:00",
			"nsi00219":{"nksost":3,"vnsostk":"В процессе ликвидации","nsi00219":33514},
			"nsi00211":{"nkvob":2,"vnvobp":"Индивидуальный предприниматель","nsi00211":3002}}]`,
		"/api/v2/egr/getJurNamesByRegNum/" + company: `[{"ngrn":190000020,"dfrom":"1999-05-16T21:00:00.000+00:00","cact":"+",
			"vnaim":"Общество «Пример»","vn":"ООО «Пример»","vfn":"ООО «Пример»"}]`,
		"/api/v2/egr/getIPFIOByRegNum/" + trader: `[{"ngrn":290000031,"dfrom":"2015-06-30T21:00:00.000+00:00","cact":"+",
			"vfio":"Образцова Проба Тестовна"}]`,
		"/api/v2/egr/getAddressByRegNum/" + company: `[{"ngrn":190000020,"dfrom":"1999-05-16T21:00:00.000+00:00","cact":"+","nindex":220000,
			"nsi00201":{"nkstran":112,"vnstranp":"Республика Беларусь"},"nsi00239":{"vntnpk":"г."},"vnp":"Минск",
			"nsi00226":{"vntulk":"ул."},"vulitsa":"Примерная","vdom":"1"}]`,
	} {
		status, body := get(t, s, path)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, want, body, path)
	}
}

func TestS7_EGRAnswersNothingForTheUnknown(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	for _, path := range []string{"getShortInfoByRegNum/100000000", "getIPFIOByRegNum/" + company, "getJurNamesByRegNum/" + trader} {
		status, body := get(t, s, "/api/v2/egr/"+path)
		require.Equal(t, http.StatusOK, status, path)
		require.Empty(t, body, path)
	}
	status, _ := get(t, s, "/api/v2/egr/getNonsense/"+company)
	require.Equal(t, http.StatusNotFound, status)
}

func TestInstantFollowsTheSeasonsBefore2011(t *testing.T) {
	t.Parallel()
	minsk, err := time.LoadLocation(minskZone)
	require.NoError(t, err)
	for date, want := range map[Date]string{"2005-01-15": "2005-01-14T22:00:00.000+00:00", "2005-07-15": "2005-07-14T21:00:00.000+00:00",
		"2024-01-15": "2024-01-14T21:00:00.000+00:00"} {
		got, err := instant(date, minsk)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestS7_GRPSpeaksBothFormats(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	_, body := get(t, s, "/grp/getData?unp="+company+"&charset=UTF-8&type=json")
	require.JSONEq(t, `{"ROW":{"VUNP":"190000020","VNAIMP":"Общество «Пример»","VNAIMK":"ООО «Пример»","VPADRES":"г. Минск, ул. Примерная, 1",
		"DREG":"1999-05-17","NMNS":"104","VMNS":"Инспекция","CKODSOST":"1","VKODS":"Действующий"}}`, body)
	_, body = get(t, s, "/api/grp-public/data?unp="+trader+"&charset=UTF-8&type=json")
	require.Contains(t, body, `"ckodsost":"2"`)
	require.Contains(t, body, `"vlikv":"В процессе ликвидации"`)

	status, body := get(t, s, "/grp/getData?unp=100000000&charset=UTF-8&type=json")
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, body)
	status, _ = get(t, s, "/api/grp-public/data?unp=100000000&charset=UTF-8&type=json")
	require.Equal(t, http.StatusNotFound, status)
	status, _ = get(t, s, "/grp/getData?unp="+company+"&type=xml")
	require.Equal(t, http.StatusBadRequest, status)
}

func TestM1_HeadsSubscribersAndPersons(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	for path, want := range map[string]string{
		"/population/v1/persons/" + number: `{"personalNumber":"3010190A001PB9","surname":"Образцова","givenName":"Проба",
			"patronymic":"Тестовна","citizenship":"BY","resident":true,"status":"alive"}`,
		"/heads/v1/organisations/" + company: `{"unp":"190000020","personalNumber":"3010190A001PB9","surname":"Образцова",
			"givenName":"Проба","patronymic":"Тестовна","position":"директор","since":"2020-01-31"}`,
		"/subscribers/v1/organisations/" + company: `{"unp":"190000020","publicContract":true,"ownFunds":true}`,
	} {
		status, body := get(t, s, path)
		require.Equal(t, http.StatusOK, status, path)
		require.JSONEq(t, want, body, path)
	}
	for _, path := range []string{"/population/v1/persons/x", "/heads/v1/organisations/" + trader, "/heads/v1/organisations/1",
		"/subscribers/v1/organisations/" + trader} {
		status, _ := get(t, s, path)
		require.Equal(t, http.StatusNotFound, status, path)
	}
}
