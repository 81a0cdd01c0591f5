package invoice

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP9_SumsInWords(t *testing.T) {
	for amount, want := range map[order.Kopecks]string{
		0:                 "Ноль белорусских рублей 00 копеек",
		1:                 "Ноль белорусских рублей 01 копейка",
		100:               "Один белорусский рубль 00 копеек",
		242:               "Два белорусских рубля 42 копейки",
		8640:              "Восемьдесят шесть белорусских рублей 40 копеек",
		1111:              "Одиннадцать белорусских рублей 11 копеек",
		112_114:           "Одна тысяча сто двадцать один белорусский рубль 14 копеек",
		200_001:           "Две тысячи белорусских рублей 01 копейка",
		1_200_000_00:      "Один миллион двести тысяч белорусских рублей 00 копеек",
		1_012_019_003_21:  "Один миллиард двенадцать миллионов девятнадцать тысяч три белорусских рубля 21 копейка",
		90_000_000_000_00: "Девяносто миллиардов белорусских рублей 00 копеек",
	} {
		require.Equal(t, want, inWords(amount))
	}
}

// TestP9_WordsSayTheNumber reads the words back.
func TestP9_WordsSayTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1<<53).Draw(t, "n")
		require.Equal(t, n, read(t, number(n)))
	})
}

func read(t *rapid.T, text string) int64 {
	var total, part int64
	for _, word := range strings.Fields(text) {
		value := int64(-1)
		for factor, list := range map[int64][]string{1: units, 10: tens, 100: hundreds} {
			if i := slices.Index(list, word); i > 0 {
				value = int64(i) * factor
			}
		}
		if i := slices.Index([]string{"одна", "две"}, word); i >= 0 {
			value = int64(i) + 1
		}
		power := int64(1)
		for _, group := range groups[1:] {
			power *= 1000
			if slices.Contains(group[:], word) {
				value = 0
				total, part = total+part*power, 0
			}
		}
		require.NotEqual(t, int64(-1), value, word)
		part += value
	}
	return total + part
}

func TestP9_AnInvoiceHasEveryDetailThatIsGiven(t *testing.T) {
	d := details()
	d.Address, d.Phone, d.OKPO, d.Contract = "220004, г. Минск, ул. Примерная, 1", "+375 17 000-00-00", "12345678", "публичный договор от 01.02.2026 № 7"
	b, err := NewBeneficiary(d)
	require.NoError(t, err)
	var keys []string
	for _, line := range partiesOf(sample(t), b) {
		keys = append(keys, line[0])
	}
	require.Equal(t, []string{
		"Получатель", "УНП получателя", "ОКПО получателя", "Адрес получателя", "Телефон получателя", "Расчётный счёт (IBAN)", "Банк получателя", "БИК",
		"Код назначения платежа", "Основание", "Плательщик", "УНП плательщика",
	}, keys)
	require.Len(t, partiesOf(sample(t), beneficiary(t)), 8, "what is not given leaves no empty line")
	require.Equal(t, []string{"", "1 год", "2 года", "5 лет"}, []string{term(0), term(1), term(2), term(5)})
}

func TestP9_VATIsSaidAsItIsSet(t *testing.T) {
	i := sample(t)
	require.Equal(t, [][2]string{{"Всего к оплате", "1\u00a0112,40\u00a0BYN"}}, totals(i, VAT{}))
	require.Equal(t, [][2]string{{"Всего к оплате", "1\u00a0112,40\u00a0BYN"}, {"Без НДС", ""}}, totals(i, VAT{Said: true}))
	require.Equal(t, [][2]string{{"Всего к оплате", "1\u00a0112,40\u00a0BYN"}, {"В том числе НДС 20 %", "185,40\u00a0BYN"}}, totals(i, VAT{Said: true, Percent: 20}))
	d := details()
	d.VAT.Percent = 100
	_, err := NewBeneficiary(d)
	require.Error(t, err)
	rapid.Check(t, func(t *rapid.T) {
		amount := order.Kopecks(rapid.Int64Range(1, 1_000_000_000).Draw(t, "amount"))
		vat := VAT{Percent: rapid.IntRange(1, 99).Draw(t, "percent")}
		tax := vat.Included(amount)
		net := amount - tax
		require.InDelta(t, float64(net)*float64(vat.Percent)/100, float64(tax), 1)
	})
}
