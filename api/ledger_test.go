package api

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// payment is a notification in the format of the contract.
func payment(number, amount string) map[string]any {
	return map[string]any{
		"source": "assist", "externalId": uuid.NewString(), "number": number, "amount": amount, "currency": "BYN",
		"occurredAt": time.Now().Format(time.RFC3339),
	}
}

func (b *bundle) notify(n map[string]any) reply {
	b.t.Helper()
	body, err := json.Marshal(n)
	require.NoError(b.t, err)
	return b.post("/v1/payments/notifications", asGateway, string(body))
}

// bill is an order of 6.0.00 that waits for its payment.
func (b *bundle) bill() (s *sample, number, amount string) {
	b.t.Helper()
	s = b.at(order.StageAwaitingPayment, asIndividual)
	return s, s.bill.Number.ERIP(), s.bill.Total.String()
}

func (b *bundle) payments(query string) (out struct{ Payments []contract.LedgerEntry }) {
	b.t.Helper()
	b.get("/v1/payments"+query, asOperator).is(http.StatusOK, &out)
	return out
}

func TestP5_ARepeatedNotificationPaysOnce(t *testing.T) {
	b := setup(t)
	s, number, amount := b.bill()
	n := payment(number, amount)
	var first, again contract.LedgerEntry
	b.notify(n).is(http.StatusOK, &first)
	require.EqualValues(t, "applied", first.State)
	require.Empty(t, first.Reason)
	for range 3 {
		b.notify(n).is(http.StatusOK, &again)
		require.Equal(t, first, again)
	}
	require.Len(t, b.payments("?state=applied").Payments, 1)
	require.Empty(t, b.payments("").Payments)
	var v contract.Payment
	b.get(s.path("payment"), asIndividual).is(http.StatusOK, &v)
	require.EqualValues(t, "paid", v.State)
}

func TestP4_WhatDoesNotMatchIsKept(t *testing.T) {
	b := setup(t)
	_, number, amount := b.bill()
	for reason, change := range map[payments.Reason]func(map[string]any){
		payments.ReasonUnknownNumber: func(n map[string]any) { n["number"] = "NOAIS999999999" },
		payments.ReasonNoNumber:      func(n map[string]any) { n["number"] = "за услуги\x00" },
		payments.ReasonUnderpaid:     func(n map[string]any) { n["amount"] = "0.01" },
	} {
		n := payment(number, amount)
		change(n)
		var entry contract.LedgerEntry
		b.notify(n).is(http.StatusOK, &entry)
		require.EqualValues(t, "unapplied", entry.State)
		require.Equal(t, string(reason), entry.Reason)
	}
	require.Len(t, b.payments("?state=unapplied&page=1").Payments, 3)
	require.Empty(t, b.payments("?page=2").Payments)
	b.get("/v1/payments?state=lost", asOperator).problem(web.ProblemValidation)
	b.get("/v1/payments?page=0", asOperator).problem(web.ProblemValidation)
}

func TestP4_OperatorsMatchByHandOrReturn(t *testing.T) {
	b := setup(t)
	_, number, amount := b.bill()
	stray := func() string {
		n := payment("", amount)
		var entry contract.LedgerEntry
		b.notify(n).is(http.StatusOK, &entry)
		return "/v1/payments/" + entry.ID.String()
	}
	first, second := stray(), stray()
	for body, want := range map[string]web.Slug{
		`{"number":"` + number + `"}`:                                           web.ProblemValidation,
		`{"number":"NOAIS999999999","note":"n"}`:                                web.ProblemNotMatching,
		`{"number":"none","note":"n"}`:                                          web.ProblemNotMatching,
		`{"number":"` + number + `","note":"n","all":true}`:                     web.ProblemMalformed,
		`{"number":"` + number + `","note":"` + strings.Repeat("й", 501) + `"}`: web.ProblemValidation,
	} {
		b.post(first+"/assignment", asOperator, body).problem(want)
	}
	var entry contract.LedgerEntry
	b.post(first+"/assignment", asOperator, `{"number":"`+number+`","note":"`+strings.Repeat("й", 500)+`"}`).is(http.StatusOK, &entry)
	require.EqualValues(t, "applied", entry.State)
	b.post(first+"/assignment", asOperator, `{"number":"`+number+`","note":"n"}`).problem(web.ProblemNotUnapplied)
	b.post(second+"/assignment", asOperator, `{"number":"`+number+`","note":"n"}`).problem(web.ProblemNotMatching)
	require.Equal(t, "note", b.post(second+"/return", asOperator, `{"note":""}`).problem(web.ProblemValidation).Errors[0].Field)
	b.post(second+"/return", asOperator, `{"note":"sent back\u0000"}`).problem(web.ProblemValidation)
	b.post(second+"/return", asOperator, `{"note":"sent back"}`).is(http.StatusOK, &entry)
	require.EqualValues(t, "returned", entry.State)
	b.post(second+"/return", asOperator, `{"note":"n"}`).problem(web.ProblemNotUnapplied)
	require.Len(t, b.payments("?state=returned").Payments, 1)
	for _, id := range []string{order.NewID().String(), "x"} {
		b.post("/v1/payments/"+id+"/return", asOperator, `{"note":"n"}`).problem(web.ProblemNotFound)
		b.post("/v1/payments/"+id+"/assignment", asOperator, `{"number":"`+number+`","note":"n"}`).problem(web.ProblemNotFound)
	}
}

func TestP3_StatementsAreImportedOnce(t *testing.T) {
	b := setup(t)
	statement, err := os.ReadFile("testdata/statement.txt")
	require.NoError(t, err)
	var first, again struct{ Payments []contract.LedgerEntry }
	send := func(mediaType, body string) reply {
		return b.ask(http.MethodPost, "/v1/payments/statements", asOperator, mediaType, body)
	}
	send("application/octet-stream", string(statement)).is(http.StatusOK, &first)
	require.Len(t, first.Payments, 1, "credits, no debits")
	require.EqualValues(t, "unapplied", first.Payments[0].State)
	require.Equal(t, "clientbank", first.Payments[0].Source)
	send("application/octet-stream", string(statement)).is(http.StatusOK, &again)
	require.Equal(t, first.Payments[0].ID, again.Payments[0].ID)
	require.Len(t, b.payments("").Payments, 1)
	for _, bad := range []string{"", "no statement", string(statement[:len(statement)/2]), testNote} {
		send("application/octet-stream", bad).problem(web.ProblemStatement)
	}
	send("text/plain", string(statement)).problem(web.ProblemMediaType)
	b.ask(http.MethodPost, "/v1/payments/statements", asOperator, "application/octet-stream",
		strings.Repeat("x", int(b.server.limits.Statement)+1)).problem(web.ProblemTooLarge)
}
