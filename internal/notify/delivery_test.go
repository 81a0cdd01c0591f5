package notify

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestI4_CredentialsAreDivided(t *testing.T) {
	t.Parallel()
	d := full()
	tests := map[string]struct {
		delivery             Delivery
		email, sms           []string
		notInEmail, notInSMS []string
	}{
		"the address by both, login by e-mail, password by SMS": {
			DefaultDelivery(),
			[]string{d.Login, d.StorageURL}, []string{d.Password, d.StorageURL}, []string{d.Password}, []string{d.Login},
		},
		"all by e-mail": {
			Delivery{Email: Parts{Login: true, Password: true, Link: true}, Together: true},
			[]string{d.Login, d.Password, d.StorageURL}, nil, nil, []string{d.Login, d.Password, d.StorageURL},
		},
		"all by both": {
			Delivery{Email: Parts{Login: true, Password: true, Link: true}, SMS: Parts{Login: true, Password: true, Link: true}, Together: true},
			[]string{d.Login, d.Password, d.StorageURL}, []string{d.Login, d.Password, d.StorageURL}, nil, nil,
		},
		"password by e-mail, login and address by SMS": {
			Delivery{Email: Parts{Password: true}, SMS: Parts{Login: true, Link: true}},
			[]string{d.Password}, []string{d.Login, d.StorageURL}, []string{d.Login, d.StorageURL}, []string{d.Password},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := NewRenderer(tt.delivery)
			require.NoError(t, err)
			for _, language := range Languages() {
				email, err := r.Render(order.NoticeIssued, ChannelEmail, language, d)
				require.NoError(t, err)
				sms, err := r.Render(order.NoticeIssued, ChannelSMS, language, d)
				require.NoError(t, err)
				whole := email.Subject + email.Text + email.HTML
				for _, want := range tt.email {
					require.Contains(t, email.Text, want)
					require.Contains(t, email.HTML, want)
				}
				for _, want := range tt.sms {
					require.Contains(t, sms.Text, want)
				}
				for _, never := range tt.notInEmail {
					require.NotContains(t, whole, never)
				}
				for _, never := range tt.notInSMS {
					require.NotContains(t, sms.Text, never)
				}
			}
		})
	}
}

func TestI4_UnsafeDivisionsAreRefused(t *testing.T) {
	t.Parallel()
	all := Parts{Login: true, Password: true, Link: true}
	for name, d := range map[string]Delivery{
		"all by both":      {Email: all, SMS: all},
		"all in one SMS":   {SMS: all},
		"all in a letter":  {Email: all},
		"no password":      {Email: Parts{Login: true}},
		"no login":         {SMS: Parts{Password: true}},
		"nothing anywhere": {},
	} {
		_, err := NewRenderer(d)
		require.ErrorIs(t, err, ErrDelivery, name)
	}
}

func TestI4_EachMessageSaysWhereTheRestIs(t *testing.T) {
	t.Parallel()
	d := full()
	elsewhere := map[Language][2]string{
		Russian:    {"Пароль придёт отдельным сообщением", "Логин в письме и кабинете"},
		Belarusian: {"Пароль прыйдзе асобным паведамленнем", "Лагін у лісце і кабінеце"},
		English:    {"The password comes in a separate message", "Login in e-mail and cabinet"},
	}
	for _, kind := range []Kind{order.NoticeIssued, order.NoticeCredentialsAgain} {
		for language, want := range elsewhere {
			email, err := renderer(t).Render(kind, ChannelEmail, language, d)
			require.NoError(t, err)
			require.Contains(t, email.Text, want[0])
			require.Contains(t, email.HTML, want[0])
			sms, err := renderer(t).Render(kind, ChannelSMS, language, d)
			require.NoError(t, err)
			require.Contains(t, sms.Text, want[1])
		}
	}
	d.StorageURL = "https://storage.example/" + strings.Repeat("a", maxSMS)
	sms, err := renderer(t).Render(order.NoticeIssued, ChannelSMS, Russian, d)
	require.NoError(t, err, "an address too long for an SMS stays in the letter")
	require.Contains(t, sms.Text, d.Password)
	require.NotContains(t, sms.Text, "storage.example")
}

