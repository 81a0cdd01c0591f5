package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func typeOf(err error) string {
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		return refused.Type()
	}
	return ""
}

func TestA6_RepeatedOpenGivesTheSameAnswer(t *testing.T) {
	tl := newTimeline(t)
	var first, second, later *answer
	tl.at(0, func() { first = tl.update(workflows.UpdateOpen) })
	tl.at(time.Minute, func() { second = tl.update(workflows.UpdateOpen) })
	tl.formed()
	tl.at(day, func() { later = tl.update(workflows.UpdateOpen) })
	tl.run(employeeOrder())
	want := workflows.OrderSnapshot{OrderID: orderID, Version: 1, Stage: order.StageTerms}
	require.Equal(t, want, first.good(t))
	require.Equal(t, want, second.good(t))
	require.Equal(t, order.StageAwaitingApproval, later.good(t).(workflows.OrderSnapshot).Stage)
}

func TestS1_OutdatedTermsAreRefused(t *testing.T) {
	tl := newTimeline(t)
	var answers []*answer
	tl.at(time.Hour, func() {
		for _, in := range []workflows.AcceptTermsInput{
			{AgreementVersion: "0", ContractVersion: "2"}, {AgreementVersion: "1", ContractVersion: "1"}, {AgreementVersion: "1"},
		} {
			answers = append(answers, tl.update(workflows.UpdateAcceptTerms, in))
		}
	})
	tl.run(employeeOrder())
	for _, a := range answers {
		require.Equal(t, workflows.ErrTypeTermsOutdated, typeOf(a.refused))
	}
	require.Nil(t, tl.world.last().Terms, "both or nothing")
}

func TestS1_TermsAreKeptWithTheirVersionsAndMoment(t *testing.T) {
	tl := newTimeline(t)
	var accepted *answer
	tl.at(time.Hour, func() { accepted = tl.acceptTerms() })
	tl.run(employeeOrder())
	require.Equal(t, order.StageRequest, accepted.good(t).(workflows.OrderSnapshot).Stage)
	terms := tl.world.last().Terms
	require.Equal(t, [2]string{"1", "2"}, [2]string{terms.AgreementVersion, terms.ContractVersion})
	require.Equal(t, monday.Add(time.Hour), terms.AcceptedAt.In(order.Minsk()))
}

// TestS2_UpdatesAtTheWrongStageAreRefused: a validator's refusal never reaches
// the handler, and so leaves nothing in history.
func TestS2_UpdatesAtTheWrongStageAreRefused(t *testing.T) {
	tl := newTimeline(t)
	var early, again, twice *answer
	var versions int
	tl.at(time.Minute, func() { early = tl.submit("too-early") })
	tl.formed()
	tl.at(day, func() {
		versions = len(tl.world.versions)
		again, twice = tl.acceptTerms(), tl.submit("request-2")
	})
	tl.at(day+time.Hour, func() {
		require.Len(t, tl.world.versions, versions)
		require.Equal(t, "request-1", tl.world.last().RequestID)
	})
	tl.run(employeeOrder())
	for _, a := range []*answer{early, again, twice} {
		require.Equal(t, workflows.ErrTypeWrongStage, typeOf(a.refused))
		require.False(t, a.done)
	}
}

func TestS2_BusyOrderAsksToComeBack(t *testing.T) {
	tl := newTimeline(t)
	var second *answer
	tl.world.verify = func(activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
		if second == nil {
			second = tl.submit("request-2")
		}
		time.Sleep(10 * time.Millisecond) // the second update is delivered while this one is worked on
		return activities.VerifyRequestResult{Admitted: true}, nil
	}
	tl.formed()
	tl.run(employeeOrder())
	require.Equal(t, workflows.ErrTypeBusy, typeOf(second.refused))
	require.Equal(t, "request-1", tl.world.last().RequestID)
}

// TestS10_WithdrawalDuringTheFirstCheckWaits: the check is finished and then
// the order withdrawn; the check's outcome does not bring the order back.
func TestS10_WithdrawalDuringTheFirstCheckWaits(t *testing.T) {
	tl := newTimeline(t)
	var taken *answer
	tl.world.verify = func(activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
		taken = tl.withdraw()
		time.Sleep(10 * time.Millisecond) // the withdrawal is delivered meanwhile
		return activities.VerifyRequestResult{Admitted: true}, nil
	}
	tl.formed()
	require.Equal(t, order.EndWithdrawn, tl.run(employeeOrder()).End)
	require.Equal(t, order.EndWithdrawn, taken.good(t).(workflows.OrderSnapshot).End)
	require.Equal(t, order.EndWithdrawn, tl.world.last().End)
}

func TestOrder_CancellationRequestHasNoEffect(t *testing.T) {
	tl := newTimeline(t)
	var accepted, submitted *answer
	tl.at(time.Minute, tl.CancelWorkflow)
	tl.at(time.Hour, func() { accepted = tl.acceptTerms() })
	tl.at(2*time.Hour, func() { submitted = tl.submit("request-1") })
	tl.at(2*day, func() { require.True(t, tl.confirm("x")) })
	tl.at(3*day, func() { tl.payConfirmation("x") })
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
	accepted.good(t)
	submitted.good(t)
}

func TestS10_SecondWithdrawalIsRefused(t *testing.T) {
	tl := newTimeline(t)
	var first, second *answer
	tl.at(time.Hour, func() { first, second = tl.withdraw(), tl.withdraw() })
	require.Equal(t, order.EndWithdrawn, tl.run(employeeOrder()).End)
	first.good(t)
	require.Contains(t, []string{workflows.ErrTypeBusy, workflows.ErrTypeWrongStage}, typeOf(second.refused))
}
