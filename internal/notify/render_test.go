package notify

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

var update = flag.Bool("update", false, "write the golden files anew")

// instance is a kind with the data of one situation.
type instance struct {
	kind Kind
	data Data
}

func full() Data {
	return Data{
		OrderNumber: "6.0.01-000123456", Service: order.ServiceEmployee,
		Deadline: time.Date(2026, 3, 12, 21, 0, 0, 0, time.UTC), Amount: 4320, AmountBefore: 8640, PaymentNumber: 92239,
		Reason: "Неверная должность", Organisation: "ООО «Пример»", Certificates: 3,
		PortalURL: "https://portal.example/cabinet", StorageURL: "https://storage.example/",
		CredentialsUntil: time.Date(2026, 4, 1, 7, 30, 0, 0, time.UTC),
		ERIPPath:         "ЕРИП → Электронное правительство → Личный кабинет ЕПЭУ → Услуги без сборного платежа",
		CertificateFrom:  time.Date(2026, 3, 1, 7, 30, 0, 0, time.UTC),
		CertificateEnds:  time.Date(2026, 3, 20, 20, 59, 59, 0, time.UTC), DaysLeft: 7, Owner: "Примерова Вера Олеговна", SerialNumber: "40e4b6a2c0d1e2f300112233",
		Login: "KX7P-4WQM", Password: "h7Rk-pt4W-zmQ9-Vd2n",
	}
}

// instances are every kind, and the kinds that speak differently in different situations.
func instances() map[string]instance {
	all := map[string]instance{}
	for _, kind := range Kinds() {
		all[string(kind)] = instance{kind, full()}
	}
	with := func(name string, kind Kind, change func(*Data)) {
		d := full()
		change(&d)
		all[name] = instance{kind, d}
	}
	for _, reason := range []order.EndReason{order.ReasonNotFinished, order.ReasonNotConfirmed, order.ReasonNotPaid} {
		with("annulled-"+string(reason), order.NoticeAnnulled, func(d *Data) { d.EndReason = reason })
	}
	for _, reason := range []order.EndReason{order.ReasonRegistersDiffer, order.ReasonNotAllowed, order.ReasonRevoked, order.ReasonNotSaved} {
		with("refused-"+string(reason), order.NoticeRefused, func(d *Data) { d.EndReason = reason })
	}
	delete(all, string(order.NoticeAnnulled))
	delete(all, string(order.NoticeRefused))
	with("issued-credentials-later", order.NoticeIssued, func(d *Data) {
		d.CertificateFrom = time.Date(2026, 3, 12, 21, 0, 0, 0, time.UTC)
		d.SignInFrom = d.CertificateFrom
	})
	with("rejected-without-reason", order.NoticeRejected, func(d *Data) { d.Reason, d.Organisation = "", "" })
	with("confirmation-finished-one", order.NoticeConfirmationFinished, func(d *Data) { d.Certificates = 1 })
	with("confirmation-finished-many", order.NoticeConfirmationFinished, func(d *Data) { d.Certificates = 12 })
	with("certificate-ends-individual", order.NoticeCertificateEnds, func(d *Data) { d.Service, d.DaysLeft = order.ServiceIndividual, 1 })
	with("certificate-ends-link", order.NoticeCertificateEnds, func(d *Data) { d.RenewPath = "/renew/abcdefghij234567" })
	with("certificate-ends-any-service", order.NoticeCertificateEnds, func(d *Data) { d.Service, d.DaysLeft = "", 30 })
	return all
}

func renderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := NewRenderer(DefaultDelivery())
	require.NoError(t, err)
	return r
}