func TestI7_TheLetterSaysFromWhichDayToSignIn(t *testing.T) {
	t.Parallel()
	d := full()
	d.CertificateFrom = time.Date(2026, 3, 12, 21, 0, 0, 0, time.UTC)
	for language, menu := range map[Language]string{
		Russian: "«Файл → Импорт сертификата/СОС»", Belarusian: "«Файл → Импорт сертификата/СОС»", English: "“File → Import certificate/CRL”",
	} {
		m, err := renderer(t).Render(order.NoticeIssued, ChannelEmail, language, d)
		require.NoError(t, err)
		for _, part := range []string{m.Text, m.HTML} {
			require.Contains(t, part, "13.03.2026 00:00")
			require.Contains(t, part, "20.03.2026 23:59")
			require.Contains(t, part, menu)
			require.Contains(t, part, ".p7b")
			require.NotContains(t, part, ".cer", "one recommended file")
		}
		later := d
		later.SignInFrom = d.CertificateFrom
		l, err := renderer(t).Render(order.NoticeIssued, ChannelEmail, language, later)
		require.NoError(t, err)
		require.NotEqual(t, m.Text, l.Text)
		require.Equal(t, strings.Count(m.Text, "13.03.2026")+1, strings.Count(l.Text, "13.03.2026"))
	}
}

func TestI5_CredentialsNeverEnterTheOutbox(t *testing.T) {
	t.Parallel()
	d := full()
	b, err := json.Marshal(d)
	require.NoError(t, err)
	require.NotContains(t, string(b), d.Password)
	require.NotContains(t, string(b), d.Login)
	var back Data
	require.NoError(t, json.Unmarshal(b, &back))
	d.Login, d.Password = "", ""
	require.Equal(t, d, back)
}

func TestMessagesWithoutTheirSubstanceAreNotWritten(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, kind := range Kinds() {
		for _, channel := range Channels() {
			m, err := r.Render(kind, channel, Russian, Data{})
			require.ErrorIs(t, err, ErrIncomplete, kind)
			require.Zero(t, m)
		}
	}
	d := full()
	d.Login = ""
	_, err := r.Render(order.NoticeIssued, ChannelEmail, Russian, d)
	require.ErrorContains(t, err, "login")
	require.NotContains(t, err.Error(), d.Password)
	_, err = r.Render(order.NoticeIssued, ChannelSMS, Russian, d)
	require.NoError(t, err, "the SMS does not carry the login")
}

func TestUnknownTextsAndLongSMS(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	_, err := r.Render("birthday", ChannelEmail, Russian, full())
	require.ErrorIs(t, err, ErrNoText)
	_, err = r.Render(order.NoticePaid, "pigeon", Russian, full())
	require.ErrorIs(t, err, ErrNoText)
	_, err = r.Render(order.NoticePaid, ChannelSMS, "la", full())
	require.ErrorIs(t, err, ErrNoText)
	d := full()
	d.OrderNumber = strings.Repeat("9", maxSMS)
	_, err = r.Render(order.NoticePaid, ChannelSMS, Russian, d)
	require.ErrorIs(t, err, ErrTooLong)
	require.NotContains(t, err.Error(), "999")
}

func TestParseLanguage(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Language{"": Russian, "ru": Russian, "be": Belarusian, "en": English} {
		got, err := ParseLanguage(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseLanguage("de")
	require.ErrorIs(t, err, ErrLanguage)
}

func TestValuesAreOneLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a b c", oneLine(" a\r\n b\u2028\u202ec\x00 "))
	long := oneLine(strings.Repeat("ж", maxValue+1))
	require.Len(t, []rune(long), maxValue)
	require.True(t, strings.HasSuffix(long, "…"))
}
