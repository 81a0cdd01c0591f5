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

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// organisationPage is one page of the manager's list.
type organisationPage struct {
	Page, Pages, Total int
	Employees          []struct {
		Name   string
		Orders []organisationOrderView
	}
}

func TestM1_OnlyTheHeadWhomTheRegisterNames(t *testing.T) {
	b := setup(t)
	for name, tc := range map[string]struct {
		token  string
		change func(*egr)
		want   slug
	}{
		"the head":               {asManager, nil, ""},
		"a false manager":        {"Bearer false-manager", nil, problemNotManager},
		"another head":           {asManager, func(e *egr) { e.head.Surname, e.head.PersonalNumber = "Другая", "" }, problemNotManager},
		"another number":         {asManager, func(e *egr) { e.head.PersonalNumber = "4020280A004PB1" }, problemNotManager},
		"no head recorded":       {asManager, func(e *egr) { e.head, e.err = registers.Head{}, registers.ErrNotFound }, problemNotManager},
		"silent register":        {asManager, func(e *egr) { e.err = fmt.Errorf("heads: %w", registers.ErrUnavailable) }, problemRegistersSilent},
		"expired certificate":    {"Bearer expired-manager", nil, problemNotInForce},
		"revoked certificate":    {"Bearer revoked-manager", nil, problemNotInForce},
		"foreign certificate":    {"Bearer foreign-manager", nil, problemNotInForce},
		"unreadable certificate": {"Bearer unreadable-manager", nil, problemNotInForce},
		"no organisation":        {"Bearer manager-without", nil, problemOrganisationMissing},
		"another organisation":   {"Bearer manager-elsewhere", nil, problemNotManager},
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
		b.get("/v1/confirmations/"+newID(), tc.token).problem(tc.want)
		b.post("/v1/confirmations", tc.token, `{"orders":["`+newID()+`"]}`).problem(tc.want)
		b.post("/v1/organisation/orders/"+newID()+"/rejection", tc.token, "").problem(tc.want)
	}
}

func TestM2_ListIsGroupedByEmployeeFiveRowsAPage(t *testing.T) {
	b := setup(t)
	ours := map[string]bool{}
	for range 6 {
		s := b.at(order.StageAwaitingApproval, asEmployee)
		ours[s.OrderID] = true
	}
	b.at(order.StageChecking, asEmployee)
	b.at(order.StageAwaitingPayment, asIndividual)
	var first, second, third organisationPage
	b.get("/v1/organisation/orders", asManager).is(http.StatusOK, &first)
	b.get("/v1/organisation/orders?page=2", asManager).is(http.StatusOK, &second)
	b.get("/v1/organisation/orders?page=3", asManager).is(http.StatusOK, &third)
	require.Equal(t, []int{1, 2, 6}, []int{first.Page, first.Pages, first.Total})
	require.Len(t, first.Employees, 1)
	require.Equal(t, "Образцова Вера Петровна", first.Employees[0].Name)
	require.Len(t, first.Employees[0].Orders, 5)
	require.Len(t, second.Employees[0].Orders, 1)
	require.Empty(t, third.Employees)
	for _, row := range append(first.Employees[0].Orders, second.Employees[0].Orders...) {
		require.True(t, ours[row.ID])
		delete(ours, row.ID)
		require.Equal(t, "Бухгалтер", row.Position)
		require.Equal(t, "Главный бухгалтер", row.NewPosition)
		require.NotNil(t, row.ConfirmBy)
	}
	require.Empty(t, ours, "every order on one page only")
	for _, page := range []string{"0", "-1", "x", "1.5", "100001", "99999999999999999999"} {
		p := b.get("/v1/organisation/orders?page="+page, asManager).problem(problemValidation)
		require.Equal(t, "page", p.Errors[0].Field)
	}
}

