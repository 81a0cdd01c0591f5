package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/mailbox"
)

func TestStringsThatCannotBeStoredAreRefusedWithTheirField(t *testing.T) {
	t.Parallel()
	type body struct {
		Reason string   `json:"reason"`
		Number string   `json:"number"`
		Orders []string `json:"orders"`
	}
	for raw, want := range map[string]string{
		`{"reason":"не наш сотрудник\u0000"}`: "reason", `{"number":"\ud800"}`: "number", `{"orders":["a","\u202e"]}`: "orders/1",
		`{"number":"a\nb"}`: "number", `{"number":"1","number":"2"}`: "number", `{"number":"1","Number":"2"}`: "Number",
	} {
		var p *problem
		require.ErrorAs(t, decode(strings.NewReader(raw), new(body)), &p, raw)
		require.Equal(t, problemValidation, p.slug, raw)
		require.Equal(t, []string{want}, p.fields, raw)
	}
	for _, raw := range []string{`{"a\u0000":1}`, `"\u0000"`, `{"reason":1`, `{}{}`, strings.Repeat("[", 9999)} {
		var p *problem
		require.ErrorAs(t, decode(strings.NewReader(raw), new(body)), &p, raw)
		require.Equal(t, problemMalformed, p.slug, raw)
	}
	var in body
	require.NoError(t, decode(strings.NewReader(`{"reason":"нет,\nне наш"}`), &in))
	require.Equal(t, "нет,\nне наш", in.Reason)
	require.NoError(t, decode(strings.NewReader(""), &in))
}

func TestS2_ContactsThatCannotBeReachedAreRefusedAtTheUpload(t *testing.T) {
	t.Parallel()
	form := func(email, phone string) map[string][]byte {
		return map[string][]byte{"file": []byte("x"), "email": []byte(email), "phone": []byte(phone)}
	}
	for name, c := range map[string]struct {
		email, phone string
		reach        mailbox.Reach
		wrong        []string
	}{
		"pasted":                         {email: "vera\u200b@example.by", phone: "\u202a+375\u202f29 123–45–67\u202c"},
		"an international domain":        {email: "vera@пример.бел", phone: "8 029/1234567"},
		"a name that SMTP cannot carry":  {email: "вера@пример.бел", phone: "+375291234567", wrong: []string{"email"}},
		"a name that our SMTP can carry": {email: "вера@пример.бел", phone: "+375291234567", reach: mailbox.Reach{UTF8: true}},
		"a Cyrillic letter among Latin":  {email: "v\u0435ra@example.by", phone: "+375291234567", reach: mailbox.Reach{UTF8: true}, wrong: []string{"email"}},
		"a domain that cannot exist":     {email: "vera@xn--zzzzzz---.by", phone: "+375291234567", wrong: []string{"email"}},
		"both":                           {email: "vera@example.by\x00", phone: "+375291234567\x00", wrong: []string{"email", "phone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseUpload(form(c.email, c.phone), c.reach)
			if c.wrong == nil {
				require.NoError(t, err)
				require.Equal(t, "+375291234567", got.contacts.Phone)
				return
			}
			var p *problem
			require.ErrorAs(t, err, &p)
			require.Equal(t, c.wrong, p.fields)
		})
	}
}
