package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestS10_WithdrawnUntilPaidAndNotAfter(t *testing.T) {
	for _, c := range []struct {
		stage                order.Stage
		open, withdrawable   bool
		individual, employee order.Actor
	}{
		{order.StageTerms, true, true, order.ActorApplicant, order.ActorApplicant},
		{order.StageRequest, true, true, order.ActorApplicant, order.ActorApplicant},
		{order.StageChecking, true, true, order.ActorSystem, order.ActorSystem},
		{order.StageAwaitingApproval, true, true, order.ActorManager, order.ActorManager},
		{order.StageAwaitingPayment, true, true, order.ActorPayer, order.ActorManager},
		{order.StageIssuing, true, false, order.ActorSystem, order.ActorSystem},
		{order.StageEnded, false, false, order.ActorNobody, order.ActorNobody},
		{order.Stage("unheard of"), true, false, order.ActorNobody, order.ActorNobody},
	} {
		t.Run(string(c.stage), func(t *testing.T) {
			require.Equal(t, c.open, c.stage.Open())
			require.Equal(t, c.withdrawable, c.stage.Withdrawable())
			require.Equal(t, c.individual, c.stage.WaitsFor(order.ServiceIndividual))
			require.Equal(t, c.employee, c.stage.WaitsFor(order.ServiceEmployee))
		})
	}
}

func TestOnlyTwoServicesAreOrderedByApplicants(t *testing.T) {
	for _, s := range []order.Service{order.ServiceIndividual, order.ServiceEmployee} {
		got, err := order.ParseService(string(s))
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
	for _, s := range []string{"6.0.02", "", "6.0.0", "6.0.01 ", "6.1.43"} {
		_, err := order.ParseService(s)
		require.Error(t, err, s)
	}
	require.False(t, order.ServiceIndividual.NeedsApproval())
	require.True(t, order.ServiceEmployee.NeedsApproval())
	require.False(t, order.ServiceManager.NeedsApproval())
}

func TestS6_TermsByKindOfApplicant(t *testing.T) {
	for _, c := range []struct {
		kind    order.Kind
		longest int
	}{{order.KindIndividual, 3}, {order.KindSoleProprietor, 2}, {order.KindEmployee, 2}} {
		require.Equal(t, c.longest, c.kind.MaxTerm())
		for years := -1; years <= 5; years++ {
			require.Equal(t, years >= 1 && years <= c.longest, c.kind.TermAllowed(years), "%s, %d", c.kind, years)
		}
	}
}

func TestA4_A5_WhoMayNotOrderAtAllIsToldSo(t *testing.T) {
	differs := order.Check{Code: order.CheckPerson, Verdict: order.VerdictFailed, Cause: "differs"}
	passed := order.Check{Code: order.CheckContract, Verdict: order.VerdictPassed}
	require.Equal(t, order.ReasonRegistersDiffer, order.RefusalOf(order.Report{differs, passed}))
	require.Equal(t, order.ReasonContract, order.RefusalOf(order.Report{differs, {Code: order.CheckContract, Verdict: order.VerdictFailed}}))
	require.Equal(t, order.ReasonNotResident, order.RefusalOf(order.Report{differs, {Code: order.CheckResident, Verdict: order.VerdictFailed}}))
}
