package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// mark stands where a hostile string will.
const mark = "the value that is replaced"

// hostileRun sends requests that are good but for one string.
type hostileRun struct {
	*bundle
	ids samples
	// draft takes terms, ready takes an upload, issued other contacts, webhook is asClient's.
	draft, ready, issued, webhook string
	// containers are the bodies of STB 34.101.78, by operation.
	containers map[string][]byte
}

func newHostileRun(t *testing.T) *hostileRun {
	t.Helper()
	h := &hostileRun{bundle: setup(t)}
	d := h.deps
	d.Rates = map[web.Action]web.Rate{}
	h.serve(d)
	h.bundle.server.managers.decisionWait = time.Millisecond
	h.temporal.refuse(workflows.UpdateWithdraw, workflows.ErrTypeWrongStage)
	h.temporal.on(workflows.SignalRejected, func(message) error { return nil })
	h.issued = h.provided().ID.String()
	e, i, v := h.at(order.StageAwaitingApproval, asEmployee), h.at(order.StageAwaitingPayment, asIndividual), h.confirmation(1)
	h.ids = samples{e: e.ID.String(), i: i.ID.String(), confirmation: v.ID.String()}
	h.draft, h.ready = h.at(order.StageTerms, asStranger).ID.String(), h.at(order.StageRequest, asColleague).ID.String()
	h.signIns.orderID = e.ID
	h.webhook = h.bundle.webhook(asClient, `{"url":"http://127.0.0.1:1/hook"}`).Webhook.ID.String()
	p := h.program(asManager)
	container := p.seal(p.file(everything))
	asksAgain, err := bpki.NewRetrieveRequest(bpki.RequestIDOf(container), nil)
	require.NoError(t, err)
	again, err := asksAgain.Marshal()
	require.NoError(t, err)
	h.containers = map[string][]byte{"spawn": container, "retrieve": again}
	return h
}

// stray is money that waits: what is done with it is done once.
func (h *hostileRun) stray() string {
	h.t.Helper()
	var entry contract.LedgerEntry
	h.notify(payment("", "1.00")).is(http.StatusOK, &entry)
	return entry.ID.String()
}

// sender is who may call an operation, and with which id and body.
func (h *hostileRun) sender(o operation) (token, id string, body map[string]any) {
	h.t.Helper()
	switch o.id {
	case "openOrder":
		return asIndividual, "", map[string]any{"service": "6.0.00"}
	case "acceptTerms":
		return asStranger, h.draft, map[string]any{"agreementVersion": "agreement-3", "contractVersion": "contract-7"}
	case "submitRequest":
		return asColleague, h.ready, map[string]any{"email": testEmail, "phone": testPhone, "years": "1"}
	case "chooseOrderPayment":
		return asIndividual, h.ids.i, map[string]any{"method": "erip"}
	case "rejectOrder":
		return asManager, h.ids.e, map[string]any{"reason": "нет"}
	case "makeList":
		return asManager, "", map[string]any{"orders": []any{h.ids.e}, "email": "nina@example.by"}
	case "chooseConfirmationPayment":
		return asManager, h.ids.confirmation, map[string]any{"method": "erip"}
	case "notifyPayment":
		return asGateway, "", map[string]any{
			"source": "assist", "externalId": uuid.NewString(), "number": "NOAIS000000001", "amount": "1.00", "currency": "BYN",
			"payerUnp": unp, "occurredAt": h.now.Format(time.RFC3339),
		}
	case "assignPayment":
		return asOperator, h.stray(), map[string]any{"number": "NOAIS000000001", "note": "n"}
	case "correctContacts":
		return asIndividual, h.issued, map[string]any{"email": testEmail, "phone": testPhone}
	case "createWebhook":
		return asClient, "", map[string]any{"url": "http://127.0.0.1:1/new", "types": []any{"order.issued"}, "description": "архив"}
	case "changeWebhook":
		return asClient, h.webhook, map[string]any{"types": []any{"order.issued"}, "description": "архив"}
	case "returnPayment":
		return asOperator, h.stray(), map[string]any{"note": "n"}
	}
	switch {
	case o.tag == "operator":
		return asOperator, h.stray(), nil
	case strings.Contains(o.path, "/confirmations/"):
		return asManager, h.ids.confirmation, nil
	case o.tag == "manager":
		return asManager, h.ids.e, nil
	case o.tag == "client":
		return asClient, h.webhook, nil
	default:
		return asIndividual, h.ids.i, nil
	}
}

// pasted are the fields that drop what comes with copied text.
var pasted = []string{"email", "phone", "number"}

