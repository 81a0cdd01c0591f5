package gateways

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
)

var applied = []payments.Decision{{Outcome: payments.Applied}}

func unapplied(r payments.Reason) []payments.Decision {
	return []payments.Decision{{Outcome: payments.Unapplied, Reason: r}}
}

func TestP5_CardIsPaidOnceHoweverOftenItIsPushed(t *testing.T) {
	sandbox, s := setup(t)
	report, err := sandbox.PayCard(t.Context(), CardPayment{OrderNumber: theNumber, Amount: "43.20", Faults: Faults{Repeats: 2, LoseAnswers: 2, DelayMillis: 1}})
	require.NoError(t, err)
	require.Len(t, report.Answers, 5)
	require.True(t, report.Answers[0].Lost)
	require.Contains(t, report.Answers[4].Body, `firstcode="0"`)
	require.Equal(t, applied, s.decisions())
}

func TestP4_FaultyCardPaymentsPayNothing(t *testing.T) {
	for name, c := range map[string]struct {
		payment CardPayment
		answer  string
		ledger  []payments.Decision
	}{
		"wrong sum":     {CardPayment{OrderNumber: theNumber, Amount: "43.21"}, `firstcode="5" secondcode="108"`, unapplied(payments.ReasonOverpaid)},
		"unknown order": {CardPayment{OrderNumber: "NOAIS000000001", Amount: "43.20"}, `firstcode="5" secondcode="107"`, unapplied(payments.ReasonUnknownNumber)},
		"bad signature": {CardPayment{OrderNumber: theNumber, Amount: "43.20", Faults: Faults{BadSignature: true}}, `firstcode="7"`, nil},
		"declined":      {CardPayment{OrderNumber: theNumber, Amount: "43.20", Declined: true}, `firstcode="0"`, []payments.Decision{{Outcome: payments.Ignored}}},
	} {
		t.Run(name, func(t *testing.T) {
			sandbox, s := setup(t)
			report, err := sandbox.PayCard(t.Context(), c.payment)
			require.NoError(t, err)
			require.Contains(t, report.Answers[0].Body, c.answer)
			require.Equal(t, c.ledger, s.decisions())
		})
	}
}

func TestCardThatIsNeverPushedIsFoundByThePollAndRefunded(t *testing.T) {
	sandbox, s := setup(t)
	status, err := s.gateway.OrderState(t.Context(), 92239, time.Now())
	require.NoError(t, err)
	require.Empty(t, status.Orders)

	report, err := sandbox.PayCard(t.Context(), CardPayment{OrderNumber: theNumber, Amount: "43.20", Faults: Faults{Never: true}})
	require.NoError(t, err)
	require.Empty(t, report.Answers)
	_, err = s.gateway.OrderState(t.Context(), 92239, time.Now().Add(-time.Hour))
	require.NoError(t, err, "its check value is right")
	status, err = s.gateway.OrderResult(t.Context(), 92239, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	for _, n := range s.gateway.Notifications(status) {
		_, err := s.Record(t.Context(), n)
		require.NoError(t, err)
	}
	require.Equal(t, applied, s.decisions())

	refund := assist.Refund{BillNumber: report.BillNumber, Amount: 4320, Key: "refund-92239-1"}
	status, err = s.gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Equal(t, assist.StateCanceled, status.Orders[0].State)
	_, err = s.gateway.Refund(t.Context(), refund)
	require.ErrorIs(t, err, assist.ErrAlreadyRefunded)
}

func TestPayPageFromTheBrowser(t *testing.T) {
	sandbox, s := setup(t)
	page, err := s.gateway.PayPage(assist.Order{Number: 92239, Amount: 4320, ReturnURL: "https://portal.example/back?x=1"})
	require.NoError(t, err)
	link, err := s.gateway.PayURL(t.Context(), page)
	require.NoError(t, err)
	require.Contains(t, get(t, link), "To pay: 43.20 BYN")

	body := post(t, sandbox.URL()+"/pay/pay.cfm", url.Values{"order": {theNumber}, "do": {"Approved"}})
	require.Contains(t, body, "Approved")
	require.Contains(t, body, "ordernumber=NOAIS000092239")
	require.Equal(t, applied, s.decisions())

	spoiled := page.Values()
	spoiled.Set("OrderAmount", "1.00")
	require.Contains(t, post(t, sandbox.URL()+"/pay/order.cfm", spoiled), "check value does not match")
}

func TestP5_TerminalPaysOnceWithRepeatsAndLostAnswers(t *testing.T) {
	sandbox, s := setup(t)
	report, err := sandbox.PayERIP(t.Context(), ERIPPayment{Account: "nоаis 000092239", Faults: Faults{Repeats: 2, LoseAnswers: 1}})
	require.NoError(t, err)
	require.True(t, report.Paid)
	require.Len(t, report.Steps, 3)
	require.Equal(t, applied, s.decisions())

	report, err = sandbox.ReverseERIP(t.Context(), report.TransactionID, Faults{})
	require.NoError(t, err)
	require.False(t, report.Paid)
	_, err = sandbox.ReverseERIP(t.Context(), report.TransactionID, Faults{})
	require.Error(t, err)
}

func TestTerminalShowsRefusals(t *testing.T) {
	for name, p := range map[string]ERIPPayment{
		"unknown order": {Account: "NOAIS000000001"},
		"wrong sum":     {Account: theNumber, Amount: "43,21"},
		"bad signature": {Account: theNumber, Faults: Faults{BadSignature: true}},
		"failed":        {Account: theNumber, Failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			sandbox, s := setup(t)
			report, err := sandbox.PayERIP(t.Context(), p)
			require.NoError(t, err)
			require.False(t, report.Paid)
			last := report.Steps[len(report.Steps)-1]
			require.NotEmpty(t, append(last.Errors, last.Lines...))
			require.Empty(t, s.decisions())
		})
	}
}

