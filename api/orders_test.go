package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestTermsOnOffer(t *testing.T) {
	b := setup(t)
	var out Offer
	b.get("/v1/terms", asEmployee).is(http.StatusOK, &out)
	require.Equal(t, b.deps.Offer, out)
}

func TestA6_ARepeatedOrderAnswersWithTheOpenOne(t *testing.T) {
	b := setup(t)
	first := b.post("/v1/orders", asEmployee, `{"service":"6.0.01"}`)
	opened := first.order(http.StatusCreated)
	require.Equal(t, "/v1/orders/"+opened.ID.String(), first.Header.Get("Location"))
	require.Equal(t, order.StageTerms, opened.Stage)
	require.Equal(t, order.KindEmployee, opened.Kind)
	require.Equal(t, order.ActorApplicant, opened.Next.WaitsFor)
	require.False(t, opened.Resumed)

	second := b.post("/v1/orders", asEmployee, `{"service":"6.0.01"}`)
	again := second.order(http.StatusOK)
	require.Equal(t, opened.ID, again.ID)
	require.Equal(t, opened.Number, again.Number)
	require.True(t, again.Resumed)
	require.Equal(t, "/v1/orders/"+opened.ID.String(), second.Header.Get("Location"))
	require.Empty(t, b.starter.orders, "a draft has no workflow")
}

func TestA6_AfterTheUploadAnotherOrderIsPossibleFiveAtMost(t *testing.T) {
	b := setup(t)
	for range order.MaxOpen {
		b.post("/v1/orders", asEmployee, `{"service":"6.0.01"}`).order(http.StatusCreated)
		b.at(order.StageAwaitingApproval, asEmployee)
	}
	b.post("/v1/orders", asEmployee, `{"service":"6.0.01"}`).problem(web.ProblemTooManyOpen)
	b.post("/v1/orders", asColleague, `{"service":"6.0.01"}`).order(http.StatusCreated)
}

func TestA1d_KindFollowsTheCertificate(t *testing.T) {
	for token, want := range map[string]order.Kind{
		asIndividual: order.KindIndividual, "Bearer proprietor": order.KindSoleProprietor,
	} {
		t.Run(token, func(t *testing.T) {
			require.Equal(t, want, setup(t).post("/v1/orders", token, `{"service":"6.0.00"}`).order(http.StatusCreated).Kind)
		})
	}
}

func TestA1d_WhoeverTakesTheWrongServiceIsToldTheRightOne(t *testing.T) {
	b := setup(t)
	for _, tc := range []struct {
		token, service string
		want           web.Slug
		right          order.Service
	}{
		{asIndividual, "6.0.01", web.ProblemOrderIndividual, order.ServiceIndividual},
		{"Bearer proprietor", "6.0.01", web.ProblemOrderIndividual, order.ServiceIndividual},
		{asEmployee, "6.0.00", web.ProblemOrderEmployee, order.ServiceEmployee},
		{"Bearer no-organisation", "6.0.00", web.ProblemOrderEmployee, order.ServiceEmployee},
	} {
		p := b.post("/v1/orders", tc.token, `{"service":"`+tc.service+`"}`).problem(tc.want)
		last := p.Checks[len(p.Checks)-1]
		require.Equal(t, string(order.CheckService), last.Code, tc.token)
		require.Equal(t, string(tc.right), last.Expected)
	}
}

func TestA1_A2_A3_A5_WhoMayNotOrder(t *testing.T) {
	b := setup(t)
	for name, tc := range map[string]struct {
		token, service string
		want           web.Slug
		code           order.CheckCode
	}{
		"expired":                       {"Bearer expired", "6.0.01", web.ProblemNotInForce, order.CheckCertificate},
		"revoked":                       {"Bearer revoked-manager", "6.0.01", web.ProblemNotInForce, order.CheckCertificate},
		"ID card":                       {"Bearer idcard", "6.0.01", web.ProblemIDCard, order.CheckIDCard},
		"representative":                {"Bearer representative", "6.0.00", web.ProblemRepresentative, order.CheckRepresentative},
		"no organisation":               {"Bearer no-organisation", "6.0.01", web.ProblemOrganisationMissing, order.CheckOrganisation},
		"another organisation":          {"Bearer employee-elsewhere", "6.0.01", web.ProblemOrganisationMissing, order.CheckOrganisation},
		"an account that is not theirs": {"Bearer pretender", "6.0.00", web.ProblemOrganisationMissing, order.CheckOrganisation},
		"abroad":                        {"Bearer abroad", "6.0.00", web.ProblemNotResident, order.CheckResident},
		"unreadable":                    {"Bearer unreadable-manager", "6.0.01", web.ProblemNotInForce, ""},
		"individual, ID card":           {"Bearer idcard", "6.0.00", web.ProblemIDCard, order.CheckIDCard},
		"somebody else's certificate":   {"Bearer borrowed-certificate", "6.0.00", web.ProblemOtherPerson, ""},
		"a certificate of an authority": {"Bearer ca-certificate", "6.0.00", web.ProblemNotForSigning, order.CheckCertificate},
		"service of managers":           {asEmployee, "6.0.02", web.ProblemValidation, ""},
		"service that is none":          {asEmployee, "", web.ProblemValidation, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.post("/v1/orders", tc.token, `{"service":"`+tc.service+`"}`).problem(tc.want)
			if tc.code != "" {
				require.Equal(t, string(tc.code), p.Checks[0].Code)
				require.NotEmpty(t, p.Checks[0].Title)
			}
		})
	}
	var drafts int
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT count(*) FROM orders").Scan(&drafts))
	require.Zero(t, drafts, "nothing was opened")
}