// Every string that a request of the contract has, wherever it stands, is once
// every hostile one: nothing fails on our side, what is refused is refused with
// its field, and what cannot be shown is stored nowhere. A gateway's message is
// kept all the same (P4), with what stands for it.
func TestEveryStringOfTheContractMayBeHostile(t *testing.T) {
	h := newHostileRun(t)
	fields, operations := newSpecification(t).fields()
	require.Greater(t, len(fields), 35, "the contract has lost its fields")
	texts := hostileTexts()
	for _, f := range fields {
		o := operations[f.operation]
		for _, s := range texts {
			r := h.send(h.request(o, f, s))
			about := fmt.Sprintf("%s, %s %s: %s: %d %.300s", o.id, f.in, f.name(), s.name, r.Status, r.Body)
			require.Less(t, r.Status, http.StatusInternalServerError, about)
			foreign := o.id == "notifyPayment" && f.in == "body"
			if s.refused && !foreign && !(s.bidi && slices.Contains(pasted, f.path[0])) {
				require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, r.Status, about)
			}
			if r.Status == http.StatusBadRequest || r.Status == http.StatusUnprocessableEntity {
				h.namesField(r, f, about)
			}
		}
	}
	pgtest.NothingHostileIsStored(t, h.pool)
	h.tellsNothingHostile()
}

// namesField requires that a refusal says which field is meant; a file that was
// refused has its checks.
func (h *hostileRun) namesField(r reply, f stringField, about string) {
	h.t.Helper()
	var p contract.Problem
	require.NoError(h.t, json.Unmarshal(r.Body, &p))
	if path.Base(p.Type) == string(web.ProblemRequestRejected) {
		return
	}
	require.NotEmpty(h.t, p.Errors, about)
	for _, e := range p.Errors {
		require.NotEmpty(h.t, e.Detail, about)
	}
	require.True(h.t, slices.ContainsFunc(p.Errors, func(e contract.FieldError) bool {
		return e.Field == f.name() || e.Field == f.path[0]
	}), about)
}

// tellsNothingHostile looks at what went to workflows.
func (h *hostileRun) tellsNothingHostile() {
	h.t.Helper()
	h.temporal.mu.Lock()
	defer h.temporal.mu.Unlock()
	told := 0
	for _, m := range h.temporal.got {
		if m.argument != nil {
			told++
			raw, err := json.Marshal(m.argument)
			require.NoError(h.t, err)
			require.NoError(h.t, pgtest.Shown(raw), "%s", raw)
		}
	}
	require.Positive(h.t, told)
}

// Names are strings too: those of members, of parameters and of parts of a form.
func TestNamesMayBeHostile(t *testing.T) {
	h := newHostileRun(t)
	for _, s := range hostileTexts() {
		for _, r := range []*http.Request{
			httptest.NewRequest(http.MethodPost, "/v1/orders", strings.NewReader(`{"service":"6.0.00","`+s.escaped+`":1}`)),
			httptest.NewRequest(http.MethodPost, "/v1/orders", strings.NewReader(`{"`+s.escaped+`":{"`+s.escaped+`":["`+s.escaped+`"]}}`)),
			httptest.NewRequest(http.MethodGet, "/v1/orders?"+url.QueryEscape(s.raw)+"=1", nil),
		} {
			r.Header.Set("Authorization", asIndividual)
			r.Header.Set("Content-Type", "application/json")
			require.Less(t, h.send(r).Status, http.StatusInternalServerError, s.name)
		}
		content := "--x\r\nContent-Disposition: form-data; name=\"" + s.raw + "\"; filename=\"" + s.raw + "\"\r\n\r\n" + s.raw + "\r\n--x--\r\n"
		r := httptest.NewRequest(http.MethodPost, "/v1/orders/"+h.ready+"/request", strings.NewReader(content))
		r.Header.Set("Authorization", asColleague)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		require.Less(t, h.send(r).Status, http.StatusInternalServerError, s.name)
	}
	pgtest.NothingHostileIsStored(t, h.pool)
}

// The head of an organisation is asked for while somebody waits: whatever the
// register answers, they are let in, refused or asked to come again.
func TestM1_TheRegisterOfHeadsMayBeHostile(t *testing.T) {
	h := newHostileRun(t)
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	t.Cleanup(server.Close)
	d := h.deps
	d.Heads = headsAt(t, server.URL)
	h.serve(d)
	record := map[string]string{
		"unp": unp, "personalNumber": string(register().PersonalNumber), "surname": "Узорова", "givenName": "Нина", "patronymic": "Павловна",
		"position": "Директор", "since": "2020-01-01",
	}
	tried := 0
	for field, good := range record {
		for _, s := range hostileTexts() {
			record[field] = mark
			raw, err := json.Marshal(record)
			require.NoError(t, err)
			record[field] = good
			answer = strings.Replace(string(raw), mark, s.escaped, 1)
			for _, r := range []reply{h.get("/v1/organisation/orders", asManager), h.post("/v1/confirmations", asManager, `{"orders":["`+h.ids.e+`"]}`)} {
				tried++
				require.Contains(t, []int{http.StatusOK, http.StatusCreated, http.StatusForbidden, http.StatusServiceUnavailable}, r.Status, "%s %s: %s", field, s.name, r.Body)
			}
		}
	}
	require.Greater(t, tried, 400)
	pgtest.NothingHostileIsStored(t, h.pool)
}
