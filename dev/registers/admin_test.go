package registers

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
