package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

const corrected = `{"email":"new@example.by","phone":"+375 33 765-43-21"}`

// provided is an issued order whose credentials the storage's issuer made.
func (b *bundle) provided() *sample {
	b.t.Helper()
	s, number, amount := b.bill()
	n := payment(number, amount)
	n["occurredAt"] = b.now
	b.notify(n).is(http.StatusOK)
	b.issue(s, []byte("der"))
	fresh, err := b.issuer.Redraw(b.t.Context(), s.ID.String(), b.now)
	require.NoError(b.t, err)
	_, err = postgres.NewCredentials(b.pool, nil).Renew(b.t.Context(), s.ID, order.Contacts{Email: testEmail, Phone: testPhone}, fresh)
	require.NoError(b.t, err)
	return s
}

type shown struct{ Login, Password string }

func TestI4_TheOwnerCorrectsContactsAndGetsNewCredentials(t *testing.T) {
	b := setup(t)
	s := b.provided()
	var was, is shown
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &was)
	before := b.get(s.path(), asIndividual).order(http.StatusOK)
	b.now = b.now.Add(time.Hour)
	v := b.ask(http.MethodPut, s.path("contacts"), asIndividual, "application/json", corrected).order(http.StatusOK)
	require.Equal(t, contract.Contacts{Email: "new@example.by", Phone: "+375337654321"}, v.Contacts)
	require.Equal(t, before.Version+1, v.Version, "who waits for a change is told")
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &is)
	require.Equal(t, was.Login, is.Login)
	require.NotEqual(t, was.Password, is.Password)

	// The messages before are given up; new ones go to the new contacts.
	rows, err := b.pool.Query(t.Context(), "SELECT kind, channel, recipient, state, data ? 'certificateFrom' FROM notices WHERE subject_id = $1 AND state = 'pending' AND kind IN ('issued-credentials', 'credentials-again')", s.ID.String())
	require.NoError(t, err)
	pending := map[string]string{}
	for rows.Next() {
		var kind, channel, recipient, state string
		var dated bool
		require.NoError(t, rows.Scan(&kind, &channel, &recipient, &state, &dated))
		require.True(t, dated)
		pending[kind+" "+channel] = recipient
	}
	require.NoError(t, rows.Err())
	require.Equal(t, map[string]string{"credentials-again email": "new@example.by", "credentials-again sms": "+375337654321"}, pending)

	// The same contacts again: another password is on its way.
	b.ask(http.MethodPut, s.path("contacts"), asIndividual, "application/json", corrected).is(http.StatusOK)
	var third shown
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK, &third)
	require.NotEqual(t, is.Password, third.Password)
	var actions []string
	for entry, err := range b.audit.Entries(t.Context()) {
		require.NoError(t, err)
		if entry.Action == "contacts-changed" || entry.Action == "credentials-renewed" {
			actions = append(actions, string(entry.Action))
			for _, value := range entry.Evidence {
				require.NotContains(t, value, "example.by")
			}
		}
	}
	require.Equal(t, []string{"credentials-renewed", "contacts-changed", "credentials-renewed", "credentials-renewed"}, actions)
}

func TestI4_NobodyElseAndNothingElseIsCorrected(t *testing.T) {
	b := setup(t)
	s := b.provided()
	put := func(token, body string) reply {
		return b.ask(http.MethodPut, s.path("contacts"), token, "application/json", body)
	}
	put(asStranger, corrected).problem(web.ProblemNotFound)
	put("Bearer borrowed-certificate", corrected).problem(web.ProblemOtherPerson)
	for _, body := range []string{
		`{"email":"nobody","phone":"+375291234567"}`, `{"email":"a@example.by","phone":"12"}`, `{"email":"","phone":""}`,
		`{"email":"a\u0000@example.by","phone":"+375291234567"}`, `{"email":"` + strings.Repeat("a", 400) + `@example.by","phone":"+375291234567"}`,
	} {
		r := put(asIndividual, body)
		require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusBadRequest}, r.Status, body)
	}
	open := b.at(order.StageChecking, asEmployee)
	b.ask(http.MethodPut, open.path("contacts"), asEmployee, "application/json", corrected).problem(web.ProblemWrongStage)
	var refused reply
	for range 10 {
		if refused = put(asIndividual, corrected); refused.Status == http.StatusTooManyRequests {
			break
		}
		refused.is(http.StatusOK)
	}
	refused.problem(web.ProblemTooMany)
}