func TestOrderIsReadByItsApplicantOnly(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	v := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, s.ID, v.ID)
	require.Equal(t, order.ActorPayer, v.Next.WaitsFor)
	require.Equal(t, contract.Contacts{Email: testEmail, Phone: testPhone}, v.Contacts)
	require.Equal(t, 1, v.Years)
	require.Equal(t, order.VerdictPassed, v.Checks[0].Verdict)

	// Somebody else's order and one that never was are told apart by nobody.
	answers := map[string]struct{}{}
	for _, path := range []string{s.path(), "/v1/orders/" + order.NewID().String(), "/v1/orders/not-an-id"} {
		for _, below := range []string{"", "/payment", "/credentials"} {
			p := b.get(path+below, asStranger).problem(web.ProblemNotFound)
			p.Instance = ""
			raw, err := json.Marshal(p)
			require.NoError(t, err)
			answers[string(raw)] = struct{}{}
		}
		b.post(path+"/withdrawal", asStranger, "").problem(web.ProblemNotFound)
		b.post(path+"/terms", asStranger, `{"agreementVersion":"1","contractVersion":"1"}`).problem(web.ProblemNotFound)
		b.post(path+"/payment", asStranger, `{"method":"erip"}`).problem(web.ProblemNotFound)
		b.ask("POST", path+"/request", asStranger, "multipart/form-data; boundary=x", "").problem(web.ProblemNotFound)
	}
	require.Len(t, answers, 1)
}

func TestS7_TheAnswerOfEachRegisterIsShown(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageChecking, asEmployee)
	require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"population": order.RegisterAgrees}))
	require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": order.RegisterSilent}))
	v := b.get(s.path()+"?wait=1m&after=3", asEmployee).order(http.StatusOK)
	require.Greater(t, v.Version, s.Version, "pushed through the long poll")
	require.ElementsMatch(t, []contract.RegisterAnswer{
		{Register: contract.Population, State: order.RegisterAgrees}, {Register: contract.Egr, State: order.RegisterSilent},
	}, v.Registers)
}

func TestListOfOrders(t *testing.T) {
	b := setup(t)
	old := b.ended(order.EndAnnulled, order.ReasonNotFinished, asIndividual)
	open := b.at(order.StageTerms, asIndividual)
	b.at(order.StageTerms, asStranger)
	_, err := b.pool.Exec(t.Context(), "UPDATE orders SET updated_at = updated_at - interval '2 days' WHERE stage = 'ended'")
	require.NoError(t, err)
	list := func(query string) (ids []order.ID) {
		var out contract.OrderList
		b.get("/v1/orders"+query, asIndividual).is(http.StatusOK, &out)
		for _, o := range out.Orders {
			ids = append(ids, o.ID)
		}
		return ids
	}
	require.Equal(t, []order.ID{open.ID}, list(""))
	require.Equal(t, []order.ID{open.ID}, list("?state=open"))
	require.ElementsMatch(t, []order.ID{open.ID, old.ID}, list("?state=all"))
	b.get("/v1/orders?state=closed", asIndividual).problem(web.ProblemValidation)
}

