package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// rig is a sandbox before real sandboxes, and a service that writes down what gateways tell it.
type rig struct {
	t         *testing.T
	url       string
	registers *registers.Server

	mu   sync.Mutex
	told []string
}

func (r *rig) note(message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, message)
}

// notes are the messages since the last look.
func (r *rig) notes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t}
	clock, err := OpenClock(filepath.Join(t.TempDir(), "clock"))
	require.NoError(t, err)
	cas, err := authority.Open(t.TempDir(), "password", time.Now(), authority.ECDSA)
	require.NoError(t, err)
	holders, err := persons.Open(t.TempDir(), cas, time.Now(), persons.Sample(authority.ECDSA))
	require.NoError(t, err)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.note(q.URL.Path + " " + string(body))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(service.Close)
	r.registers, err = registers.Start(registers.Options{Listen: "127.0.0.1:0", Data: persons.Entries(persons.Sample())})
	require.NoError(t, err)
	pay, err := gateways.Start(gateways.Options{Listen: "127.0.0.1:0", Assist: gateways.AssistOptions{MerchantID: "1", ResultSalt: "s"},
		Targets: gateways.Targets{AssistPush: service.URL + "/assist", ERIP: service.URL + "/erip", BankUpload: service.URL + "/bank"}})
	require.NoError(t, err)
	letters, err := inbox.Start(inbox.Options{SMTPListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0", DataDir: t.TempDir()})
	require.NoError(t, err)
	issuer, err := oidc.Start(oidc.Options{Listen: "127.0.0.1:0", DataDir: t.TempDir(), Persons: persons.SignIns(holders)})
	require.NoError(t, err)
	s, err := Start(Options{
		Listen: "127.0.0.1:0", Clock: clock, Registers: r.registers, Gateways: pay, Issuer: issuer, Inbox: letters.URL(),
		Addresses: func() map[string]string { return map[string]string{"api": "here"} },
		Holders:   func() []persons.Holder { return holders },
		Renew:     func(id string) (persons.Holder, error) { return persons.Make(cas, clock.Now(), holders[1].Person) },
	})
	require.NoError(t, err)
	for _, c := range []io.Closer{r.registers, pay, letters, issuer, s} {
		t.Cleanup(func() { require.NoError(t, c.Close()) })
	}
	r.url = s.URL()
	return r
}

func (r *rig) do(method, path, body string) (int, []byte) {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	require.NoError(r.t, err)
	response, err := http.DefaultClient.Do(q)
	require.NoError(r.t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	return response.StatusCode, answer
}

func (r *rig) done(path, body string) []byte {
	r.t.Helper()
	status, answer := r.do(http.MethodPost, path, body)
	require.Equal(r.t, http.StatusOK, status, "%s %s: %s", path, body, answer)
	return answer
}

func (r *rig) vera() registers.Person {
	p, ok := r.registers.Person("4010190A002PB9")
	require.True(r.t, ok)
	return p
}

func TestRegistersMisbehaveAndHeal(t *testing.T) {
	r := newRig(t)
	before := r.vera()
	r.done("/registers/population", `{"person": "vera", "differs": {"surname": "Иная"}}`)
	r.done("/registers/population", `{"person": "4010190A002PB9", "differs": {"resident": false, "personalNumber": "another"}}`)
	require.Equal(t, [2]any{"Иная", false}, [2]any{r.vera().Surname, r.vera().Resident})
	r.done("/registers/population", `{}`)
	require.Equal(t, before, r.vera())

	firm, ok := r.registers.Organisation(persons.OrganisationUNP)
	require.True(t, ok)
	r.done("/registers/egr", `{"unp": "190000018", "differs": {"state": 3, "head": {"surname": "Другой"}, "contract": {"publicContract": false}}}`)
	changed, _ := r.registers.Organisation(persons.OrganisationUNP)
	require.Equal(t, [3]any{registers.Liquidation, "Другой", false}, [3]any{changed.State, changed.Head.Surname, changed.Contract.PublicContract})
	require.Equal(t, firm.Head.GivenName, changed.Head.GivenName, "what is not named stays")
	r.done("/registers/egr", ``)
	healed, _ := r.registers.Organisation(persons.OrganisationUNP)
	require.Equal(t, firm, healed)

	r.done("/registers/heads", `{"silent": true}`)
	response, err := http.Get(r.registers.URL() + "/heads/v1/organisations/190000018")
	require.NoError(t, err)
	_ = response.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	var calls map[string]int
	require.NoError(t, json.Unmarshal(r.done("/registers/heads", `{}`), &calls))
	require.Equal(t, 1, calls["heads"])
}

func TestWhatMakesNoSenseIsRefused(t *testing.T) {
	r := newRig(t)
	for path, bodies := range map[string]map[string]int{
		"/registers/nowhere":      {`{}`: 404},
		"/registers/population":   {`{"unp": "190000018", "differs": {}}`: 422, `{"person": "nobody", "differs": {}}`: 404, `{"differs": {}}`: 422, `{"person": "vera", "differs": {"sirname": "x"}}`: 422, `{"persons": 1}`: 400, `[`: 400},
		"/registers/egr":          {`{"person": "vera", "differs": {}}`: 422, `{"unp": "1", "differs": {}}`: 404, `{"unp": "190000018", "differs": {"state": -1}}`: 422},
		"/payments/cash":          {`{"number": "1"}`: 404},
		"/payments/erip":          {`{}`: 422, `{"number": "1", "behaviour": "wrong-payer"}`: 422, `{"number": "1", "behaviour": "late"}`: 422, `{"number": "1", "days": 1}`: 422},
		"/payments/bank":          {`{"number": "1", "amount": "one"}`: 422, `{"number": "1", "amount": "1.00", "behaviour": "unsigned"}`: 422},
		"/payments/card":          {`{"number": "1"}`: 422, `{"number": "1", "behaviour": "late", "days": 1}`: 409},
		"/persons/nobody/token":   {``: 404},
		"/persons/vera/request":   {`{}`: 422, `{"years": 4}`: 422, `{"year": 1}`: 400},
		"/persons/nobody/request": {`{"years": 1}`: 404}, "/persons/nobody/certificate": {``: 404}, "/persons/nobody/signature": {`x`: 404},
		"/clock/advance": {`{"days": 1}`: 409, `{"days": -1}`: 422, `{}`: 422, `{"days": 1, "until": "2030-01-01T00:00:00Z"}`: 422, `{"until": "2020-01-01T00:00:00Z"}`: 422, `{"days": 9999999999}`: 422},
	} {
		for body, want := range bodies {
			status, answer := r.do(http.MethodPost, path, body)
			require.Equal(t, want, status, "%s %s: %s", path, body, answer)
			var told struct{ Error string }
			require.NoError(t, json.Unmarshal(answer, &told), path)
			require.NotEmpty(t, told.Error)
		}
	}
}

func TestPayersAndGatewaysMisbehave(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		way, behaviour string
		messages       int
		contains       string
	}{
		{"card", "", 1, "amount=49.90"}, {"card", "twice", 2, ""}, {"card", "answer-lost", 2, ""}, {"card", "never-told", 0, ""},
		{"card", "wrong-sum", 1, "amount=0.01"}, {"card", "declined", 1, "orderstate=Declined"}, {"card", "unsigned", 1, "checkvalue=0000"},
		{"bank", "", 1, "^Credit=49.90^"}, {"bank", "wrong-payer", 1, "^KorUNP=" + persons.StrangerUNP}, {"bank", "twice", 2, ""},
		{"bank", "never-told", 0, ""},
	} {
		before := len(r.notes())
		body, err := json.Marshal(paying{Number: "ROAIS000000001", Amount: "49.90", Behaviour: behaviour(c.behaviour)})
		require.NoError(t, err)
		r.done("/payments/"+c.way, string(body))
		require.Eventually(t, func() bool { return len(r.notes()) == before+c.messages }, 5*time.Second, 10*time.Millisecond, "%v", c)
		for _, message := range r.notes()[before:] {
			require.Contains(t, message, c.contains)
		}
	}
}

func TestPersonsHaveTokensRequestsAndSignatures(t *testing.T) {
	r := newRig(t)
	for _, who := range []string{"vera", "operator", "gateway"} {
		var b bearer
		require.NoError(t, json.Unmarshal(r.done("/persons/"+who+"/token", ""), &b))
		require.Len(t, strings.Split(b.AccessToken, "."), 3)
	}
	request, err := pki.ParseRequest(r.done("/persons/vera/request", `{"years": 2, "position": "Главный бухгалтер", "surname": "Новая"}`))
	require.NoError(t, err)
	require.NoError(t, request.CheckSignature())
	again, err := pki.ParseRequest(r.done("/persons/vera/request", `{"years": 2}`))
	require.NoError(t, err)
	require.False(t, bytes.Equal(request.RawSPKI, again.RawSPKI), "each has a key of its own")
	signed, err := cms.ParseSignedData(r.done("/persons/director/signature", "the list"))
	require.NoError(t, err)
	require.Len(t, signed.Signers, 1)

	var list []person
	status, body := r.do(http.MethodGet, "/persons", "")
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, json.Unmarshal(body, &list))
	require.Len(t, list, len(persons.Sample()))
	require.Equal(t, order.ServiceEmployee, list[1].Service)
	r.done("/persons/vera/certificate", "")
	for _, path := range []string{"", "/clock", "/registers", "/messages", "/messages/faults"} {
		status, body := r.do(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, status, path)
		require.True(t, json.Valid(body), path)
	}
	status, _ = r.do(http.MethodPut, "/messages/faults", `{"mailBusy": true}`)
	require.Equal(t, http.StatusNoContent, status)
}