func TestP4_RegisterTellsWhatTheTerminalNeverSaid(t *testing.T) {
	sandbox, s := setup(t)
	report, err := sandbox.PayERIP(t.Context(), ERIPPayment{Account: theNumber, LoseResult: true})
	require.NoError(t, err)
	require.True(t, report.Paid)
	require.Empty(t, s.decisions())
	path, err := sandbox.DropRegister()
	require.NoError(t, err)
	require.Equal(t, ".210", filepath.Ext(path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	register, err := erip.ReadRegister(data)
	require.NoError(t, err)
	findings, err := s.endpoint.ApplyRegister(t.Context(), register)
	require.NoError(t, err)
	require.Equal(t, []erip.Finding{erip.FoundLost}, findings)
	require.Equal(t, applied, s.decisions())
}

func TestP3_BankStatementsInBothFormats(t *testing.T) {
	for _, format := range []StatementFormat{StatementText, Statement1C} {
		sandbox, s := setup(t)
		_, err := sandbox.AddCredit(Credit{PayerUNP: "190000020", PayerName: "ООО ПРИМЕР", Amount: "43,20", Purpose: strings.Repeat("x", 115) + " ROAIS000092239 оплата"})
		require.NoError(t, err)
		answers, err := sandbox.UploadStatement(t.Context(), format, Faults{Repeats: 1})
		require.NoError(t, err)
		require.Len(t, answers, 2)
		require.Equal(t, http.StatusOK, answers[1].Status)
		require.Equal(t, applied, s.decisions(), format)

		path, err := sandbox.DropStatement(format)
		require.NoError(t, err)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		statement, err := clientbank.Parse(data)
		require.NoError(t, err)
		require.Len(t, statement.Credits, 1)
	}
	sandbox, _ := setup(t)
	for _, amount := range []string{"", "0", "-1"} {
		_, err := sandbox.AddCredit(Credit{Amount: amount})
		require.Error(t, err)
	}
	_, err := sandbox.Statement("pdf")
	require.Error(t, err)
}

func TestScriptsAndPages(t *testing.T) {
	sandbox, s := setup(t)
	for _, path := range []string{"/", "/erip", "/bank", "/pay/pay.cfm"} {
		require.Contains(t, get(t, sandbox.URL()+path), "<h1>")
	}
	require.Contains(t, post(t, sandbox.URL()+"/erip", url.Values{"account": {"NOAIS000000001"}, "do": {"pay"}}), "problem")
	require.Contains(t, post(t, sandbox.URL()+"/bank", url.Values{"unp": {"1"}, "amount": {"1.00"}, "purpose": {"<script>"}, "do": {"add"}}), "&lt;script&gt;")
	resp, err := http.Post(sandbox.URL()+"/api/cards", "application/json", strings.NewReader(`{"orderNumber":"NOAIS000092239","amount":"43.20","faults":{"repeats":1}}`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, applied, s.decisions())
	resp, err = http.Post(sandbox.URL()+"/api/cards", "application/json", strings.NewReader(`{"ordernumbr":""}`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}
