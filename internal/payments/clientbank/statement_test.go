package clientbank

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

const own = "BY83AKBB30120893700845500000"

// derived stands for an id that was made from what an entry says.
const derived = "derived"

func golden(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return data
}

func minsk(day, hour, minute, second int) time.Time {
	return time.Date(2025, 6, day, hour, minute, second, 0, order.Minsk())
}

// parsed reads a golden statement and takes the raw blocks out of the credits.
func parsed(t *testing.T, name string, format Format) ([]Credit, [][]byte) {
	t.Helper()
	s, err := Parse(golden(t, name))
	require.NoError(t, err)
	require.Equal(t, format, s.Format)
	raw := make([][]byte, len(s.Credits))
	for i := range s.Credits {
		raw[i], s.Credits[i].Raw = s.Credits[i].Raw, nil
		s.Credits[i].reference, s.Credits[i].details = "", ""
		if strings.HasPrefix(s.Credits[i].OperationID, "#") {
			require.Regexp(t, `^#[0-9a-f]{24}\.1$`, s.Credits[i].OperationID)
			s.Credits[i].OperationID = derived
		}
	}
	return s.Credits, raw
}

func TestP3_TextStatementOfWorkedExample(t *testing.T) {
	want := []Credit{{
		OperationID: "OP0000001", Amount: 8640, Currency: "BYN", PayerUNP: "190000020", PayerName: "ООО ПРИМЕР",
		Purpose: "ROAIS000092239 оплата услуг РУЦ, без НДС", BookedAt: minsk(1, 10, 19, 4), Account: own,
	}}
	credits, raw := parsed(t, "type4.txt", FormatText)
	require.Equal(t, want, credits)
	require.True(t, bytes.HasPrefix(raw[0], []byte("^DocDate=01.06.2025^\r\n")))
	require.True(t, bytes.Contains(golden(t, "type4.txt"), raw[0]))

	utf := []byte("\xef\xbb\xbf" + strings.ReplaceAll(charset.Windows1251(golden(t, "type4.txt")), "\r\n", "\n"))
	s, err := Parse(utf)
	require.NoError(t, err)
	s.Credits[0].Raw, s.Credits[0].reference, s.Credits[0].details = nil, "", ""
	require.Equal(t, want, s.Credits)
}

func TestTextStatementAliasesSectionsAndReversals(t *testing.T) {
	credits, raw := parsed(t, "type400.txt", FormatText)
	require.Equal(t, []Credit{
		{
			OperationID: derived, Amount: 108640, Currency: "BYN",
			PayerUNP: "190000020", PayerName: "ООО «ПРИМЕР»", BookedAt: minsk(2, 9, 30, 0), Account: own,
			Purpose: "Оплата по заказу ROAIS0000\n92239 за сертификаты",
		},
		{
			OperationID: "D9", Amount: 8640, Currency: "BYN", PayerUNP: "190000020", BookedAt: minsk(2, 0, 0, 0), Account: own,
			Purpose: "Возврат ошибочного ROAIS000092239\nвторой строкой", Reversed: true,
		},
		{
			OperationID: "F1", Amount: 3000, Currency: "USD", PayerUNP: "190000020", BookedAt: minsk(2, 0, 0, 0),
			Account: "BY99AKBB30120000000000000840", Purpose: "ROAIS000092239 services",
		},
	}, credits)
	require.Contains(t, string(raw[0]), "^Novelty=keep me^", "unknown keys are kept")
	require.Equal(t, payments.KindReversal, credits[1].Notification(time.Time{}, nil).Kind)
}

func TestOneCInBothEncodings(t *testing.T) {
	for _, name := range []string{"1c-windows.txt", "1c-dos.txt"} {
		credits, raw := parsed(t, name, Format1C)
		require.Equal(t, []Credit{
			{
				OperationID: derived, Amount: 8640, Currency: "BYN",
				PayerUNP: "190000020", PayerName: "ООО ПРИМЕР", Purpose: "ROAIS000092239 оплата услуг", BookedAt: minsk(2, 0, 0, 0), Account: own,
			},
			{
				OperationID: derived, Amount: 8640, Currency: "BYN",
				PayerUNP: "190000020", Purpose: "Оплата по счету\nROAIS000092240", BookedAt: minsk(1, 0, 0, 0), Account: own,
			},
		}, credits, name)
		require.True(t, bytes.Contains(golden(t, name), raw[1]))
	}
}

func TestCamt053(t *testing.T) {
	credits, _ := parsed(t, "camt053.xml", FormatCamt053)
	moment := credits[1].BookedAt
	require.True(t, moment.Equal(minsk(1, 10, 19, 4)))
	require.Equal(t, []Credit{
		{
			OperationID: "B1", Amount: 8640, Currency: "BYN", PayerUNP: "190000020", PayerName: "ООО ПРИМЕР",
			Purpose: "ROAIS0000\n92239 оплата", BookedAt: minsk(1, 0, 0, 0), Account: own,
		},
		{OperationID: derived, Amount: 6000, Currency: "BYN", PayerUNP: "190000021", PayerName: "ООО ДРУГОЙ", Purpose: "ROAIS000092240", BookedAt: moment, Account: own},
		{OperationID: "T9", Amount: 4000, Currency: "BYN", BookedAt: moment, Account: own},
	}, credits)
}

