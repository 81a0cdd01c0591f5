package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

func TestP1_OrderOf6000IsPaidByCardOrERIP(t *testing.T) {
	b := setup(t)
	early := b.at(order.StageChecking, asIndividual)
	b.get(early.path("payment"), asIndividual).problem(web.ProblemNothingToPay)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	var v contract.Payment
	b.get(s.path("payment"), asIndividual).is(http.StatusOK, &v)
	require.Equal(t, s.bill.Number.ERIP(), v.Number)
	require.Equal(t, "86.40", v.Amount)
	require.Equal(t, "BYN", v.Currency)
	require.Equal(t, []contract.PaymentMethod{contract.PaymentMethodAssist, contract.PaymentMethodERIP}, v.Methods)
	require.Empty(t, v.Method)
	require.Zero(t, v.ERIP)
	require.Len(t, v.Lines, 1)

	b.post(s.path("payment"), asIndividual, `{"method":"client-bank"}`).problem(web.ProblemPaymentMethod)
	require.Equal(t, "method", b.post(s.path("payment"), asIndividual, `{"method":"cash"}`).problem(web.ProblemValidation).Errors[0].Field)
	require.Equal(t, "method", b.post(s.path("payment"), asIndividual, ``).problem(web.ProblemValidation).Errors[0].Field)

	b.post(s.path("payment"), asIndividual, `{"method":"erip"}`).is(http.StatusOK, &v)
	require.Equal(t, contract.PaymentMethodERIP, v.Method)
	require.Equal(t, v.Number, v.ERIP.Number)
	require.Equal(t, []string{"ЕРИП", "физические лица"}, v.ERIP.Path, "P2: by service")
	require.True(t, strings.Contains(v.ERIP.QRSVG, "<svg"))

	v = contract.Payment{}
	b.post(s.path("payment"), asIndividual, `{"method":"assist"}`).is(http.StatusOK, &v)
	require.True(t, strings.HasPrefix(v.Assist.URL, "https://pay.example.by"))
	require.Equal(t, "86.40", v.Assist.Fields["OrderAmount"])
	page := "https://portal.example.by/orders/" + s.ID.String() + "/payment"
	require.Equal(t, page+"?card=paid", v.Assist.Fields["URL_RETURN_OK"])
	require.Equal(t, page+"?card=failed", v.Assist.Fields["URL_RETURN_NO"])
	require.Zero(t, v.ERIP)
}

func TestPaymentOfAnEmployeesOrderIsTheManagers(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asEmployee)
	b.get(s.path("payment"), asEmployee).problem(web.ProblemNothingToPay)
	b.post(s.path("payment"), asEmployee, `{"method":"erip"}`).problem(web.ProblemNothingToPay)
	early := b.at(order.StageRequest, asIndividual)
	require.Equal(t, order.StageRequest, b.get(early.path("payment"), asIndividual).problem(web.ProblemNothingToPay).Stage)
}

func TestMethodsThatAreNotConfiguredAreNotOffered(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	d := b.deps
	d.Methods.Configured = []payments.Source{payments.SourceERIP}
	b.serve(d)
	var v contract.Payment
	b.get(s.path("payment"), asIndividual).is(http.StatusOK, &v)
	require.Equal(t, []contract.PaymentMethod{contract.PaymentMethodERIP}, v.Methods)
	b.post(s.path("payment"), asIndividual, `{"method":"assist"}`).problem(web.ProblemPaymentMethod)
}

