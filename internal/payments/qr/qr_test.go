package qr

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

const (
	workedExample = "https://pay.raschet.by/#00020101021232490010by.raschet010712345671014NOAIS0000922391202125303933540543.205802BY5913UNP_1917001616007Belarus6304611F"
	donation      = "00020132360010by.raschet0107154342410011120211520458125303933540115802BY5913UNC_4913389876007Belarus"
)

var payment = Payment{ServiceCode: "1234567", Account: "NOAIS000092239", Amount: 4320, UNP: "191700161"}

func TestP2_LinkOfWorkedExample(t *testing.T) {
	payload, err := Payload(payment)
	require.NoError(t, err)
	require.Equal(t, workedExample, Link(payload))
	code, err := Parse(workedExample)
	require.NoError(t, err)
	require.Equal(t, SHA256, code.Algorithm)
	got, ok := code.Payment()
	require.True(t, ok)
	require.Equal(t, payment, got)
}

func TestPublishedCode(t *testing.T) {
	require.Equal(t, "44D0", Check(donation))
	code, err := Parse(LinkPrefix + donation + "630444D0")
	require.NoError(t, err)
	require.Equal(t, SHA256, code.Algorithm)
	got, ok := code.Payment()
	require.True(t, ok)
	require.Equal(t, Payment{ServiceCode: "1543424", Account: "1", Amount: 100, UNP: "UNC_491338987"}, got)
}

func TestOldCodesHaveACRC(t *testing.T) {
	require.Equal(t, "29B1", crc16("123456789"), "the catalogue's check of the algorithm")
	code, err := Parse(donation + checkHeader + strings.ToLower(oldCheck(donation)))
	require.NoError(t, err)
	require.Equal(t, CRC16, code.Algorithm)
	report, ok := Explain(donation + checkHeader + oldCheck(donation))
	require.True(t, ok)
	require.Equal(t, CRC16, report.Algorithm)
}

func TestSemicolonIsHashedRawAndLinkedEncoded(t *testing.T) {
	body := "0002013333" + "0010by.epos.xx" + "0305123;4" + "0606765;43" + "5303933"
	payload := body + checkHeader + Check(body)
	link := Link(payload)
	require.Contains(t, link, "123%3B4")
	for _, text := range []string{link, LinkPrefix + payload, payload} {
		code, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, SHA256, code.Algorithm, text)
		require.Equal(t, payload, code.Payload)
	}
	code, _ := Parse(link)
	_, ok := code.Payment()
	require.False(t, ok, "a code of E-POS")
}

func TestPayloadRefusesWhatCannotBeCoded(t *testing.T) {
	for name, change := range map[string]func(*Payment){
		"no service":       func(p *Payment) { p.ServiceCode = "" },
		"blank":            func(p *Payment) { p.Account = "NOAIS 1" },
		"Cyrillic":         func(p *Payment) { p.Account = "НОАИС" },
		"percent":          func(p *Payment) { p.UNP = "1%3" },
		"nothing to pay":   func(p *Payment) { p.Amount = 0 },
		"account too long": func(p *Payment) { p.Account = strings.Repeat("1", 31) },
		"name too long":    func(p *Payment) { p.UNP = strings.Repeat("1", 22) },
	} {
		p := payment
		change(&p)
		_, err := Payload(p)
		require.Error(t, err, name)
	}
}

func TestExplainSaysWhatIsWrong(t *testing.T) {
	report, ok := Explain(workedExample)
	require.True(t, ok)
	require.Equal(t, "611F", report.Check)
	require.Equal(t, "611F", report.Expected)
	text, err := json.Marshal(report)
	require.NoError(t, err)
	require.Contains(t, string(text), `{"id":"10","value":"NOAIS000092239","meaning":"account or order number"}`)

	for _, bad := range []string{
		"", "https://pay.raschet.by/", strings.Replace(workedExample, "43.20", "43.21", 1), workedExample[:60],
		LinkPrefix + donation, strings.Replace(workedExample, "0010by.raschet", "9910by.raschet", 1), "%zz",
	} {
		report, ok := Explain(bad)
		require.False(t, ok, bad)
		require.False(t, report.Valid)
		require.NotEmpty(t, report.Problem, bad)
	}
	report, _ = Explain(strings.Replace(workedExample, "611F", "611E", 1))
	require.Equal(t, "611F", report.Expected)
}

func TestAnyPaymentIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Payment{
			ServiceCode: rapid.StringMatching(`[1-9][0-9]{0,9}`).Draw(t, "service"),
			Account:     order.PaymentNumber(rapid.Int64Range(1, 999999999).Draw(t, "number")).ERIP(),
			Amount:      order.Kopecks(rapid.Int64Range(1, 9_999_999_999).Draw(t, "amount")),
			UNP:         rapid.StringMatching(`[1-7][0-9]{8}`).Draw(t, "unp"),
		}
		payload, err := Payload(p)
		require.NoError(t, err)
		code, err := Parse(Link(payload))
		require.NoError(t, err)
		got, ok := code.Payment()
		require.True(t, ok)
		require.Equal(t, p, got)
	})
}

func TestImages(t *testing.T) {
	picture, err := PNG(workedExample, 8)
	require.NoError(t, err)
	decoded, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	require.Greater(t, decoded.Bounds().Dx(), 300)
	drawn, err := SVG(workedExample, `QR "ЕРИП" <1>`)
	require.NoError(t, err)
	require.NoError(t, xml.Unmarshal(drawn, new(struct{})))
	require.Contains(t, string(drawn), "&lt;1&gt;")
	_, err = PNG(workedExample, 0)
	require.Error(t, err)
	_, err = SVG(strings.Repeat("x", 5000), "")
	require.Error(t, err)
}

func FuzzExplain(f *testing.F) {
	f.Add(workedExample)
	f.Add(donation + "630444D0")
	f.Add("https://pay.raschet.by/#6304%3B")
	f.Fuzz(func(t *testing.T, link string) {
		report, ok := Explain(link)
		require.Equal(t, ok, report.Problem == "")
		if ok {
			require.True(t, strings.EqualFold(report.Check, report.Expected))
		}
	})
}
