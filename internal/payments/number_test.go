package payments

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP2_NumberIsReadAsPeopleTypeIt(t *testing.T) {
	for name, typed := range map[string]string{
		"as printed":           "NOAIS000092239",
		"bank prefix":          "ROAIS000092239",
		"small letters":        "noais000092239",
		"blanks":               " NOAIS 000 092\u00a0239\t",
		"Cyrillic О and А":     "NОАIS000092239",
		"Belarusian І":         "NOAІS000092239",
		"small Cyrillic о а":   "nоаis000092239",
		"invisible characters": "NOAIS\u200b0000\u00ad92239",
	} {
		t.Run(name, func(t *testing.T) {
			n, err := NormalizeNumber(typed)
			require.NoError(t, err)
			require.Equal(t, order.PaymentNumber(92239), n)
		})
	}
}

func TestP2_OtherTextsAreNoNumbers(t *testing.T) {
	for _, typed := range []string{"", "92239", "NOAIS", "NOAIS00009223", "NOAIS0000922390", "XOAIS000092239", "NOAIS000000000", "NOAIS00009223O", "NOAIS٠٠٠٠92239"} {
		_, err := NormalizeNumber(typed)
		require.ErrorIs(t, err, order.ErrPaymentNumber, "%q", typed)
	}
}

func TestP3_NumbersInPurpose(t *testing.T) {
	one, two := order.PaymentNumber(92239), order.PaymentNumber(92240)
	for name, c := range map[string]struct {
		purpose string
		want    []order.PaymentNumber
	}{
		"at the start":            {"ROAIS000092239 оплата услуг РУЦ, без НДС", []order.PaymentNumber{one}},
		"after a category code":   {"OTHR 010101 ROAIS000092239 за сертификаты", []order.PaymentNumber{one}},
		"at the end":              {"оплата по заказу ROAIS000092239", []order.PaymentNumber{one}},
		"between other signs":     {"(№ROAIS000092239,НДС 20%)", []order.PaymentNumber{one}},
		"small and Cyrillic":      {"оплата rоаis000092239.", []order.PaymentNumber{one}},
		"twice the same":          {"ROAIS000092239; ROAIS000092239", []order.PaymentNumber{one}},
		"both prefixes":           {"ROAIS000092239 (NOAIS000092239)", []order.PaymentNumber{one}},
		"two numbers, one blank":  {"ROAIS000092239 ROAIS000092240", []order.PaymentNumber{one, two}},
		"three, one sign between": {"ROAIS000092240/NOAIS000092239/ROAIS000092240", []order.PaymentNumber{two, one}},
		"letters stuck before":    {"AROAIS000092239", nil},
		"look-alike stuck before": {"КROAIS000092239", nil},
		"digit stuck after":       {"ROAIS0000922391", nil},
		"word stuck after":        {"ROAIS000092239оплата", nil},
		"another word":            {"ROAIS000092239за услуги", nil},
		"letter of any alphabet":  {"ROAIS000092239Ω", nil},
		"digit of any alphabet":   {"ROAIS000092239٠", nil},
		"accent stuck after":      {"ROAIS000092239\u0301", nil},
		"underscore":              {"ROAIS000092239_1", nil},
		"octet that is no text":   {"ROAIS000092239\xff", nil},
		"sign of a number":        {"№ROAIS000092239, №2", []order.PaymentNumber{one}},
		"label of a request":      {"/INFO:ROAIS000092239/", []order.PaymentNumber{one}},
		"pieces":                  {"Оплата\nROAIS000092239\nНДС 20%", []order.PaymentNumber{one}},
		"piece with a digit":      {"Счет 15\nROAIS000092239\n2025-06-01", []order.PaymentNumber{one}},
		"look-alike in the next":  {"по заказу ROAIS000092239\nот 01.06.2025", []order.PaymentNumber{one}},
		"cut by a piece":          {"по заказу ROAIS0000\n92239 за услуги", []order.PaymentNumber{one}},
		"cut into three":          {"ROA\nIS0000\n92239", []order.PaymentNumber{one}},
		"cut, and more stuck":     {"по заказу ROAIS0000\n922391", nil},
		"cut, and stuck before":   {"КROAIS0000\n92239", nil},
		"broken by a blank":       {"ROAIS 000092239", nil},
		"zero":                    {"ROAIS000000000", nil},
		"none":                    {"оплата услуг", nil},
		"empty":                   {"", nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, FindNumbers(c.purpose)) })
	}
}