func TestP3_ConfirmationIsPaidByAllThreeMethods(t *testing.T) {
	b := setup(t)
	c := b.confirmation(2)
	var signed contract.Confirmation
	b.sign(c).is(http.StatusOK, &signed)
	path := "/v1/confirmations/" + c.ID.String()
	var v contract.Payment
	b.get(path+"/payment", asManager).is(http.StatusOK, &v)
	require.Equal(t, []contract.PaymentMethod{
		contract.PaymentMethodAssist, contract.PaymentMethodERIP, contract.PaymentMethodClientBank,
	}, v.Methods)
	require.Equal(t, signed.Total, v.Amount)
	require.Len(t, v.Lines, 2)

	b.post(path+"/payment", asManager, `{"method":"client-bank"}`).is(http.StatusOK, &v)
	number, ok := strings.CutPrefix(signed.Number, "NOAIS")
	require.True(t, ok)
	require.Equal(t, "ROAIS"+number, v.Number)
	require.True(t, strings.HasPrefix(v.ClientBank.Purpose, "ROAIS"+number+" "), v.ClientBank.Purpose)
	require.Equal(t, otherUNP, v.ClientBank.Beneficiary.UNP)
	require.Equal(t, path+"/invoice", v.ClientBank.Invoice)
	pdf := b.get(v.ClientBank.Invoice, asManager).is(http.StatusOK)
	require.True(t, bytes.HasPrefix(pdf.Body, []byte("%PDF")))
	require.Contains(t, pdf.Header.Get("Content-Disposition"), ".pdf")

	v = contract.Payment{}
	b.post(path+"/payment", asManager, `{"method":"erip"}`).is(http.StatusOK, &v)
	require.Equal(t, signed.Number, v.Number)
	require.Equal(t, []string{"ЕРИП", "организации"}, v.ERIP.Path, "P2: by service")
	b.post(path+"/payment", asManager, `{"method":"assist"}`).is(http.StatusOK, &v)
	require.Equal(t, "https://portal.example.by/organisation/lists/"+c.ID.String()+"/payment?card=paid", v.Assist.Fields["URL_RETURN_OK"])
}

func TestAPaidBillHasNoDocuments(t *testing.T) {
	b := setup(t)
	c := b.confirmation(1)
	var signed contract.Confirmation
	b.sign(c).is(http.StatusOK, &signed)
	path := "/v1/confirmations/" + c.ID.String()
	b.post(path+"/payment", asManager, `{"method":"erip"}`).is(http.StatusOK)
	b.notify(payment(signed.Number, signed.Total)).is(http.StatusOK)
	var v contract.Payment
	b.get(path+"/payment", asManager).is(http.StatusOK, &v)
	require.Equal(t, contract.Paid, v.State)
	require.Zero(t, v.ERIP)
	b.get(path+"/invoice", asManager).problem(web.ProblemNothingToPay)
	b.post(path+"/payment", asManager, `{"method":"assist"}`).problem(web.ProblemNothingToPay)
}

func TestI4_CredentialsAreShownAuditedAndEnd(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageIssuing, asIndividual)
	b.get(s.path("credentials"), asIndividual).problem(web.ProblemNoCredentials)
	credential, err := b.issuer.Provide(t.Context(), s.ID.String(), b.now)
	require.NoError(t, err)
	var v struct{ Login, Password, StorageURL, ExpiresAt string }
	r := b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &v)
	require.Equal(t, string(credential.Login), v.Login)
	require.NotEmpty(t, v.Password)
	require.Equal(t, "https://storage.example.by", v.StorageURL)
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	require.NotContains(t, b.logs.String(), v.Password)

	b.get(s.path("credentials"), asStranger).problem(web.ProblemNotFound)
	b.get(s.path("credentials"), "Bearer borrowed-certificate").problem(web.ProblemOtherPerson)
	b.get(s.path("credentials"), "Bearer representative").problem(web.ProblemRepresentative)
	_, err = b.pool.Exec(t.Context(), "UPDATE credentials SET expires_at = $1", b.now)
	require.NoError(t, err)
	var ended struct{ Login, Password string }
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &ended)
	require.Empty(t, ended.Password, "past their term, destroyed or not")
	_, err = b.pool.Exec(t.Context(), "UPDATE credentials SET expires_at = $1", b.now.Add(storage.DefaultTerm))
	require.NoError(t, err)
	require.NoError(t, b.issuer.Delivered(t.Context(), s.ID.String()))
	v.Password = ""
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &v)
	require.Empty(t, v.Password, "only its hash is left")
	require.Equal(t, string(credential.Login), v.Login)
	var read []string
	for entry, err := range b.audit.Entries(t.Context()) {
		require.NoError(t, err)
		if entry.Action == "credentials-revealed" {
			read = append(read, entry.OrderID)
		}
	}
	require.Equal(t, []string{s.ID.String()}, read)
}