func TestI7_ACertificateThatBeginsLaterSaysFromWhichDay(t *testing.T) {
	b := setup(t)
	s, number, amount := b.bill()
	b.notify(payment(number, amount)).is(http.StatusOK)
	b.issue(s, []byte("der"))
	from := b.now.AddDate(0, 0, 10)
	_, err := b.pool.Exec(t.Context(), "UPDATE certificates SET not_before = $1", from)
	require.NoError(t, err)
	for _, language := range []string{"ru", "be", "en"} {
		early := b.get(s.path(), asIndividual, "Accept-Language", language).order(http.StatusOK)
		require.True(t, from.Equal(early.Certificate.SignInFrom))
		require.Contains(t, early.Next.Text, from.In(order.Minsk()).Format("02.01.2006 15:04"))
	}
	b.now = from
	begun := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.True(t, begun.Certificate.SignInFrom.IsZero())
	require.NotContains(t, begun.Next.Text, from.In(order.Minsk()).Format("02.01.2006"))
}

func TestS2_ContactsOfTheLastOrderArePrefilled(t *testing.T) {
	b := setup(t)
	b.ends(b.at(order.StageAwaitingPayment, asIndividual), order.EndWithdrawn, order.ReasonByApplicant)
	fresh := b.at(order.StageRequest, asIndividual)
	v := b.get(fresh.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, contract.Contacts{Email: testEmail, Phone: testPhone}, v.Contacts)
	v = b.get(b.at(order.StageRequest, asStranger).path(), asStranger).order(http.StatusOK)
	require.Equal(t, contract.Contacts{Email: "aleh@example.by"}, v.Contacts, "who never ordered: the address in the certificate")
}

// Whatever an applicant asks before the upload is answered with the contacts that are offered.
func TestS2_EveryAnswerOffersTheContacts(t *testing.T) {
	b := setup(t)
	b.ends(b.at(order.StageAwaitingPayment, asIndividual), order.EndWithdrawn, order.ReasonByApplicant)
	for token, want := range map[string]contract.Contacts{
		asIndividual: {Email: testEmail, Phone: testPhone}, asStranger: {Email: "aleh@example.by"},
	} {
		const open, terms = `{"service":"6.0.00"}`, `{"agreementVersion":"agreement-3","contractVersion":"contract-7"}`
		opened := b.post("/v1/orders", token, open).order(http.StatusCreated)
		path := "/v1/orders/" + opened.ID.String()
		require.Equal(t, opened, b.get(path, token).order(http.StatusOK))
		resumed := b.post("/v1/orders", token, open).order(http.StatusOK)
		require.True(t, resumed.Resumed)
		resumed.Resumed = false
		require.Equal(t, opened, resumed)
		accepted := b.post(path+"/terms", token, terms).order(http.StatusOK)
		require.Equal(t, accepted, b.get(path, token).order(http.StatusOK))
		require.Equal(t, accepted, b.post(path+"/terms", token, terms).order(http.StatusOK), "once more")
		var list contract.OrderList
		b.get("/v1/orders", token).is(http.StatusOK, &list)
		require.Contains(t, list.Orders, accepted)
		require.Equal(t, want, opened.Contacts)
		require.Equal(t, want, accepted.Contacts)
		require.Zero(t, b.post(path+"/withdrawal", token, "").order(http.StatusOK).Contacts, "nothing is offered to what has ended")
	}
}