// foreign draws a text that may surround a number without touching it.
func foreign(t *rapid.T, label string) string {
	return rapid.StringOf(rapid.RuneFrom([]rune(" ,.;:/№«»-АбвЖщROAINS0123456789"))).Draw(t, label)
}

func TestP3_AnyNumberIsFoundWhereverItStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := order.PaymentNumber(rapid.Int64Range(1, int64(order.MaxPaymentNumber)).Draw(t, "number"))
		text := n.ClientBank()
		if rapid.Bool().Draw(t, "erip") {
			text = n.ERIP()
		}
		if rapid.Bool().Draw(t, "lower") {
			text = strings.ToLower(text)
		}
		text = strings.NewReplacer("O", "О", "a", "а").Replace(text)
		purpose := foreign(t, "before") + " " + text + " " + foreign(t, "after")
		require.Contains(t, FindNumbers(purpose), n)
		typed, err := NormalizeNumber(text)
		require.NoError(t, err)
		require.Equal(t, n, typed)
	})
}

func FuzzFindNumbers(f *testing.F) {
	f.Add("ROAIS000092239 оплата")
	f.Add("OTHR 010101 nоаis000092239;ROAIS000092240")
	f.Add("\xff\xfeROAIS000092239")
	f.Fuzz(func(t *testing.T, purpose string) {
		seen := map[order.PaymentNumber]bool{}
		for _, n := range FindNumbers(purpose) {
			require.False(t, seen[n], "numbers are distinct")
			seen[n] = true
			require.Equal(t, []order.PaymentNumber{n}, FindNumbers(n.ClientBank()))
		}
		if n, err := NormalizeNumber(purpose); err == nil {
			require.Contains(t, FindNumbers(n.ERIP()), n)
		}
	})
}

func TestInfoNumberOfARequest(t *testing.T) {
	for text, want := range map[string]order.PaymentNumber{
		"/INFO:erip234123": 234123, "/INFO:NOAIS000092239": 92239, " /info:rоаis 000092239": 92239, "/INFO:ERIP 000000001": 1,
	} {
		n, err := InfoNumber(text)
		require.NoError(t, err, text)
		require.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "/INFO:", "/INFO:erip", "/INFO:erip0", "/INFO:erip1234567890", "/INFO:erip12a", "INFO:erip234123", "erip234123", "/INFO:erip-1"} {
		_, err := InfoNumber(text)
		require.ErrorIs(t, err, order.ErrPaymentNumber, "%q", text)
	}
}

func TestP3_ANumberCountsOnlyWhereItIsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := order.PaymentNumber(rapid.Int64Range(1, int64(order.MaxPaymentNumber)).Draw(t, "number"))
		stuck := rapid.RuneFrom(nil, unicode.Letter, unicode.Number, unicode.Mark).Draw(t, "stuck")
		if unicode.Is(unicode.Cf, stuck) {
			t.Skip("invisible")
		}
		for _, purpose := range []string{string(stuck) + n.ClientBank(), n.ClientBank() + string(stuck), "за " + n.ERIP() + string(stuck) + " НДС"} {
			require.NotContains(t, FindNumbers(purpose), n, purpose)
		}
		sign := rapid.SampledFrom([]rune("№,.;:/()[]«»\"'*#+=-–—|\\ \t\n")).Draw(t, "sign")
		require.Equal(t, []order.PaymentNumber{n}, FindNumbers(string(sign)+n.ClientBank()+string(sign)))
	})
}