func TestM3_AnOrderTooOldLeavesTheList(t *testing.T) {
	b := setup(t)
	b.at(order.StageAwaitingApproval, asEmployee)
	b.now = b.now.AddDate(0, 0, 5)
	var page organisationPage
	b.get("/v1/organisation/orders", asManager).is(http.StatusOK, &page)
	require.Zero(t, page.Total)
	require.NotNil(t, page.Employees)
}

func TestManagersSeeTheirOrganisationOnly(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	var page organisationPage
	b.get("/v1/organisation/orders", "Bearer other-manager").is(http.StatusOK, &page)
	require.Zero(t, page.Total)
	b.post("/v1/organisation/orders/"+s.OrderID+"/rejection", "Bearer other-manager", "").problem(problemNotFound)
	b.post("/v1/organisation/orders/"+newID()+"/rejection", "Bearer other-manager", "").problem(problemNotFound)
	b.post("/v1/confirmations", "Bearer other-manager", `{"orders":["`+s.OrderID+`"]}`).problem(problemNotFound)
	_, n := b.engine.last(workflows.SignalRejected)
	require.Zero(t, n)
}

func TestM4_RejectionAtEachStage(t *testing.T) {
	b := setup(t)
	for stage, want := range map[order.Stage]slug{
		order.StageTerms: problemWrongStage, order.StageRequest: problemWrongStage, order.StageChecking: problemWrongStage,
		order.StageIssuing: problemWrongStage, order.StageAwaitingApproval: "", order.StageAwaitingPayment: "",
	} {
		s := b.at(stage, asEmployee)
		r := b.post("/v1/organisation/orders/"+s.OrderID+"/rejection", asManager, `{"reason":"`+testNote+`"}`)
		if want != "" {
			require.Equal(t, stage, r.problem(want).Stage)
			continue
		}
		var v organisationOrderView
		r.is(http.StatusOK, &v)
		require.Equal(t, order.EndRejected, v.End, stage)
	}
	m, n := b.engine.last(workflows.SignalRejected)
	require.Equal(t, 2, n)
	require.Equal(t, testNote, m.input.(workflows.Rejected).Note)
	require.Equal(t, b.server.managerKey(theirs(t).tokens[asManager]), m.input.(workflows.Rejected).By)

	ended := b.ended(order.EndWithdrawn, order.ReasonByApplicant, asEmployee)
	p := b.post("/v1/organisation/orders/"+ended.OrderID+"/rejection", asManager, "").problem(problemOrderEnded)
	require.Equal(t, order.ReasonByApplicant, p.Reason)
	individual := b.at(order.StageAwaitingPayment, asIndividual)
	b.post("/v1/organisation/orders/"+individual.OrderID+"/rejection", asManager, "").problem(problemNotFound)
}

func TestM4_RejectionThatIsOnItsWay(t *testing.T) {
	b := setup(t)
	b.server.decisionWait = time.Millisecond
	s := b.at(order.StageAwaitingApproval, asEmployee)
	// The worker sleeps: the caller waits for the change in vain.
	b.engine.on(workflows.SignalRejected, func(message) (any, error) { return nil, nil })
	b.post("/v1/organisation/orders/"+s.OrderID+"/rejection", asManager, "").is(http.StatusAccepted)
	b.engine.on(workflows.SignalRejected, func(message) (any, error) { return nil, errors.New("broken") })
	b.post("/v1/organisation/orders/"+s.OrderID+"/rejection", asManager, "").problem(problemInternal)
}

func TestM4_ReasonHasAtMostFiveHundredCharacters(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	send := func(characters int) reply {
		body, err := json.Marshal(map[string]string{"reason": strings.Repeat("й", characters)})
		require.NoError(t, err)
		return b.post("/v1/organisation/orders/"+s.OrderID+"/rejection", asManager, string(body))
	}
	require.Equal(t, "reason", send(501).problem(problemValidation).Errors[0].Field)
	send(500).is(http.StatusOK)
}
