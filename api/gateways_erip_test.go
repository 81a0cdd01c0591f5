package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
)

// ask sends a message of ERIP and decodes the answer.
func (d *gatewayFixture) ask(r erip.Request) erip.Response {
	d.t.Helper()
	r.At, r.ServiceNo, r.Currency, r.RequestID = time.Now(), service, erip.Currency, 700100
	if r.Account == "" {
		r.Account = theNumber.ERIP()
	}
	answer, header := d.post("/gateways/erip", formType, []byte(url.Values{"XML": {string(r.Encode())}}.Encode()), nil)
	require.Equal(d.t, "text/xml; charset=windows-1251", header.Get("Content-Type"))
	response, err := erip.DecodeResponse([]byte(answer))
	require.NoError(d.t, err)
	return response
}

func TestP2_P5_DialogueOfERIPWithRepeats(t *testing.T) {
	d := newGatewayFixture(t, "127.0.0.0/8", "")
	start := erip.Request{Type: erip.TransactionStart, TransactionID: 900200300, Amount: thePrice}
	result := erip.Request{Type: erip.TransactionResult, TransactionID: 900200300}
	var first int64
	for i := range 3 {
		info := d.ask(erip.Request{Type: erip.ServiceInfo, Account: "nоais 0000 92239"})
		require.Equal(t, thePrice, info.Debt)
		require.Contains(t, info.Lines, "Заказ NOAIS000092239")
		started := d.ask(start)
		require.Empty(t, started.Errors)
		if i == 0 {
			first = started.ProviderTrxID
		}
		require.Equal(t, first, started.ProviderTrxID)
	}
	require.NotEmpty(t, d.ask(erip.Request{Type: erip.TransactionStart, TransactionID: 1, Amount: thePrice}).Errors, "it is being paid")
	require.Zero(t, d.count("payments"))
	for range 3 {
		require.Empty(t, d.ask(result).Errors)
	}
	require.Equal(t, 1, d.count("payments WHERE state = 'applied'"))
	require.Equal(t, []string{"Заказ уже оплачен"}, d.ask(erip.Request{Type: erip.TransactionStart, TransactionID: 2, Amount: thePrice}).Errors)
}

func TestP2_ReversalOnlyBeforeIssue(t *testing.T) {
	d := newGatewayFixture(t, "127.0.0.0/8", "")
	pay := func(id int64) {
		require.Empty(t, d.ask(erip.Request{Type: erip.TransactionStart, TransactionID: id, Amount: thePrice}).Errors)
		require.Empty(t, d.ask(erip.Request{Type: erip.TransactionResult, TransactionID: id}).Errors)
	}
	storn := func(id int64) erip.Response {
		return d.ask(erip.Request{Type: erip.StornStart, TransactionID: id, Amount: thePrice})
	}
	pay(1)
	for range 2 {
		require.Empty(t, storn(1).Errors)
	}
	for range 2 {
		require.Empty(t, d.ask(erip.Request{Type: erip.StornResult, TransactionID: 1, Amount: thePrice, Storned: true}).Errors)
	}
	require.Equal(t, 1, d.count("payables WHERE state = 'open'"))
	require.Equal(t, 1, d.count("payments WHERE state = 'returned'"))
	require.Equal(t, []payments.Reason{payments.ReasonReversed}, d.unapplied())

	pay(2)
	told, err := d.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, told, 1)
	require.NotEmpty(t, storn(2).Errors, "the workflow may know of the payment: a certificate may be on its way")
	require.Equal(t, 1, d.count("payables WHERE state = 'paid'"))
}

func TestERIPSpeaksWindows1251InEveryPacking(t *testing.T) {
	d := newGatewayFixture(t, "127.0.0.0/8", "")
	doc := erip.Request{Type: erip.ServiceInfo, At: time.Now(), ServiceNo: service, Account: "NОАIS000092239", Currency: erip.Currency, RequestID: 7}.Encode()
	require.Contains(t, string(doc), "\xCE\xC0", "Cyrillic in windows-1251")
	var multi bytes.Buffer
	form := multipart.NewWriter(&multi)
	part, err := form.CreateFormFile("XML", "request.xml")
	require.NoError(t, err)
	_, err = part.Write(doc)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	for name, c := range map[string]struct {
		contentType string
		body        []byte
	}{
		"field": {formType, []byte(url.Values{"XML": {string(doc)}}.Encode())}, "file": {form.FormDataContentType(), multi.Bytes()},
		"raw": {"text/xml; charset=windows-1251", doc},
	} {
		answer, _ := d.post("/gateways/erip", c.contentType, c.body, nil)
		require.Contains(t, answer, `encoding="windows-1251"`, name)
		require.Contains(t, charset.Text([]byte(answer)), "Заказ NOAIS000092239", name)
	}
	for name, body := range map[string][]byte{"nonsense": []byte("nonsense"), "empty": nil, "too long": bytes.Repeat([]byte("<"), erip.MaxBody+1)} {
		answer, _ := d.post("/gateways/erip", "text/xml", body, nil)
		require.Contains(t, charset.Text([]byte(answer)), "Сообщение не распознано", name)
	}
}

func TestERIPIsKnownByItsNetworksAndSignature(t *testing.T) {
	d := newGatewayFixture(t, "127.0.0.0/8", "salt")
	doc := erip.Request{Type: erip.ServiceInfo, At: time.Now(), ServiceNo: service, Account: theNumber.ERIP(), Currency: erip.Currency, RequestID: 7}.Encode()
	answer, header := d.post("/gateways/erip", "text/xml", doc, http.Header{erip.SignatureHeader: {erip.Sign(payments.NewSecret("salt"), doc)}})
	require.Contains(t, answer, "43,20")
	require.True(t, erip.Verify(payments.NewSecret("salt"), []byte(answer), header.Get(erip.SignatureHeader)))
	answer, _ = d.post("/gateways/erip", "text/xml", doc, nil)
	require.NotContains(t, answer, "43,20")

	stranger := newGatewayFixture(t, "192.0.2.0/24", "")
	resp, err := http.Post(stranger.url+"/gateways/erip", "text/xml", bytes.NewReader(doc))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	for _, path := range []string{"/gateways/erip", "/gateways/assist"} {
		resp, err := http.Get(d.url + path)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
	}
}