func TestUnreadableStatements(t *testing.T) {
	text, onec, camt := string(golden(t, "type4.txt")), string(golden(t, "1c-windows.txt")), string(golden(t, "camt053.xml"))
	win := func(s string) string { return string(charset.ToWindows1251(s)) }
	for name, data := range map[string]string{
		"empty":           "",
		"a picture":       "\x89PNG\r\n",
		"credit is text":  strings.Replace(text, "86.40", "many", 1),
		"1c sum is text":  strings.Replace(onec, win("Сумма=86.40"), win("Сумма=?"), 1),
		"1c cut off":      onec[:strings.LastIndex(onec, win("КонецДокумента"))],
		"1c no account":   strings.ReplaceAll(onec, win("РасчСчет=BY"), win("Счет=BY")),
		"camt cut off":    camt[:len(camt)/2],
		"camt amount":     strings.Replace(camt, "86.40", "-86.40", 1),
		"larger than all": strings.Repeat("*", MaxStatement+1),
	} {
		_, err := Parse([]byte(data))
		require.ErrorIs(t, err, ErrStatement, name)
		_, err = DryRun([]byte(data), nil)
		require.ErrorIs(t, err, ErrStatement, name)
	}
}

func TestDryRunTellsTheNumberOrWhyThereIsNone(t *testing.T) {
	report, err := DryRun(golden(t, "type4.txt"), nil)
	require.NoError(t, err)
	require.Equal(t, []CreditReport{{
		OperationID: "OP0000001", BookedAt: "2025-06-01T10:19:04+03:00", Amount: "86.40", Currency: "BYN",
		PayerUNP: "190000020", Number: "ROAIS000092239",
	}}, report.Credits)

	statement := charset.Windows1251(golden(t, "type4.txt"))
	for purpose, want := range map[string]CreditReport{
		"оплата услуг":                  {Reason: payments.ReasonNoNumber},
		"ROAIS000092239ROAIS000092240":  {Reason: payments.ReasonNoNumber},
		"ROAIS000092239/ROAIS000092240": {Reason: payments.ReasonSeveralNumbers, Numbers: []string{"ROAIS000092239", "ROAIS000092240"}},
		"заказ rоаis000092239":          {Number: "ROAIS000092239"},
		"NOAIS000092239":                {Number: "NOAIS000092239"},
	} {
		report, err := DryRun([]byte(strings.Replace(statement, "ROAIS000092239 оплата услуг РУЦ, без НДС", purpose, 1)), nil)
		require.NoError(t, err)
		got := CreditReport{Number: report.Credits[0].Number, Numbers: report.Credits[0].Numbers, Reason: report.Credits[0].Reason}
		require.Equal(t, want, got, purpose)
	}
	report, err = DryRun(golden(t, "type400.txt"), nil)
	require.NoError(t, err)
	require.Equal(t, payments.ReasonReversed, report.Credits[1].Reason)
	require.Equal(t, payments.ReasonWrongCurrency, report.Credits[2].Reason)
}

func TestP3_NumberIsFoundWhereverItIsCutBetweenFields(t *testing.T) {
	template := charset.Windows1251(golden(t, "type4.txt"))
	rapid.Check(t, func(t *rapid.T) {
		n := order.PaymentNumber(rapid.Int64Range(1, 999999999).Draw(t, "number"))
		whole := rapid.SampledFrom([]string{"", "OTHR 010101 ", "за услуги "}).Draw(t, "before") + n.ClientBank() + " без НДС"
		runes := []rune(whole)
		cut := rapid.IntRange(0, len(runes)).Draw(t, "cut")
		statement := strings.Replace(template, "^Nazn=ROAIS000092239 оплата услуг РУЦ, без НДС^", "^Nazn="+string(runes[:cut])+"^", 1)
		statement = strings.Replace(statement, "^Nazn2=^", "^Nazn2="+string(runes[cut:])+"^", 1)
		s, err := Parse(charset.ToWindows1251(statement))
		require.NoError(t, err)
		got, reason := payments.Identify(s.Credits[0].Notification(time.Time{}, nil))
		require.Equal(t, payments.ReasonNone, reason)
		require.Equal(t, n, got)
	})
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"type4.txt", "type400.txt", "1c-windows.txt", "1c-dos.txt", "camt053.xml"} {
		f.Add(golden(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		if err != nil {
			require.ErrorIs(t, err, ErrStatement)
			return
		}
		for _, c := range s.Credits {
			require.True(t, c.Amount > 0 || c.Currency != "BYN" && c.Amount == 0)
			require.NotEmpty(t, c.OperationID)
			require.NotEmpty(t, c.Currency)
		}
	})
}
