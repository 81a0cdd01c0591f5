package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestTermsOnOffer(t *testing.T) {
	b := setup(t)
	var out Offer
	b.get("/v1/terms", asEmployee).is(http.StatusOK, &out)
	require.Equal(t, b.server.Offer, out)
}

func TestA6_ARepeatedOrderAnswersWithTheOpenOne(t *testing.T) {
	b := setup(t)
	first := b.post("/v1/orders", asEmployee, `{"service":"6.0.01"}`)
	opened := first.order(http.StatusCreated)
	require.Equal(t, "/v1/orders/"+opened.ID, first.Header.Get("Location"))
	require.Equal(t, order.StageTerms, opened.Stage)
	require.Equal(t, order.KindEmployee, opened.Kind)
	require.Equal(t, order.ActorApplicant, opened.Next.WaitsFor)
	require.False(t, opened.Resumed)

	second := b.post("/v1/orders", asEmployee, `{"service":"6.0.01"}`)
	again := second.order(http.StatusOK)
	require.Equal(t, opened.ID, again.ID)
	require.True(t, again.Resumed)
	require.Equal(t, "/v1/orders/"+opened.ID, second.Header.Get("Location"))

	m, _ := b.engine.last(workflows.UpdateOpen)
	in := m.input.(workflows.OrderInput)
	require.Equal(t, workflows.OrderWorkflowID(order.ServiceEmployee, in.ApplicantKey), m.workflowID)
	require.Equal(t, "agreement-3", in.AgreementVersion)
	require.NotContains(t, m.workflowID+m.options.StaticSummary, string(theirs(t).tokens[asEmployee].PersonalNumber))
}

func TestA1d_KindFollowsTheCertificate(t *testing.T) {
	for token, want := range map[string]order.Kind{
		asIndividual: order.KindIndividual, "Bearer proprietor": order.KindSoleProprietor, "Bearer pretender": order.KindIndividual,
	} {
		t.Run(token, func(t *testing.T) {
			require.Equal(t, want, setup(t).post("/v1/orders", token, `{"service":"6.0.00"}`).order(http.StatusCreated).Kind)
		})
	}
}

func TestA1_A2_A3_WhoMayNotOrder(t *testing.T) {
	b := setup(t)
	for name, tc := range map[string]struct {
		token, service string
		want           slug
		code           order.CheckCode
	}{
		"expired":              {"Bearer expired", "6.0.01", problemNotInForce, order.CheckCertificate},
		"revoked":              {"Bearer revoked-manager", "6.0.01", problemNotInForce, order.CheckCertificate},
		"ID card":              {"Bearer idcard", "6.0.01", problemIDCard, order.CheckIDCard},
		"representative":       {"Bearer representative", "6.0.00", problemRepresentative, order.CheckRepresentative},
		"no organisation":      {"Bearer no-organisation", "6.0.01", problemOrganisationMissing, order.CheckOrganisation},
		"of no organisation":   {asIndividual, "6.0.01", problemOrganisationMissing, order.CheckOrganisation},
		"unreadable":           {"Bearer unreadable-manager", "6.0.01", problemNotInForce, ""},
		"individual, ID card":  {"Bearer idcard", "6.0.00", problemIDCard, order.CheckIDCard},
		"service of managers":  {asEmployee, "6.0.02", problemValidation, ""},
		"service that is none": {asEmployee, "", problemValidation, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.post("/v1/orders", tc.token, `{"service":"`+tc.service+`"}`).problem(tc.want)
			if tc.code != "" {
				require.Equal(t, string(tc.code), p.Checks[0].Code)
				require.NotEmpty(t, p.Checks[0].Title)
			}
		})
	}
	_, n := b.engine.last(workflows.UpdateOpen)
	require.Zero(t, n, "nothing was started")
}

func TestOrderIsReadByItsApplicantOnly(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	v := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, s.OrderID, v.ID)
	require.Equal(t, order.ActorPayer, v.Next.WaitsFor)
	require.Equal(t, &contactsView{Email: testEmail, Phone: testPhone}, v.Contacts)
	require.Equal(t, 1, v.Years)
	require.Equal(t, "passed", v.Checks[0].Verdict)

	// Somebody else's order and one that never was are told apart by nobody.
	answers := map[string]struct{}{}
	for _, path := range []string{s.path(), "/v1/orders/" + newID(), "/v1/orders/not-an-id"} {
		for _, below := range []string{"", "/payment", "/credentials"} {
			p := b.get(path+below, asStranger).problem(problemNotFound)
			p.Instance = ""
			raw, err := json.Marshal(p)
			require.NoError(t, err)
			answers[string(raw)] = struct{}{}
		}
		b.post(path+"/withdrawal", asStranger, "").problem(problemNotFound)
		b.post(path+"/terms", asStranger, `{"agreementVersion":"1","contractVersion":"1"}`).problem(problemNotFound)
		b.post(path+"/payment", asStranger, `{"way":"erip"}`).problem(problemNotFound)
		b.ask("POST", path+"/request", asStranger, "multipart/form-data; boundary=x", "").problem(problemNotFound)
	}
	require.Len(t, answers, 1)
}