func TestEveryTextIsAGoldenFile(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, in := range instances() {
		for _, language := range Languages() {
			for _, channel := range Channels() {
				t.Run(name+"/"+string(language)+"/"+string(channel), func(t *testing.T) {
					t.Parallel()
					m, err := r.Render(in.kind, channel, language, in.data)
					require.NoError(t, err)
					base := filepath.Join("testdata", "golden", string(language), name)
					if channel == ChannelSMS {
						golden(t, base+".sms.txt", m.Text+"\n")
						require.Empty(t, m.Subject+m.HTML)
						return
					}
					golden(t, base+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
					golden(t, base+".html", m.HTML)
				})
			}
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestNoGoldenFileWithoutAText(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/golden/*/*")
	require.NoError(t, err)
	require.Len(t, files, len(instances())*len(Languages())*3)
}

// placeholders and half sentences that a template with an empty value leaves behind.
var leftover = regexp.MustCompile(`<no value>|<nil>|%!|\{\{|\}\}|ZgotmplZ| ,| \.( |$)|: *$`)

func TestTextsAreWhole(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, in := range instances() {
		for _, language := range Languages() {
			m, err := r.Render(in.kind, ChannelEmail, language, in.data)
			require.NoError(t, err)
			long := in.data
			long.OrderNumber, long.Amount = strings.Repeat("9", 24), 123_456_789
			s, err := r.Render(in.kind, ChannelSMS, language, long)
			require.NoError(t, err, name)
			for _, part := range []string{m.Subject, m.HTML, s.Text} {
				require.NotRegexp(t, leftover, part, name)
			}
			require.NotContains(t, m.Text, "<", name)
			require.NotContains(t, m.Subject, "\n", name)
			require.LessOrEqual(t, len([]rune(m.Subject)), 78, name)
			require.LessOrEqual(t, len(utf16.Encode([]rune(s.Text))), maxSMS, name)
			require.Contains(t, m.HTML, `<html lang="`+string(language)+`">`)
		}
	}
}

func TestTextsAreInTheirLanguage(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	const russianOnly, belarusianOnly = "ищъ", "ўі"
	brand := strings.NewReplacer("Электронное правительство → Личный кабинет ЕПЭУ → Услуги без сборного платежа", "",
		"ЕРИП", "", "Неверная должность", "", "Примерова Вера Олеговна", "", "Файл → Импорт сертификата/СОС", "", "ООО «Пример»", "")
	for name, in := range instances() {
		for _, channel := range Channels() {
			for _, language := range Languages() {
				m, err := r.Render(in.kind, channel, language, in.data)
				require.NoError(t, err)
				all := strings.ToLower(brand.Replace(m.Subject + m.Text + m.HTML))
				switch language {
				case Russian:
					require.False(t, strings.ContainsAny(all, belarusianOnly), name)
				case Belarusian:
					require.False(t, strings.ContainsAny(all, russianOnly), name)
				case English:
					require.NotRegexp(t, `\p{Cyrillic}`, all, name)
				}
			}
		}
	}
}

func TestD2_MomentsAreMinskTime(t *testing.T) {
	t.Parallel()
	m, err := renderer(t).Render(order.NoticePaymentDue, ChannelEmail, Russian, full())
	require.NoError(t, err)
	require.Contains(t, m.Text, "Оплатить до: 13.03.2026 00:00")
	require.Contains(t, m.Text, "43,20\u00a0BYN")
	require.Contains(t, m.Text, "NOAIS000092239")
}

func TestA7_FSZNIsMentionedWithTheCertificate(t *testing.T) {
	t.Parallel()
	for _, language := range Languages() {
		m, err := renderer(t).Render(order.NoticeIssued, ChannelEmail, language, full())
		require.NoError(t, err)
		for _, part := range []string{m.Text, m.HTML} {
			require.Contains(t, part, "6.1.43")
			require.Contains(t, part, "6.2.43")
		}
	}
}

func TestMarkupOfPeopleStaysText(t *testing.T) {
	t.Parallel()
	d := full()
	d.Reason = "<script>x</script>\r\nBcc: a@b.example"
	d.OrderNumber = "1\r\nBcc: a@b.example"
	d.PortalURL = "javascript:alert(1)"
	m, err := renderer(t).Render(order.NoticeRejected, ChannelEmail, English, d)
	require.NoError(t, err)
	require.NotContains(t, m.HTML, "<script")
	require.NotContains(t, m.HTML, `href="javascript`)
	require.NotContains(t, m.Subject, "\n")
	require.Contains(t, m.Text, "Reason: <script>x</script> Bcc: a@b.example\n")
}

func TestWordsAfterNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][3]string{
		1: {"1 день", "1 дзень", "1 day"}, 2: {"2 дня", "2 дні", "2 days"}, 7: {"7 дней", "7 дзён", "7 days"},
		11: {"11 дней", "11 дзён", "11 days"}, 14: {"14 дней", "14 дзён", "14 days"},
		21: {"21 день", "21 дзень", "21 days"}, 30: {"30 дней", "30 дзён", "30 days"},
	} {
		for i, language := range []Language{Russian, Belarusian, English} {
			require.Equal(t, want[i], words(language)["days"].(func(int) string)(n))
		}
	}
}

func TestM10_HowManyCertificatesAreIssuedIsSaidByTheRule(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][3]string{
		0:  {"издано 0 сертификатов", "выдадзена 0 сертыфікатаў", "0 certificates are issued"},
		1:  {"издан 1 сертификат", "выдадзены 1 сертыфікат", "1 certificate is issued"},
		2:  {"изданы 2 сертификата", "выдадзены 2 сертыфікаты", "2 certificates are issued"},
		5:  {"издано 5 сертификатов", "выдадзена 5 сертыфікатаў", "5 certificates are issued"},
		11: {"издано 11 сертификатов", "выдадзена 11 сертыфікатаў", "11 certificates are issued"},
		21: {"издан 21 сертификат", "выдадзены 21 сертыфікат", "21 certificates are issued"},
	} {
		require.Equal(t, want, [3]string{issued(Russian, n), issued(Belarusian, n), issued(English, n)})
	}
}

// plain has no spaces that do not break: SMS have none.
func plain(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

// TestD6_AReminderOfAPaymentSaysHowMuchUnderWhichNumber: in every channel, and
// none is sent without.
func TestD6_AReminderOfAPaymentSaysHowMuchUnderWhichNumber(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, kind := range []Kind{order.NoticePaymentReminder, order.NoticeConfirmationReminder} {
		for _, channel := range Channels() {
			m, err := r.Render(kind, channel, Russian, full())
			require.NoError(t, err)
			for _, value := range []string{"43,20\u00a0BYN", "NOAIS000092239", "13.03.2026 00:00"} {
				require.Contains(t, plain(m.Text), plain(value), "%s %s", kind, channel)
			}
			for _, forget := range []func(*Data){func(d *Data) { d.Amount = 0 }, func(d *Data) { d.PaymentNumber = 0 }} {
				d := full()
				forget(&d)
				_, err := r.Render(kind, channel, Russian, d)
				require.ErrorIs(t, err, ErrIncomplete)
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	r := renderer(f)
	f.Add("rejected", "ru", "Причина", "ООО «Пример»", "https://p.example", int64(92239))
	f.Add("certificate-ends", "be", "", "", "javascript:x", int64(-1))
	f.Fuzz(func(t *testing.T, kind, language, reason, organisation, link string, number int64) {
		d := full()
		d.Reason, d.Organisation, d.PortalURL, d.StorageURL = reason, organisation, link, link
		d.PaymentNumber = order.PaymentNumber(number)
		for _, channel := range Channels() {
			m, err := r.Render(Kind(kind), channel, Language(language), d)
			if err != nil {
				require.Zero(t, m)
				continue
			}
			require.NotContains(t, m.Subject, "\n")
			require.NotContains(t, m.HTML, "<script")
			if channel == ChannelSMS {
				require.LessOrEqual(t, len(utf16.Encode([]rune(m.Text))), maxSMS)
			}
		}
	})
}
