package invoice

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/qr"
)

var issued = time.Date(2025, 6, 1, 10, 0, 0, 0, order.Minsk())

func details() BeneficiaryDetails {
	return BeneficiaryDetails{
		Name: "Республиканское унитарное предприятие «Пример-Центр»", IBAN: "BY83 AKBB 3012 0893 7008 4550 0000",
		Bank: "ОАО «Пример-Банк», г. Минск", BIC: "AKBBBY2X", UNP: "191700161", PurposeCode: "40101",
		PurposeText: "оплата услуг удостоверяющего центра",
	}
}

func beneficiary(t *testing.T) Beneficiary {
	t.Helper()
	b, err := NewBeneficiary(details())
	require.NoError(t, err)
	return b
}

func sample(t *testing.T, lines ...Line) Invoice {
	t.Helper()
	if lines == nil {
		lines = []Line{
			{Title: "Издание сертификата открытого ключа сотруднику", Years: 1, Quantity: 1, Price: 3240},
			{Title: "Издание сертификата открытого ключа сотруднику", Years: 2, Quantity: 25, Price: 4320},
		}
	}
	i, err := New(92239, issued, time.Date(2025, 6, 12, 0, 0, 0, 0, order.Minsk()), Payer{Name: "ТАА «Ўзор і Прыклад»", UNP: "190000020"}, lines)
	require.NoError(t, err)
	return i
}

var paths = map[order.Service][]string{
	order.ServiceIndividual: {"ЕРИП", "Электронное правительство", "ОАИС", "Электронные услуги ОАИС"},
	order.ServiceManager:    {"ЕРИП", "Электронное правительство", "Личный кабинет ЕПЭУ", "Услуги без сборного платежа"},
}

func office(t *testing.T) Office {
	t.Helper()
	g, err := assist.New(assist.Config{
		Host: "https://test.paysec.by", MerchantID: "999999", ResultSalt: payments.NewSecret("SECRET"),
	}, http.DefaultClient, time.Now)
	require.NoError(t, err)
	return Office{Assist: g, ERIPServiceCode: "1234567", Beneficiary: beneficiary(t), ERIPPaths: paths}
}

func TestP7_TotalIsExact(t *testing.T) {
	i := sample(t)
	require.Equal(t, order.Kopecks(3240+25*4320), i.Total())
	require.Equal(t, "1\u00a0112,40", roubles(i.Total()))
	for _, lines := range [][]Line{nil, {{Title: " ", Quantity: 1, Price: 1}}, {{Title: "x", Price: 1}}, {{Title: "x", Quantity: 1}}, {{Title: "x", Quantity: -1, Price: 1}}, {{Title: "x", Quantity: 1, Price: maxLine + 1}}} {
		_, err := New(92239, issued, issued.AddDate(0, 0, 1), Payer{}, lines)
		require.Error(t, err)
	}
	_, err := New(0, issued, issued.AddDate(0, 0, 1), Payer{}, i.Lines())
	require.ErrorIs(t, err, order.ErrPaymentNumber)
	_, err = New(1, issued, issued, Payer{}, i.Lines())
	require.Error(t, err)
}

func TestP9_BeneficiaryIsChecked(t *testing.T) {
	for name, change := range map[string]func(*BeneficiaryDetails){
		"no name":     func(d *BeneficiaryDetails) { d.Name = " " },
		"no bank":     func(d *BeneficiaryDetails) { d.Bank = "" },
		"no purpose":  func(d *BeneficiaryDetails) { d.PurposeText = "" },
		"one digit":   func(d *BeneficiaryDetails) { d.IBAN = strings.Replace(d.IBAN, "83", "84", 1) },
		"short IBAN":  func(d *BeneficiaryDetails) { d.IBAN = "BY83" },
		"other signs": func(d *BeneficiaryDetails) { d.IBAN = strings.Replace(d.IBAN, "AKBB", "АКББ", 1) },
		"BIC":         func(d *BeneficiaryDetails) { d.BIC = "AKBB" },
		"UNP":         func(d *BeneficiaryDetails) { d.UNP = "191700162" },
	} {
		d := details()
		change(&d)
		_, err := NewBeneficiary(d)
		require.Error(t, err, name)
	}
}

func TestP3_PurposeIsFoundByOurOwnMatching(t *testing.T) {
	b := beneficiary(t)
	purpose := b.Purpose(92239)
	require.Equal(t, "ROAIS000092239 оплата услуг удостоверяющего центра", purpose)
	require.Equal(t, []order.PaymentNumber{92239}, payments.FindNumbers(purpose))
}

func TestP1_EachWayHasItsDocument(t *testing.T) {
	o, i := office(t), sample(t)
	card, err := o.Card(i, Return{OK: "https://portal.example/paid", Failed: "https://portal.example/failed", Language: assist.Russian})
	require.NoError(t, err)
	require.Equal(t, "1112.40", card.Page.Values().Get("OrderAmount"))
	require.Equal(t, "https://portal.example/paid", card.Page.Values().Get("URL_RETURN_OK"))
	require.Equal(t, "https://portal.example/failed", card.Page.Values().Get("URL_RETURN_NO"))

	for service, tree := range paths {
		erip, err := o.ERIP(i, service)
		require.NoError(t, err)
		require.Equal(t, tree, erip.Tree, "P2: by service")
	}
	_, err = o.ERIP(i, order.ServiceEmployee)
	require.Error(t, err, "nothing is paid in 6.0.01")
	erip, err := o.ERIP(i, order.ServiceManager)
	require.NoError(t, err)
	require.Equal(t, "NOAIS000092239", erip.Number)
	code, err := qr.Parse(erip.Link)
	require.NoError(t, err)
	asked, ok := code.Payment()
	require.True(t, ok)
	require.Equal(t, qr.Payment{ServiceCode: "1234567", Account: "NOAIS000092239", Amount: i.Total(), UNP: "191700161"}, asked)
	require.NotEmpty(t, erip.PNG)
	require.NotEmpty(t, erip.SVG)

	bank, err := o.Bank(i)
	require.NoError(t, err)
	require.Equal(t, "invoice-ROAIS000092239.pdf", bank.FileName)
	require.True(t, bytes.HasPrefix(bank.PDF, []byte("%PDF-")))
}

func TestWaysThatAreNotConfiguredAreRefused(t *testing.T) {
	i := sample(t)
	_, err := Office{}.Card(i, Return{})
	require.Error(t, err)
	_, err = Office{}.ERIP(i, order.ServiceManager)
	require.Error(t, err)
	_, err = Office{}.Bank(i)
	require.Error(t, err)
	i.payer = Payer{}
	_, err = office(t).Bank(i)
	require.Error(t, err)
}

func TestPDFIsTheSameEachTimeAndGrowsPages(t *testing.T) {
	one, err := PDF(sample(t), beneficiary(t))
	require.NoError(t, err)
	two, err := PDF(sample(t), beneficiary(t))
	require.NoError(t, err)
	require.True(t, bytes.Equal(one, two))
	require.Equal(t, 1, bytes.Count(one, []byte("/Type /Page\n")))

	var lines []Line
	for range 100 {
		lines = append(lines, Line{Title: strings.Repeat("Очень длинное наименование ", 5), Quantity: 1, Price: 1})
	}
	long, err := PDF(sample(t, lines...), beneficiary(t))
	require.NoError(t, err)
	require.Greater(t, bytes.Count(long, []byte("/Type /Page\n")), 3)
}