func TestS2_ContactsOfTheLastOrderArePrefilled(t *testing.T) {
	b := setup(t)
	b.becomes(b.at(order.StageAwaitingPayment, asIndividual), func(st *activities.OrderState) {
		st.Stage, st.End = order.StageEnded, order.EndIssued
	})
	fresh := b.at(order.StageRequest, asIndividual)
	v := b.get(fresh.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, &contactsView{Email: testEmail, Phone: testPhone}, v.Contacts)
	v = b.get(b.at(order.StageRequest, asStranger).path(), asStranger).order(http.StatusOK)
	require.Nil(t, v.Contacts)
}

func TestListOfOrders(t *testing.T) {
	b := setup(t)
	open := b.at(order.StageTerms, asIndividual)
	old := b.ended(order.EndAnnulled, order.ReasonNotFinished, asIndividual)
	b.at(order.StageTerms, asStranger)
	_, err := b.pool.Exec(t.Context(), "UPDATE orders SET updated_at = updated_at - interval '2 days' WHERE stage = 'ended'")
	require.NoError(t, err)
	list := func(query string) (ids []string) {
		var out struct{ Orders []orderView }
		b.get("/v1/orders"+query, asIndividual).is(http.StatusOK, &out)
		for _, o := range out.Orders {
			ids = append(ids, o.ID)
		}
		return ids
	}
	require.Equal(t, []string{open.OrderID}, list(""))
	require.Equal(t, []string{open.OrderID}, list("?state=open"))
	require.ElementsMatch(t, []string{open.OrderID, old.OrderID}, list("?state=all"))
	b.get("/v1/orders?state=closed", asIndividual).problem(problemMalformed)
}

func TestS1_TermsAreAcceptedBothOrNothing(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asEmployee)
	v := b.post(s.path("terms"), asEmployee, `{"agreementVersion":"agreement-3","contractVersion":"contract-7"}`).order(http.StatusOK)
	require.Equal(t, order.StageRequest, v.Stage)
	m, _ := b.engine.last(workflows.UpdateAcceptTerms)
	require.Equal(t, workflows.AcceptTermsInput{AgreementVersion: "agreement-3", ContractVersion: "contract-7"}, m.input)
	for errorType, want := range map[string]slug{
		workflows.ErrTypeTermsOutdated: problemTermsOutdated, workflows.ErrTypeWrongStage: problemWrongStage, workflows.ErrTypeBusy: problemBusy,
	} {
		b.engine.refuse(workflows.UpdateAcceptTerms, errorType)
		p := b.post(s.path("terms"), asEmployee, `{"agreementVersion":"1","contractVersion":"1"}`).problem(want)
		require.Equal(t, s.OrderID, p.OrderID)
		require.Equal(t, order.StageRequest, p.Stage)
	}
}

func TestS10_WithdrawalUntilItIsPaid(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	v := b.post(s.path("withdrawal"), asEmployee, "").order(http.StatusOK)
	require.Equal(t, order.EndWithdrawn, v.End)
	require.Equal(t, order.ActorNobody, v.Next.WaitsFor)

	paid := b.at(order.StageIssuing, asEmployee)
	b.engine.refuse(workflows.UpdateWithdraw, workflows.ErrTypeAlreadyPaid)
	b.post(paid.path("withdrawal"), asEmployee, "").problem(problemAlreadyPaid)
}

func TestAnEndedOrderIsGone(t *testing.T) {
	b := setup(t)
	s := b.ended(order.EndAnnulled, order.ReasonNotFinished, asIndividual)
	for _, r := range []reply{
		b.post(s.path("terms"), asIndividual, `{"agreementVersion":"1","contractVersion":"1"}`),
		b.post(s.path("withdrawal"), asIndividual, ""),
		b.ask("POST", s.path("request"), asIndividual, "multipart/form-data; boundary=x", "--x--"),
	} {
		p := r.problem(problemOrderEnded)
		require.Equal(t, order.EndAnnulled, p.End)
		require.Equal(t, order.StageEnded, p.Stage)
		require.Equal(t, order.ReasonNotFinished, p.Reason)
		require.Equal(t, s.OrderID, p.OrderID)
	}
	v := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, order.ReasonNotFinished, v.Reason)
	require.NotEmpty(t, v.Next.Text)
}
