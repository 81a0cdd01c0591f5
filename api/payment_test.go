package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

func TestP1_OrderOf6000IsPaidByCardOrERIP(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	b.get(s.path("payment"), asIndividual).problem(problemNothingToPay)
	res := b.billed(s)
	var v paymentView
	b.get(s.path("payment"), asIndividual).is(http.StatusOK, &v)
	require.Equal(t, order.PaymentNumber(res.Number).ERIP(), v.Number)
	require.Equal(t, "86.40", v.Amount)
	require.Equal(t, "BYN", v.Currency)
	require.Equal(t, []string{"assist", "erip"}, v.Ways)
	require.Empty(t, v.Way)
	require.Nil(t, v.ERIP)
	require.Len(t, v.Lines, 1)

	b.post(s.path("payment"), asIndividual, `{"way":"client-bank"}`).problem(problemWay)
	require.Equal(t, "way", b.post(s.path("payment"), asIndividual, `{"way":"cash"}`).problem(problemValidation).Errors[0].Field)
	require.Equal(t, "way", b.post(s.path("payment"), asIndividual, ``).problem(problemValidation).Errors[0].Field)

	b.post(s.path("payment"), asIndividual, `{"way":"erip"}`).is(http.StatusOK, &v)
	require.Equal(t, "erip", v.Way)
	require.Equal(t, v.Number, v.ERIP.Number)
	require.NotEmpty(t, v.ERIP.Path)
	require.True(t, strings.Contains(v.ERIP.QRSVG, "<svg"))

	v = paymentView{}
	b.post(s.path("payment"), asIndividual, `{"way":"assist"}`).is(http.StatusOK, &v)
	require.True(t, strings.HasPrefix(v.Assist.URL, "https://pay.example.by"))
	require.Equal(t, "86.40", v.Assist.Fields["OrderAmount"])
	require.Nil(t, v.ERIP)
}

func TestPaymentOfAnEmployeesOrderIsTheManagers(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asEmployee)
	b.get(s.path("payment"), asEmployee).problem(problemNothingToPay)
	b.post(s.path("payment"), asEmployee, `{"way":"erip"}`).problem(problemNothingToPay)
	early := b.at(order.StageRequest, asIndividual)
	require.Equal(t, order.StageRequest, b.get(early.path("payment"), asIndividual).problem(problemNothingToPay).Stage)
}

func TestWaysThatAreNotConfiguredAreNotOffered(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	b.billed(s)
	d := b.server.Dependencies
	d.Ways.Configured = []payments.Source{payments.SourceERIP}
	b.serve(d)
	var v paymentView
	b.get(s.path("payment"), asIndividual).is(http.StatusOK, &v)
	require.Equal(t, []string{"erip"}, v.Ways)
	b.post(s.path("payment"), asIndividual, `{"way":"assist"}`).problem(problemWay)
}

func TestP3_ConfirmationIsPaidAllThreeWays(t *testing.T) {
	b := setup(t)
	c := b.confirmation(2)
	var signed confirmationView
	b.sign(c.ID, "x").is(http.StatusOK, &signed)
	path := "/v1/confirmations/" + c.ID
	var v paymentView
	b.get(path+"/payment", asManager).is(http.StatusOK, &v)
	require.Equal(t, []string{"assist", "erip", "client-bank"}, v.Ways)
	require.Equal(t, signed.Total, v.Amount)
	require.Len(t, v.Lines, 2)

	b.post(path+"/payment", asManager, `{"way":"client-bank"}`).is(http.StatusOK, &v)
	number, ok := strings.CutPrefix(signed.Number, "NOAIS")
	require.True(t, ok)
	require.Equal(t, "ROAIS"+number, v.Number)
	require.True(t, strings.HasPrefix(v.ClientBank.Purpose, "ROAIS"+number+" "), v.ClientBank.Purpose)
	require.Equal(t, otherUNP, v.ClientBank.Beneficiary.UNP)
	require.Equal(t, path+"/invoice", v.ClientBank.Invoice)
	pdf := b.get(v.ClientBank.Invoice, asManager).is(http.StatusOK)
	require.True(t, bytes.HasPrefix(pdf.Body, []byte("%PDF")))
	require.Contains(t, pdf.Header.Get("Content-Disposition"), ".pdf")

	v = paymentView{}
	b.post(path+"/payment", asManager, `{"way":"erip"}`).is(http.StatusOK, &v)
	require.Equal(t, signed.Number, v.Number)
	require.NotNil(t, v.ERIP)
	b.post(path+"/payment", asManager, `{"way":"assist"}`).is(http.StatusOK, &v)
	require.NotNil(t, v.Assist)
}

func TestAPaidBillHasNoDocuments(t *testing.T) {
	b := setup(t)
	c := b.confirmation(1)
	var signed confirmationView
	b.sign(c.ID, "x").is(http.StatusOK, &signed)
	path := "/v1/confirmations/" + c.ID
	b.post(path+"/payment", asManager, `{"way":"erip"}`).is(http.StatusOK)
	b.notify(payment(signed.Number, signed.Total)).is(http.StatusOK)
	var v paymentView
	b.get(path+"/payment", asManager).is(http.StatusOK, &v)
	require.Equal(t, "paid", v.State)
	require.Nil(t, v.ERIP)
	b.get(path+"/invoice", asManager).problem(problemNothingToPay)
	b.post(path+"/payment", asManager, `{"way":"assist"}`).problem(problemNothingToPay)
}

func TestI4_CredentialsAreShownAuditedAndEnd(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageIssuing, asIndividual)
	b.get(s.path("credentials"), asIndividual).problem(problemNoCredentials)
	credential, err := b.issuer.Provide(t.Context(), s.OrderID, b.now)
	require.NoError(t, err)
	var v struct{ Login, Password, StorageURL, ExpiresAt string }
	r := b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &v)
	require.Equal(t, string(credential.Login), v.Login)
	require.NotEmpty(t, v.Password)
	require.Equal(t, "https://storage.example.by", v.StorageURL)
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	require.NotContains(t, b.logs.String(), v.Password)

	b.get(s.path("credentials"), asStranger).problem(problemNotFound)
	issuedAt := b.now
	b.now = issuedAt.Add(storage.DefaultTerm)
	var ended struct{ Login, Password string }
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &ended)
	require.Empty(t, ended.Password, "past their term, destroyed or not")
	b.now = issuedAt
	require.NoError(t, b.issuer.Delivered(t.Context(), s.OrderID))
	v.Password = ""
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &v)
	require.Empty(t, v.Password, "only its hash is left")
	require.Equal(t, string(credential.Login), v.Login)
	var read []string
	for entry, err := range b.server.Store.Audit.Entries(t.Context()) {
		require.NoError(t, err)
		if entry.Action == "credentials-revealed" {
			read = append(read, entry.OrderID)
		}
	}
	require.Equal(t, []string{s.OrderID}, read)
}

func TestI7_ReportOfTheFirstSignIn(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageIssuing, asIndividual)
	b.signIns.orderID = s.OrderID
	v := b.post("/v1/activations", asIndividual, "").order(http.StatusOK)
	require.Equal(t, s.OrderID, v.ID)
	require.Equal(t, b.now, b.signIns.at)
	b.post("/v1/activations", asStranger, "").problem(problemNotFound)
	b.signIns.orderID = uuid.NewString()
	b.post("/v1/activations", asIndividual, "").problem(problemNotFound)
}
