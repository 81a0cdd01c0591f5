package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

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
				require.Equal(t, "+375291234567", got.Contacts.Phone)
				return
			}
			var p *web.Problem
			require.ErrorAs(t, err, &p)
			require.Equal(t, c.wrong, p.Fields)
		})
	}
}

func TestTextsThatDeceiveAreRefusedWhereverTheyStand(t *testing.T) {
	b := setup(t)
	for address, field := range map[string]string{
		"/v1/orders/%00": "id", "/v1/orders/%e2%80%ae1": "id", "/v1/orders/%ff": "id", "/v1/orders?a=%00": "a", "/v1/orders?a=1&a=2": "a",
		"/v1/orders?wait=1s%0a": "wait",
	} {
		require.Equal(t, field, b.get(address, asIndividual).problem(web.ProblemValidation).Errors[0].Field, address)
	}
	b.get("/v1/orders?a%00=1", asIndividual).problem(web.ProblemMalformed)
	b.get("/v1/orders?a=%zz", asIndividual).problem(web.ProblemMalformed)
	for _, key := range []string{"ключ", "a\u202e", "a b", "a\xff", "a\tb"} {
		r := b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`, "Idempotency-Key", key)
		require.Equal(t, "Idempotency-Key", r.problem(web.ProblemValidation).Errors[0].Field, "%q", key)
	}
	for _, language := range []string{"be\xff", "\u202ebe"} {
		r := b.ask(http.MethodGet, "/v1/orders", asIndividual, "", "", "Accept-Language", language)
		require.Equal(t, "Accept-Language", r.problem(web.ProblemValidation).Errors[0].Field, "%q", language)
	}
	require.Empty(t, b.get("/v1/orders", asIndividual).is(http.StatusOK).Header.Values("Idempotency-Replayed"))
}

// The field case e2e-nul-reason: a NUL in the manager's reason is refused at the
// door with its field, and nothing has happened (M4).
func TestM4_AReasonWithNULIsRefusedAtTheDoor(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	for _, reason := range []string{`не наш сотрудник\u0000`, `\ud800`, `\u202eрезервный`, `a\u0007`} {
		r := b.post("/v1/organisation/orders/"+s.ID.String()+"/rejection", asManager, `{"reason":"`+reason+`"}`)
		require.Equal(t, "reason", r.problem(web.ProblemValidation).Errors[0].Field, reason)
	}
	b.again(s)
	require.Equal(t, order.StageAwaitingApproval, s.Stage)
}
