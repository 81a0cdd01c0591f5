package assist

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Fields in every form, each signed well: they pay when they are the sum, state
// and currency of the order in any way of writing that the gateway's facts
// allow, and wait with their reason otherwise; nothing signed is lost.
func TestP4_P6_SignedFieldsInEveryForm(t *testing.T) {
	const paid = payments.ReasonNone
	unread := payments.ReasonUnreadable
	for field, values := range map[string]map[string]payments.Reason{
		"amount": {
			"43.20": paid, "43,20": paid, "43.2": paid, "043.20": paid, " 43.20": paid, "43.20 ": paid, "\u00a043.20": paid,
			"43": payments.ReasonUnderpaid, "43.19": payments.ReasonUnderpaid, "43.21": payments.ReasonOverpaid, "4320": payments.ReasonOverpaid,
			"0.00": payments.ReasonUnderpaid, "4.32e1": unread, "1e2": unread, "４３.20": unread, "٤٣.20": unread, "43.200": unread, "43.205": unread,
			"43\u00a0.20": unread, "-0.00": unread, "-43.20": unread, "+43.20": unread, "0x2b": unread, "43.20BYN": unread, "": unread, " ": unread,
			"9223372036854775808": unread, "43.20\u200b": unread, "43.20\x00": unread, "1 043.20": unread, "43.2.0": unread, ".20": unread, "43.": unread,
		},
		"state": {
			"Approved": paid, "APPROVED": paid, " approved ": paid, "approved\n": paid,
			"Аpproved": unread, "Approved\x00": unread, "Approved;Declined": unread, "": unread, "approved\u200b": unread, "Paid": unread,
			strings.Repeat("Approved", 1000): unread,
		},
		"currency": {
			"BYN": paid, "byn": paid, " BYN": paid, "BYR": payments.ReasonWrongCurrency, "933": payments.ReasonWrongCurrency,
			"ВYN": payments.ReasonWrongCurrency, "BYN\u200b": payments.ReasonWrongCurrency, "BYNN": payments.ReasonWrongCurrency, "": unread,
		},
		"number": {
			"NOAIS000092239": paid, "noais000092239": paid, "NОАIS000092239": paid, "НОАИС000092239": payments.ReasonNoNumber, "": unread, "NOAIS00092239": payments.ReasonNoNumber,
			"ROAIS000092239 NOAIS000092240": payments.ReasonNoNumber, "NOAIS000092240": payments.ReasonUnknownNumber,
		},
	} {
		for value, want := range values {
			pairs := map[string][]string{
				"amount": {"amount", value, "orderamount", value}, "state": {"orderstate", value}, "currency": {"currency", value, "ordercurrency", value},
				"number": {"ordernumber", value},
			}[field]
			b, body := newBooks(), signed(t, false, pairs...)
			answer, err := NewReceiver(gateway(t), b).Handle(t.Context(), body)
			require.NoError(t, err, "%s %q", field, value)
			require.Len(t, b.Rows(), 1, "%s %q", field, value)
			require.Equal(t, want, b.Rows()[0].Reason, "%s %q", field, value)
			require.Equal(t, want == paid, answer.First == 0, "%s %q", field, value)
			require.Equal(t, body, b.Rows()[0].Raw)
		}
	}
}

// Two values for one field, whatever the order and the spelling of the names:
// nobody can say which of them was signed.
func TestP4_AFieldTwiceIsRefused(t *testing.T) {
	v, err := url.ParseQuery(string(signed(t, false)))
	require.NoError(t, err)
	for _, more := range []string{
		"orderamount=1.00", "OrderAmount=1.00", "ORDERAMOUNT=43.20", "order%61mount=1.00", "orderstate=Declined", "ordernumber=NOAIS000092240",
		"billnumber=1", "checkvalue=00", "merchant_id=1", "testmode=1", "amount=1.00", "packetdate=01.01.2020+00:00:00",
	} {
		if name, _, _ := strings.Cut(more, "="); v.Get(strings.ToLower(name)) == "" && name != "order%61mount" {
			continue
		}
		for _, body := range []string{string(signed(t, false)) + "&" + more, more + "&" + string(signed(t, false))} {
			b := newBooks()
			answer, err := NewReceiver(gateway(t), b).Handle(t.Context(), []byte(body))
			require.Error(t, err, more)
			require.NotZero(t, answer.First, more)
			require.Empty(t, b.Rows(), more)
		}
	}
}
