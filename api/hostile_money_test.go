package api_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// hostileOctets are what a gateway's field may hold on the wire.
var hostileOctets = map[string]string{
	"NUL": "\x00", "NUL in the middle": "a\x00b", "bell": "\x07", "escape": "\x1b[2J", "delete": "\x7f", "C1": "\u0081", "no UTF-8": "\xff\xfe",
	"surrogate": "\xed\xa0\x80", "bidi override": "\u202eabc", "isolate": "\u2066a", "zero width": "\u200b", "noncharacter": "\ufffe",
	"empty": "", "blank": "   ", "lines": "a\r\nb", "64 KiB": strings.Repeat("9", 60<<10), "flood": "e" + strings.Repeat("\u0301", 4000),
	"SQL": "'; DROP TABLE payments; --", "markup": "<b>&amp;]]>", "exponent": "1e9", "template": "{{.}}%s",
}

// wellFormed reads an answer as its receiver does.
func wellFormed(t *testing.T, answer, about string) {
	t.Helper()
	d := charset.XMLDecoder(strings.NewReader(answer))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, about)
	}
}

// Every field of a push of ASSIST, signed over what it holds, may be hostile: the
// answer is the gateway's, what was signed is on disk, and what is shown can be.
func TestP4_EveryFieldOfAPushMayBeHostile(t *testing.T) {
	d := newGatewayFixture(t, "127.0.0.0/8", "")
	names := []string{
		"merchant_id", "ordernumber", "billnumber", "testmode", "orderamount", "ordercurrency", "amount", "currency", "orderstate", "responsecode",
		"operationtype", "operationdate", "packetdate", "checkvalue", "customer", "\x00",
	}
	form := url.Values{
		"merchant_id": {"999999"}, "ordernumber": {"NOAIS000000001"}, "billnumber": {"1.1"}, "testmode": {"0"}, "orderamount": {"43.20"}, "ordercurrency": {"BYN"},
		"amount": {"43.20"}, "currency": {"BYN"}, "orderstate": {"Approved"}, "responsecode": {"AS000"}, "operationtype": {"100"},
	}
	for _, name := range names {
		for kind, value := range hostileOctets {
			changed := url.Values{}
			for k, v := range form {
				changed[k] = v
			}
			changed.Set(name, value)
			if name != "checkvalue" {
				x := ""
				for _, signed := range []string{"merchant_id", "ordernumber", "amount", "currency", "orderstate"} {
					x += changed.Get(signed)
				}
				changed.Set("checkvalue", assist.CheckValue(payments.NewSecret("SECRET"), x))
			}
			answer, _ := d.post("/gateways/assist", formType, []byte(changed.Encode()), nil)
			wellFormed(t, answer, name+" "+kind)
			require.Contains(t, answer, "firstcode=", "%s %s", name, kind)
		}
	}
	require.Zero(t, d.count("payments WHERE state = 'applied'"), "no number was open under this name")
	require.Positive(t, d.count("payments WHERE state = 'unapplied'"))
	pgtest.NothingHostileIsStored(t, d.pool)
}

// element is an element of XML that holds a text.
var element = regexp.MustCompile(`<(\w+)>([^<>]+)</`)

// Every text of every message of ERIP may be hostile, as octets and as character
// references, which XML forbids or not.
func TestP4_EveryTextOfERIPMayBeHostile(t *testing.T) {
	d := newGatewayFixture(t, "127.0.0.0/8", "")
	values := map[string]string{"reference to NUL": "&#0;", "reference to a surrogate": "&#xD800;", "reference to an override": "&#x202e;a", "unknown entity": "&x;", "CDATA": "<![CDATA[\x01]]>"}
	for kind, value := range hostileOctets {
		values[kind] = value
	}
	for _, file := range []string{"service-info.xml", "transaction-start.xml"} {
		message, err := os.ReadFile("../internal/payments/erip/testdata/" + file)
		require.NoError(t, err)
		places := element.FindAllSubmatchIndex(message, -1)
		require.Greater(t, len(places), 5)
		for _, place := range places {
			for kind, value := range values {
				body := fmt.Sprintf("%s%s%s", message[:place[4]], value, message[place[5]:])
				answer, _ := d.post("/gateways/erip", formType, []byte(url.Values{"XML": {body}}.Encode()), nil)
				wellFormed(t, answer, file+" "+kind)
				var v struct{ XMLName xml.Name }
				require.NoError(t, charset.XMLDecoder(strings.NewReader(answer)).Decode(&v))
				require.Equal(t, "ServiceProvider_Response", v.XMLName.Local)
			}
		}
	}
	require.Zero(t, d.count("payments WHERE state = 'applied'"))
	pgtest.NothingHostileIsStored(t, d.pool)
}
