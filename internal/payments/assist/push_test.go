package assist

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/paymentstest"
)

// newBooks is a ledger over the one number that is sold.
func newBooks() *paymentstest.Ledger {
	return paymentstest.New(payments.Payable{
		Number: 92239, Amount: 4320, State: payments.PayableOpen, Due: noon.AddDate(10, 0, 0), Methods: []payments.Source{payments.SourceAssist},
	})
}

// signed is the example push with some fields changed and signed anew over
// the operation's amount, or over the order's when that is asked for.
func signed(t *testing.T, overOrder bool, pairs ...string) []byte {
	t.Helper()
	v, err := url.ParseQuery(string(golden(t, "push-approved.form")))
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	x := v.Get("merchant_id") + v.Get("ordernumber") + v.Get("amount") + v.Get("currency") + v.Get("orderstate")
	if overOrder {
		x = v.Get("merchant_id") + v.Get("ordernumber") + v.Get("orderamount") + v.Get("ordercurrency") + v.Get("orderstate")
	}
	v.Set("checkvalue", CheckValue(payments.NewSecret(secretWord), x))
	return []byte(v.Encode())
}

func TestPushOfWorkedExample(t *testing.T) {
	b, body := newBooks(), golden(t, "push-approved.form")
	answer, err := NewReceiver(gateway(t), b).Handle(t.Context(), body)
	require.NoError(t, err)
	require.Equal(t, string(golden(t, "answer-ok.xml")), string(answer.XML()))
	require.Len(t, b.Rows(), 1)
	require.Equal(t, payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: "5999999000000001/Approved", Bill: "5999999000000001",
		Raw: body, Number: "NOAIS000092239", Amount: 4320, Currency: "BYN", ReceivedAt: noon,
		OccurredAt: time.Date(2025, 6, 1, 9, 15, 55, 0, time.UTC),
	}, b.Rows()[0].Notification)
}

func TestP4_PushAnswersAndWhatIsKept(t *testing.T) {
	type want struct {
		first  FirstCode
		second SecondCode
		kept   payments.Kind
	}
	plain := string(golden(t, "push-approved.form"))
	for name, c := range map[string]struct {
		body []byte
		want want
	}{
		"signed over the order's amount": {signed(t, true), want{0, 0, payments.KindPayment}},
		"names in capitals":              {[]byte(strings.Replace(plain, "merchant_id", "Merchant_ID", 1)), want{0, 0, payments.KindPayment}},
		"only a part is signed":          {signed(t, false, "amount", "33.20"), want{5, 108, payments.KindPayment}},
		"declined":                       {signed(t, false, "orderstate", "Declined"), want{0, 0, payments.KindNoMoney}},
		"cancelled":                      {signed(t, false, "orderstate", "Canceled"), want{0, 0, payments.KindReversal}},
		"wrong amount":                   {signed(t, false, "orderamount", "43.21", "amount", "43.21"), want{5, 108, payments.KindPayment}},
		"wrong currency":                 {signed(t, false, "ordercurrency", "RUB", "currency", "RUB"), want{5, 105, payments.KindPayment}},
		"unknown order":                  {signed(t, false, "ordernumber", "NOAIS000000001"), want{5, 107, payments.KindPayment}},
		"not our order number":           {signed(t, false, "ordernumber", "INV-7"), want{5, 107, payments.KindPayment}},
		"test mode":                      {signed(t, false, "testmode", "1"), want{15, 0, payments.KindTest}},
		"other merchant":                 {signed(t, false, "merchant_id", "111111"), want{5, 100, ""}},
		"amount is text":                 {signed(t, true, "orderamount", "much"), want{4, 108, payments.KindUnreadable}},
		"unknown state":                  {signed(t, false, "orderstate", "Paid"), want{5, 164, payments.KindUnreadable}},
		"bad check value":                {[]byte(strings.Replace(plain, "DA1B", "DA1C", 1)), want{7, 0, ""}},
		"state changed after signing":    {[]byte(strings.Replace(plain, "Approved", "Delayed", 1)), want{7, 0, ""}},
		"no check value":                 {[]byte(plain[:strings.Index(plain, "&checkvalue")]), want{3, 158, ""}},
		"no bill":                        {[]byte(strings.Replace(plain, "billnumber", "bill", 1)), want{3, 143, payments.KindUnreadable}},
		"two amounts":                    {[]byte(plain + "&amount=1.00"), want{4, 108, ""}},
		"too long":                       {make([]byte, MaxPush+1), want{4, 1, ""}},
		"not a form":                     {[]byte("%zz"), want{3, 100, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks()
			answer, _ := NewReceiver(gateway(t), b).Handle(t.Context(), c.body)
			got := want{first: answer.First, second: answer.Second}
			for _, n := range b.Rows() {
				got.kept = n.Kind
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.want.first == 0, strings.Contains(string(answer.XML()), "<order>"))
		})
	}
}

func TestTestModePaysOnlyWhenConfigured(t *testing.T) {
	b := newBooks()
	g := gateway(t, func(c *Config) { c.TestMode = true })
	answer, err := NewReceiver(g, b).Handle(t.Context(), signed(t, false, "testmode", "1"))
	require.NoError(t, err)
	require.Zero(t, answer.First)
	require.Equal(t, payments.KindPayment, b.Rows()[0].Kind)
}

func TestP6_NotAnsweredWellBeforeItIsOnDisk(t *testing.T) {
	b := newBooks()
	b.Fails = errors.New("disk is full")
	answer, err := NewReceiver(gateway(t), b).Handle(t.Context(), golden(t, "push-approved.form"))
	require.ErrorIs(t, err, b.Fails)
	require.Equal(t, Answer{First: 2, Second: 1}, answer)
}

func TestP5_RepeatedPushIsAnsweredTheSame(t *testing.T) {
	b := newBooks()
	r := NewReceiver(gateway(t), b)
	first, err := r.Handle(t.Context(), golden(t, "push-approved.form"))
	require.NoError(t, err)
	again, err := r.Handle(t.Context(), golden(t, "push-approved.form"))
	require.NoError(t, err)
	require.Equal(t, first.XML(), again.XML())
	require.Len(t, b.Rows(), 1)
}

func FuzzPush(f *testing.F) {
	f.Add([]byte("merchant_id=999999&ordernumber=NOAIS000092239&billnumber=5999999000000001.1&orderamount=43.20&ordercurrency=BYN&orderstate=Approved&checkvalue=DA1BF24A596D50B98EF77E1DE5508106"))
	f.Add([]byte("merchant_id=999999&merchant_id=1;a=b"))
	f.Add([]byte("%"))
	g, err := New(config("https://test.paysec.by"), nopClient(), func() time.Time { return noon })
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		push, err := ParsePush(body)
		if err != nil {
			var field *FieldError
			require.ErrorAs(t, err, &field)
			return
		}
		require.True(t, push.BillNumber != "" || push.missing != nil, "what names no bill is known to be unreadable")
		signed, err := g.Verify(push)
		if err != nil {
			return
		}
		require.Equal(t, "999999", push.MerchantID)
		n := g.Notification(push, signed, body)
		require.NotEmpty(t, n.ExternalID)
		require.GreaterOrEqual(t, n.Amount, order.Kopecks(0))
	})
}
