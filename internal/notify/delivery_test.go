package notify

import (
	"encoding/json"
	"strings"
	"testing"

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
		"login and address by e-mail, password by SMS": {
			DefaultDelivery(),
			[]string{d.Login, d.StorageURL}, []string{d.Password}, []string{d.Password}, []string{d.Login, d.StorageURL},
		},
		"all by e-mail": {
			Delivery{Email: Parts{Login: true, Password: true, Link: true}},
			[]string{d.Login, d.Password, d.StorageURL}, nil, nil, []string{d.Login, d.Password, d.StorageURL},
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
		"all in one SMS":   {Email: all, SMS: all},
		"no password":      {Email: Parts{Login: true}},
		"no login":         {SMS: Parts{Password: true}},
		"nothing anywhere": {},
	} {
		_, err := NewRenderer(d)
		require.ErrorIs(t, err, ErrDelivery, name)
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
