package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestM1_OnlyTheHeadWhomTheRegisterNames(t *testing.T) {
	b := setup(t)
	for name, tc := range map[string]struct {
		token  string
		change func(*egr)
		want   web.Slug
	}{
		"the head":               {asManager, nil, ""},
		"a false manager":        {"Bearer false-manager", nil, web.ProblemNotManager},
		"another head":           {asManager, func(e *egr) { e.head.Surname, e.head.PersonalNumber = "Другая", "" }, web.ProblemNotManager},
		"another number":         {asManager, func(e *egr) { e.head.PersonalNumber = "4020280A004PB1" }, web.ProblemNotManager},
		"no head recorded":       {asManager, func(e *egr) { e.head, e.err = registers.Head{}, registers.ErrNotFound }, web.ProblemNotManager},
		"silent register":        {asManager, func(e *egr) { e.err = fmt.Errorf("heads: %w", registers.ErrUnavailable) }, web.ProblemRegistersSilent},
		"expired certificate":    {"Bearer expired-manager", nil, web.ProblemNotInForce},
		"revoked certificate":    {"Bearer revoked-manager", nil, web.ProblemNotInForce},
		"foreign certificate":    {"Bearer foreign-manager", nil, web.ProblemNotInForce},
		"unreadable certificate": {"Bearer unreadable-manager", nil, web.ProblemNotInForce},
		"no organisation":        {"Bearer manager-without", nil, web.ProblemOrganisationMissing},
		"another organisation":   {"Bearer manager-elsewhere", nil, web.ProblemNotManager},
		"a representative":       {"Bearer deputy", nil, web.ProblemRepresentative},
		"a namesake":             {"Bearer namesake", func(e *egr) { e.head.PersonalNumber = "" }, web.ProblemNotManager},
		"a namesake's number":    {"Bearer namesake", nil, web.ProblemNotManager},
	} {
		*b.egr = egr{head: register()}
		if tc.change != nil {
			tc.change(b.egr)
		}
		r := b.get("/v1/organisation/orders", tc.token)
		if tc.want == "" {
			r.is(http.StatusOK)
			continue
		}
		p := r.problem(tc.want)
		for _, check := range p.Checks {
			require.Empty(t, check.Expected, "%s: data of the register", name)
			require.NotEmpty(t, check.Title, name)
		}
		b.get("/v1/confirmations", tc.token).problem(tc.want)
		b.get("/v1/organisation/orders/"+order.NewID().String(), tc.token).problem(tc.want)
		b.get("/v1/confirmations/"+order.NewID().String(), tc.token).problem(tc.want)
		b.post("/v1/confirmations", tc.token, `{"orders":["`+order.NewID().String()+`"]}`).problem(tc.want)
		b.post("/v1/organisation/orders/"+order.NewID().String()+"/rejection", tc.token, "").problem(tc.want)
	}
}

func TestM2_ListIsGroupedByEmployeeFiveRowsAPage(t *testing.T) {
	b := setup(t)
	ours := map[order.ID]bool{}
	for range 5 {
		ours[b.at(order.StageAwaitingApproval, asEmployee).ID] = true
	}
	ours[b.at(order.StageAwaitingApproval, asColleague).ID] = true
	b.at(order.StageChecking, asColleague)
	b.at(order.StageAwaitingPayment, asIndividual)
	var first, second, third contract.OrganisationOrders
	b.get("/v1/organisation/orders", asManager).is(http.StatusOK, &first)
	b.get("/v1/organisation/orders?page=2", asManager).is(http.StatusOK, &second)
	b.get("/v1/organisation/orders?page=3&size=5", asManager).is(http.StatusOK, &third)
	require.Equal(t, []int{1, 2, 6}, []int{first.Page, first.Pages, first.Total})
	require.Empty(t, third.Employees)
	var rows []contract.OrganisationOrder
	employees := 0
	for _, e := range append(first.Employees, second.Employees...) {
		require.Equal(t, "Образцова Вера Петровна", e.Name)
		rows = append(rows, e.Orders...)
		employees++
	}
	require.GreaterOrEqual(t, employees, 2, "two employees are two groups")
	for _, row := range rows {
		require.True(t, ours[row.ID])
		delete(ours, row.ID)
		require.Equal(t, "Бухгалтер", row.Position)
		require.Equal(t, "Главный бухгалтер", row.NewPosition)
		require.False(t, row.ConfirmBy.IsZero())
	}
	require.Empty(t, ours, "every order on one page only")
	for _, size := range []int{10, 20, 50} {
		var whole contract.OrganisationOrders
		b.get(fmt.Sprintf("/v1/organisation/orders?size=%d", size), asManager).is(http.StatusOK, &whole)
		require.Equal(t, []int{1, 1, 6}, []int{whole.Page, whole.Pages, whole.Total})
	}
	for _, size := range []string{"0", "7", "x", "", "1000000000000000000000"} {
		require.Equal(t, "size", b.get("/v1/organisation/orders?size="+size, asManager).problem(web.ProblemValidation).Errors[0].Field)
	}
	for _, page := range []string{"0", "-1", "x", "1.5", "100001", "99999999999999999999"} {
		p := b.get("/v1/organisation/orders?page="+page, asManager).problem(web.ProblemValidation)
		require.Equal(t, "page", p.Errors[0].Field)
	}
}

