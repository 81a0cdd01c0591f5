package registers

import (
	"bytes"
	"context"
	"encoding/json"
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

func put(t *testing.T, s *Server, path string, body any) int {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL()+path, bytes.NewReader(raw))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
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

func TestAdminChangesTheRegisters(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	p := sampleData().Persons[0]
	p.Status = Deceased
	require.Equal(t, http.StatusNoContent, put(t, s, "/admin/persons", p))
	_, body := get(t, s, "/population/v1/persons/"+number)
	require.Contains(t, body, `"status":"deceased"`)

	require.Equal(t, http.StatusNoContent, put(t, s, "/admin/organisations/"+company+"/head", nil))
	status, _ := get(t, s, "/heads/v1/organisations/"+company)
	require.Equal(t, http.StatusNotFound, status)

	o := sampleData().Organisations[0]
	o.State = Bankruptcy
	require.Equal(t, http.StatusNoContent, put(t, s, "/admin/organisations", o))
	_, body = get(t, s, "/api/v2/egr/getBaseInfoByRegNum/"+company)
	require.Contains(t, body, `"nksost":4`)
}

func TestAdminRefusesNonsense(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	for _, c := range []struct {
		path   string
		body   any
		status int
	}{
		{"/admin/persons", Person{}, http.StatusBadRequest},
		{"/admin/persons", map[string]string{"colour": "red"}, http.StatusBadRequest},
		{"/admin/organisations", Organisation{UNP: company, Kind: LegalEntity, State: Active, Registered: "17.05.1999"}, http.StatusBadRequest},
		{"/admin/organisations", Organisation{UNP: company, Kind: 3}, http.StatusBadRequest},
		{"/admin/organisations/100000000/head", Head{Since: "2020-01-31"}, http.StatusNotFound},
		{"/admin/faults/post", Fault{Down: true}, http.StatusNotFound},
	} {
		require.Equal(t, c.status, put(t, s, c.path, c.body), "%s %v", c.path, c.body)
	}
	_, err := Start(Options{Listen: "127.0.0.1:0", Data: Data{Persons: []Person{{}}}})
	require.ErrorContains(t, err, "personal number")
}

func TestS7_FaultsHitOneRegisterOnly(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	egr, grp := "/api/v2/egr/getShortInfoByRegNum/"+company, "/grp/getData?unp="+company+"&charset=UTF-8&type=json"
	require.Equal(t, http.StatusNoContent, put(t, s, "/admin/faults/egr", Fault{Down: true}))
	status, _ := get(t, s, egr)
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = get(t, s, grp)
	require.Equal(t, http.StatusOK, status)

	require.NoError(t, s.SetFault(EGR, Fault{Garbage: true}))
	_, body := get(t, s, egr)
	require.Contains(t, body, "<html>")

	require.NoError(t, s.SetFault(EGR, Fault{}))
	_, body = get(t, s, egr)
	require.Contains(t, body, `"nksost":1`)

	_, body = get(t, s, "/admin/calls")
	require.JSONEq(t, `{"egr":3,"grp":1,"heads":0,"population":0,"subscribers":0}`, body)
}

func TestS7_SlowRegisterLetsTheCallerGiveUp(t *testing.T) {
	t.Parallel()
	s := startRegisters(t)
	require.NoError(t, s.SetFault(Population, Fault{SlowMillis: 60_000}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/population/v1/persons/"+number, nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(req)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestGateLimitsTheRate(t *testing.T) {
	t.Parallel()
	g, now := &gate{}, time.Unix(1000, 0)
	g.set(Fault{PerSecond: 2})
	for i, want := range []bool{false, false, true, true} {
		_, limited := g.enter(now)
		require.Equal(t, want, limited, "call %d", i)
	}
	_, limited := g.enter(now.Add(time.Second))
	require.False(t, limited, "a new second")
}
