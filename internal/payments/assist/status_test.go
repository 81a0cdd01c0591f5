package assist

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

func nopClient() *http.Client { return &http.Client{} }

// served is a gateway whose server always gives the same answer; the forms
// it was asked with come out of the returned map by path.
func served(t *testing.T, status int, answer string) (*Gateway, map[string]url.Values) {
	t.Helper()
	asked := map[string]url.Values{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked[r.URL.Path] = r.PostForm
		if status == http.StatusFound {
			w.Header().Set("Location", answer)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	cfg := config(server.URL)
	cfg.TestMode = true
	g, err := New(cfg, server.Client(), func() time.Time { return noon })
	require.NoError(t, err)
	return g, asked
}

func TestPollAsksFromTheCreationAndFindsTheApprovedAttempt(t *testing.T) {
	g, asked := served(t, http.StatusOK, string(golden(t, "orderresult.xml")))
	created := time.Date(2025, 5, 25, 1, 30, 0, 0, time.FixedZone("Minsk", 3*3600))
	status, err := g.OrderResult(t.Context(), 92239, created)
	require.NoError(t, err)
	require.Equal(t, url.Values{
		"Merchant_ID": {"999999"}, "Login": {"merchant_1"}, "Password": {password}, "Language": {"EN"}, "Format": {"3"},
		"Ordernumber": {"NOAIS000092239"},
		"StartYear":   {"2025"}, "StartMonth": {"5"}, "StartDay": {"24"}, "StartHour": {"22"}, "StartMin": {"30"},
		"EndYear": {"2025"}, "EndMonth": {"6"}, "EndDay": {"2"}, "EndHour": {"9"}, "EndMin": {"16"},
	}, asked["/orderresult/orderresult.cfm"])

	paid, ok := status.Approved()
	require.True(t, ok)
	require.Equal(t, "5999999000000001", paid.BillNumber)
	require.Len(t, status.Orders, 2)
}

func TestP5_PollAndPushTellOneEvent(t *testing.T) {
	g, _ := served(t, http.StatusOK, string(golden(t, "orderresult.xml")))
	status, err := g.OrderResult(t.Context(), 92239, noon)
	require.NoError(t, err)
	polled := g.Notifications(status)
	push, err := ParsePush(golden(t, "push-approved.form"))
	require.NoError(t, err)
	pushed := g.Notification(push, SignedOrder, nil)
	require.Equal(t, pushed.Content(), polled[1].Content(), "one is a repetition of the other")
	require.Equal(t, payments.KindNoMoney, polled[0].Kind)
	require.Equal(t, pushed.ExternalID, polled[1].ExternalID)
	require.Equal(t, payments.KindPayment, polled[1].Kind)
	require.Equal(t, time.Date(2025, 6, 1, 9, 15, 50, 0, time.UTC), polled[1].OccurredAt)
}

func TestEachPartialRefundIsAnEventOfItsOwn(t *testing.T) {
	operation := func(bill, kind, amount string) string {
		return `<operation><billnumber>` + bill + `</billnumber><operationtype>` + kind + `</operationtype><amount>` + amount +
			`</amount><currency>BYN</currency><responsecode>AS000</responsecode><operationdate>02.06.2025 08:00:00</operationdate></operation>`
	}
	g, _ := served(t, http.StatusOK, `<result firstcode="0" secondcode="0"><order><ordernumber>NOAIS000092239</ordernumber><billnumber>5999999000000001</billnumber>`+
		`<orderamount>43.20</orderamount><ordercurrency>BYN</ordercurrency><orderstate>PartialCanceled</orderstate>`+
		operation("5999999000000001.1", "100", "43.20")+operation("5999999000000001.2", "300", "10.00")+operation("5999999000000001.3", "300", "5.00")+`</order></result>`)
	status, err := g.OrderResult(t.Context(), 92239, noon)
	require.NoError(t, err)
	got := map[string]string{}
	for _, n := range g.Notifications(status) {
		require.Equal(t, payments.KindReversal, n.Kind)
		got[n.ExternalID] = n.Amount.String()
	}
	require.Equal(t, map[string]string{"5999999000000001.2/refund": "10.00", "5999999000000001.3/refund": "5.00"}, got)
}

func TestOrderStateVerifiesItsCheckValue(t *testing.T) {
	doc := `<result firstcode="0" secondcode="0"><order><ordernumber>NOAIS000092239</ordernumber><billnumber>5999999000000001</billnumber>` +
		`<orderamount>43.20</orderamount><ordercurrency>BYN</ordercurrency><orderstate>Approved</orderstate><checkvalue>DA1BF24A596D50B98EF77E1DE5508106</checkvalue></order></result>`
	g, _ := served(t, http.StatusOK, doc)
	_, err := g.OrderState(t.Context(), 92239, noon)
	require.NoError(t, err)
	_, err = g.OrderState(t.Context(), 92240, noon)
	require.Error(t, err, "an answer about another order")

	g, _ = served(t, http.StatusOK, strings.Replace(doc, "43.20", "43.21", 1))
	_, err = g.OrderState(t.Context(), 92239, noon)
	require.ErrorIs(t, err, ErrCheckValue)
}

func TestPollErrors(t *testing.T) {
	g, _ := served(t, http.StatusOK, `<result><firstcode>10</firstcode><secondcode>201</secondcode></result>`)
	status, err := g.OrderState(t.Context(), 92239, noon)
	require.NoError(t, err, "nobody has tried to pay yet")
	require.Empty(t, status.Orders)

	var refused *GatewayError
	g, _ = served(t, http.StatusOK, `<result firstcode="7" secondcode="141"/>`)
	_, err = g.OrderState(t.Context(), 92239, noon)
	require.ErrorAs(t, err, &refused)
	require.False(t, refused.Temporary())
	g, _ = served(t, http.StatusOK, `<result firstcode="2" secondcode="1"/>`)
	_, err = g.OrderState(t.Context(), 92239, noon)
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Temporary())

	for _, answer := range []string{"", "<result/>", "<html/>", `<result firstcode="0"><order>`} {
		g, _ := served(t, http.StatusOK, answer)
		_, err := g.OrderState(t.Context(), 92239, noon)
		require.Error(t, err, answer)
	}
	g, asked := served(t, http.StatusFound, "/elsewhere")
	_, err = g.OrderState(t.Context(), 92239, noon)
	require.Error(t, err)
	require.NotContains(t, asked, "/elsewhere", "a password is never sent on by a redirect")
}

func TestRefund(t *testing.T) {
	ok := `<result firstcode="0" secondcode="0"><order><ordernumber>NOAIS000092239</ordernumber><billnumber>5999999000000001.2</billnumber><orderamount>43.20</orderamount><ordercurrency>BYN</ordercurrency><orderstate>Canceled</orderstate></order></result>`
	g, asked := served(t, http.StatusOK, ok)
	status, err := g.Refund(t.Context(), Refund{BillNumber: "5999999000000001.1", Amount: 4320, Key: "refund-000092239"})
	require.NoError(t, err)
	require.Equal(t, StateCanceled, status.Orders[0].State)
	form := asked["/cancel/cancel.cfm"]
	require.Equal(t, "refund-000092239", form.Get("Externalrefundid"))
	require.Equal(t, "43.20", form.Get("Amount"))
	require.Equal(t, "BYN", form.Get("Currency"))
	require.Equal(t, "2", form.Get("CancelReason"))

	_, err = g.Refund(t.Context(), Refund{BillNumber: "5999999000000001", Key: "refund-000092239", Reason: CancelByShop})
	require.NoError(t, err)
	require.NotContains(t, asked["/cancel/cancel.cfm"], "Amount", "all of it")

	for _, bad := range []Refund{{BillNumber: "1", Key: "refund-000092239"}, {BillNumber: "5999999000000001", Key: "short"}, {BillNumber: "5999999000000001", Key: "refund-000092239", Amount: -1}} {
		_, err := g.Refund(t.Context(), bad)
		require.Error(t, err)
	}
	g, _ = served(t, http.StatusOK, `<result firstcode="11" secondcode="301"/>`)
	_, err = g.Refund(t.Context(), Refund{BillNumber: "5999999000000001", Key: "refund-000092239"})
	require.ErrorIs(t, err, ErrAlreadyRefunded)
}

func TestPayURLIsTheRedirect(t *testing.T) {
	g, asked := served(t, http.StatusFound, "/pay/pay.cfm?id=1")
	page, err := g.PayPage(Order{Number: 92239, Amount: 4320})
	require.NoError(t, err)
	link, err := g.PayURL(t.Context(), page)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(link, "/pay/pay.cfm?id=1"))
	require.Equal(t, "NOAIS000092239", asked["/pay/order.cfm"].Get("OrderNumber"))
	g, _ = served(t, http.StatusOK, "no")
	page, err = g.PayPage(Order{Number: 92239, Amount: 4320})
	require.NoError(t, err)
	_, err = g.PayURL(t.Context(), page)
	require.Error(t, err)
}

func FuzzResult(f *testing.F) {
	f.Add([]byte(`<result firstcode="0"><order><orderamount>1</orderamount><orderstate>Approved</orderstate></order></result>`))
	f.Add([]byte(`<result><firstcode>1</firstcode><secondcode>2</secondcode></result>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		status, err := parseResult(raw, func(orderXML) error { return nil })
		if err != nil {
			require.Empty(t, status.Orders)
		}
	})
}