func TestS1_TermsAreAcceptedBothOrNothing(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asEmployee)
	for body, fields := range map[string][]string{
		`{"agreementVersion":"agreement-3"}`: {"contractVersion"}, `{"contractVersion":"contract-7"}`: {"agreementVersion"},
		`{"agreementVersion":"","contractVersion":"contract-7"}`: {"agreementVersion"}, `{}`: {"agreementVersion", "contractVersion"},
	} {
		p := b.post(s.path("terms"), asEmployee, body).problem(web.ProblemValidation)
		var named []string
		for _, e := range p.Errors {
			named = append(named, e.Field)
			require.NotEmpty(t, e.Detail)
		}
		require.Equal(t, fields, named, body)
	}
	p := b.post(s.path("terms"), asEmployee, `{"agreementVersion":"1","contractVersion":"1"}`).problem(web.ProblemTermsOutdated)
	require.Equal(t, s.ID, p.OrderID)
	require.Equal(t, order.StageTerms, p.Stage)
	const both = `{"agreementVersion":"agreement-3","contractVersion":"contract-7"}`
	require.Equal(t, order.StageRequest, b.post(s.path("terms"), asEmployee, both).order(http.StatusOK).Stage)
	require.Equal(t, order.StageRequest, b.post(s.path("terms"), asEmployee, both).order(http.StatusOK).Stage, "repeated consent is no error")
	checking := b.at(order.StageChecking, asEmployee)
	b.post(checking.path("terms"), asEmployee, `{"agreementVersion":"agreement-2","contractVersion":"contract-7"}`).problem(web.ProblemTermsOutdated)
}

func TestS10_WithdrawalUntilItIsPaid(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	v := b.post(s.path("withdrawal"), asEmployee, "").order(http.StatusOK)
	require.Equal(t, order.EndWithdrawn, v.End)
	require.Equal(t, order.ActorNobody, v.Next.WaitsFor)
	require.True(t, v.PayBy.IsZero(), "nothing stale after the end")
	m, n := b.temporal.last(workflows.UpdateWithdraw)
	require.Equal(t, 1, n)
	require.Equal(t, order.WorkflowID(s.Number, s.ID), m.workflowID)

	for errorType, want := range map[string]web.Slug{
		workflows.ErrTypeAlreadyPaid: web.ProblemAlreadyPaid, workflows.ErrTypeWrongStage: web.ProblemWrongStage, workflows.ErrTypeBusy: web.ProblemBusy,
	} {
		paid := b.at(order.StageAwaitingApproval, asEmployee)
		b.temporal.refuse(workflows.UpdateWithdraw, errorType)
		p := b.post(paid.path("withdrawal"), asEmployee, "").problem(want)
		require.Equal(t, paid.ID, p.OrderID)
		require.Equal(t, order.StageAwaitingApproval, p.Stage)
	}
}

// A workflow that was about to end as the wish came is asked again.
func TestS10_AWithdrawalWaitsForAWorkflowThatIsNotReady(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	withdraw := b.temporal.scripts[workflows.UpdateWithdraw]
	tries := 0
	b.temporal.on(workflows.UpdateWithdraw, func(m message) error {
		if tries++; tries < 3 {
			return serviceerror.NewWorkflowNotReady("unexpected workflow task failure")
		}
		return withdraw(m)
	})
	require.Equal(t, order.EndWithdrawn, b.post(s.path("withdrawal"), asEmployee, "").order(http.StatusOK).End)
	require.Equal(t, 3, tries)
}

func TestS10_ADraftIsWithdrawnWithoutTemporalAndWithoutALetter(t *testing.T) {
	b := setup(t)
	for range 5 {
		s := b.at(order.StageRequest, asIndividual)
		b.sendFile(s, asIndividual, []byte("no request"), goodFields...).problem(web.ProblemRequestRejected)
		v := b.post(s.path("withdrawal"), asIndividual, "").order(http.StatusOK)
		require.Equal(t, order.EndWithdrawn, v.End)
		require.Empty(t, v.Messages)
	}
	_, n := b.temporal.last(workflows.UpdateWithdraw)
	require.Zero(t, n)
	var letters int
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT count(*) FROM notices").Scan(&letters))
	require.Zero(t, letters)
}

func TestAnEndedOrderIsGone(t *testing.T) {
	b := setup(t)
	s := b.ended(order.EndAnnulled, order.ReasonNotFinished, asIndividual)
	for _, r := range []reply{
		b.post(s.path("terms"), asIndividual, `{"agreementVersion":"1","contractVersion":"1"}`),
		b.post(s.path("withdrawal"), asIndividual, ""),
		b.ask("POST", s.path("request"), asIndividual, "multipart/form-data; boundary=x", "--x--"),
	} {
		p := r.problem(web.ProblemOrderEnded)
		require.Equal(t, order.EndAnnulled, p.End)
		require.Equal(t, order.StageEnded, p.Stage)
		require.Equal(t, order.ReasonNotFinished, p.Reason)
		require.Equal(t, s.ID, p.OrderID)
	}
	v := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, order.ReasonNotFinished, v.Reason)
	require.NotEmpty(t, v.Next.Text)
}