func TestM3_AnOrderTooOldLeavesTheList(t *testing.T) {
	b := setup(t)
	b.at(order.StageAwaitingApproval, asEmployee)
	b.now = b.now.AddDate(0, 0, 5)
	var page contract.OrganisationOrders
	b.get("/v1/organisation/orders", asManager).is(http.StatusOK, &page)
	require.Zero(t, page.Total)
	require.NotNil(t, page.Employees)
}

func TestManagersSeeTheirOrganisationOnly(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	var page contract.OrganisationOrders
	b.get("/v1/organisation/orders", "Bearer other-manager").is(http.StatusOK, &page)
	require.Zero(t, page.Total)
	b.post("/v1/organisation/orders/"+s.ID.String()+"/rejection", "Bearer other-manager", "").problem(web.ProblemNotFound)
	b.post("/v1/organisation/orders/"+order.NewID().String()+"/rejection", "Bearer other-manager", "").problem(web.ProblemNotFound)
	b.post("/v1/confirmations", "Bearer other-manager", `{"orders":["`+s.ID.String()+`"]}`).problem(web.ProblemNotFound)
	_, n := b.temporal.last(workflows.SignalRejected)
	require.Zero(t, n)
}

func TestM2_DetailsOfAnOrder(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	path := "/v1/organisation/orders/" + s.ID.String()
	var v contract.OrganisationOrderDetails
	b.get(path, asManager).is(http.StatusOK, &v)
	require.Equal(t, "Образцова Вера Петровна", v.Order.Name)
	require.Equal(t, []string{"Бухгалтер", "Главный бухгалтер"}, []string{v.Order.Position, v.Order.NewPosition})
	require.Equal(t, testca.SampleEmployee().PersonalNumber, v.PersonalNumber)
	require.Equal(t, 1, v.Order.Years)
	require.True(t, v.Order.ReceivedAt.Equal(b.now))
	require.False(t, v.Order.PayBy.IsZero())
	require.Equal(t, price.String(), v.Price)
	require.Equal(t, order.DateOf(b.now).AddDays(10).String(), v.RequestedStart)
	var codes []string
	for _, c := range v.Checks {
		codes = append(codes, c.Code+" "+string(c.Verdict))
	}
	require.Equal(t, []string{"request-file passed", "subject changed", "person passed"}, codes, "both checks")

	b.get(path, "Bearer other-manager").problem(web.ProblemNotFound)
	b.get("/v1/organisation/orders/"+b.at(order.StageRequest, asColleague).ID.String(), asManager).problem(web.ProblemNotFound)
	b.get("/v1/organisation/orders/"+b.at(order.StageAwaitingPayment, asIndividual).ID.String(), asManager).problem(web.ProblemNotFound)
	b.get("/v1/organisation/orders/"+order.NewID().String(), asManager).problem(web.ProblemNotFound)
}

func TestM4_RejectionAtEachStage(t *testing.T) {
	b := setup(t)
	for stage, want := range map[order.Stage]web.Slug{
		order.StageTerms: web.ProblemWrongStage, order.StageRequest: web.ProblemWrongStage, order.StageChecking: web.ProblemWrongStage,
		order.StageIssuing: web.ProblemWrongStage, order.StageAwaitingApproval: "", order.StageAwaitingPayment: "",
	} {
		s := b.at(stage, asEmployee)
		r := b.post("/v1/organisation/orders/"+s.ID.String()+"/rejection", asManager, `{"reason":"`+testNote+`"}`)
		if want != "" {
			require.Equal(t, stage, r.problem(want).Stage)
			continue
		}
		var v contract.OrganisationOrder
		r.is(http.StatusOK, &v)
		require.Equal(t, order.EndRejected, v.End, stage)
	}
	m, n := b.temporal.last(workflows.SignalRejected)
	require.Equal(t, 2, n)
	require.Equal(t, testNote, m.argument.(workflows.Rejected).Note)
	require.Equal(t, b.server.managerKey(theirs(t).tokens[asManager]), m.argument.(workflows.Rejected).By)

	ended := b.ended(order.EndWithdrawn, order.ReasonByApplicant, asEmployee)
	p := b.post("/v1/organisation/orders/"+ended.ID.String()+"/rejection", asManager, "").problem(web.ProblemOrderEnded)
	require.Equal(t, order.ReasonByApplicant, p.Reason)
	individual := b.at(order.StageAwaitingPayment, asIndividual)
	b.post("/v1/organisation/orders/"+individual.ID.String()+"/rejection", asManager, "").problem(web.ProblemNotFound)
}

func TestM4_RejectionThatIsOnItsWay(t *testing.T) {
	b := setup(t)
	b.server.managers.decisionWait = time.Millisecond
	s := b.at(order.StageAwaitingApproval, asEmployee)
	// The worker sleeps: the caller waits for the change in vain.
	b.temporal.on(workflows.SignalRejected, func(message) error { return nil })
	b.post("/v1/organisation/orders/"+s.ID.String()+"/rejection", asManager, "").is(http.StatusAccepted)
	b.temporal.on(workflows.SignalRejected, func(message) error { return errors.New("broken") })
	b.post("/v1/organisation/orders/"+s.ID.String()+"/rejection", asManager, "").problem(web.ProblemInternal)
}

func TestM4_ReasonHasAtMostFiveHundredCharacters(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	send := func(characters int) reply {
		body, err := json.Marshal(map[string]string{"reason": strings.Repeat("й", characters)})
		require.NoError(t, err)
		return b.post("/v1/organisation/orders/"+s.ID.String()+"/rejection", asManager, string(body))
	}
	require.Equal(t, "reason", send(501).problem(web.ProblemValidation).Errors[0].Field)
	send(500).is(http.StatusOK)
}
