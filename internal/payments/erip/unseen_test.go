package erip

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Fields in every form: "" lets the payment begin, anything else is the line of
// the refusal, with which nothing has begun.
func TestP2_P4_FieldsInEveryForm(t *testing.T) {
	plain := strings.Replace(string(golden(t, "transaction-start.xml")), "windows-1251", "utf-8", 1)
	for field, values := range map[string]map[string]string{
		"Amount": {
			"43,20": "", "43.20": "", "43.2": "", " 43,20 ": "", "043,20": "", "43": textWrongAmount, "0,00": textWrongAmount, "4320": textWrongAmount,
			"1e2": textBadMessage, "4.32e1": textBadMessage, "-43,20": textBadMessage, "-0,00": textBadMessage, "": textBadMessage, "+43,20": textBadMessage,
			"43,200": textBadMessage, "４３,20": textBadMessage, "٤٣,20": textBadMessage, "43\u00a0,20": textBadMessage, "0x2b": textBadMessage,
			"43,20BYN": textBadMessage, "9223372036854775808": textBadMessage, "NaN": textBadMessage, "43,20</Amount><Amount>0,01": textBadMessage,
		},
		"PersonalAccount": {
			"NOAIS000092239": "", "noais000092239": "", "NОАIS000092239": "", "NOAIS000092239 ": "", "NOAIS000092239\u200b": "", "&#78;OAIS000092239": "",
			"<![CDATA[NOAIS000092239]]>": "", "92239": textUnknownOrder, "000092239": textUnknownOrder, "NOAIS0000922390": textUnknownOrder,
			"NOAIS00009223٩": textUnknownOrder, "": textUnknownOrder, "NOAIS000092239 NOAIS000092240": textUnknownOrder,
			"NOAIS000092239&#0;": textBadMessage, "NOAIS000092239</PersonalAccount><PersonalAccount>NOAIS000092240": textBadMessage,
		},
		"TransactionId": {
			"900200300": "", "9223372036854775807": "", "900200300 ": "", "9223372036854775808": textBadMessage, "0": textBadMessage, "-1": textBadMessage,
			"1e2": textBadMessage, "٩٠٠": textBadMessage, "": textBadMessage, "0x10": textBadMessage,
		},
		"Currency": {"933": "", "933 ": "", "974": textWrongCurrency, "BYN": textWrongCurrency, "9 33": textWrongCurrency, "": textWrongCurrency, "٩٣٣": textWrongCurrency},
	} {
		for value, want := range values {
			before, rest, found := strings.Cut(plain, "<"+field+">")
			require.True(t, found, field)
			_, after, found := strings.Cut(rest, "</"+field+">")
			require.True(t, found, field)
			d := newProviderFixture(Config{ServiceNo: 1234567})
			answer, _, _ := d.Handle(t.Context(), []byte(before+"<"+field+">"+value+"</"+field+">"+after), "text/xml", http.Header{})
			response, err := DecodeResponse(answer)
			require.NoError(t, err)
			if want == "" {
				require.Empty(t, response.Errors, "%s %q", field, value)
				require.Len(t, d.store.data.transactions, 1)
				continue
			}
			require.Equal(t, []string{want}, response.Errors, "%s %q", field, value)
			require.Empty(t, d.store.data.transactions, "%s %q", field, value)
			require.Contains(t, []payments.Reason{payments.ReasonNone, payments.ReasonUnreadable}, d.reason())
		}
	}
}
