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

func TestS1ToI1_EmployeeOrderIsIssued(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(2*day, func() { require.True(t, tl.confirm("x")) })
	tl.at(3*day, func() { tl.payConfirmation("x") })
	require.Equal(t, workflows.OrderResult{End: order.EndIssued}, tl.run(employeeOrder()))
	require.Equal(t, []order.Stage{
		order.StageTerms, order.StageRequest, order.StageChecking, order.StageAwaitingApproval,
		order.StageAwaitingPayment, order.StageEnded,
	}, tl.world.stages())
	last := tl.world.last()
	require.Equal(t, "x", last.ConfirmationID)
	require.Equal(t, "payment-1", last.PaymentID)
	require.Equal(t, monday.Add(uploadedAt), last.UploadedAt.In(order.Minsk()))
	require.Equal(t, []order.NoticeKind{order.NoticeWaitingForManager, order.NoticeIssued}, tl.world.notices())
	require.Equal(t, 1, tl.world.issued[orderID])
	require.Empty(t, tl.world.unapplied)
}

func TestS1ToI1_IndividualOrderIsIssued(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(2*day, func() { tl.payOrder() })
	require.Equal(t, workflows.OrderResult{End: order.EndIssued}, tl.run(individualOrder()))
	require.Equal(t, []order.Stage{
		order.StageTerms, order.StageRequest, order.StageChecking, order.StageAwaitingPayment, order.StageEnded,
	}, tl.world.stages())
	require.Equal(t, []order.NoticeKind{order.NoticePaymentDue, order.NoticeIssued}, tl.world.notices())
	require.Empty(t, tl.told)
}

func TestS4_MismatchGoesBackToTheUpload(t *testing.T) {
	tl := newTimeline(t)
	differs := order.Report{{Code: order.CheckSubject, Verdict: order.VerdictFailed, Field: order.FieldSurname}}
	tl.world.verify = func(in activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
		if in.RequestID == "request-1" {
			return activities.VerifyRequestResult{Admitted: true, Report: differs}, nil
		}
		return activities.VerifyRequestResult{Admitted: true, Years: 2}, nil
	}
	var first, second *answer
	tl.at(time.Hour, func() { tl.acceptTerms() })
	tl.at(2*time.Hour, func() { first = tl.submit("request-1") })
	tl.at(3*time.Hour, func() { second = tl.submit("request-2") })
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, order.EndIssued, tl.run(individualOrder()).End)
	refused := first.good(t).(workflows.SubmitRequestResult)
	require.False(t, refused.Accepted)
	require.Equal(t, differs, refused.Report)
	require.Equal(t, order.StageRequest, refused.Snapshot.Stage)
	require.True(t, second.good(t).(workflows.SubmitRequestResult).Accepted)
	require.Equal(t, "request-2", tl.world.last().RequestID)
	require.Empty(t, tl.world.last().Report.Failed())
}

func TestA1_WhoMayNotOrderIsRefused(t *testing.T) {
	tl := newTimeline(t)
	revoked := order.Report{{Code: order.CheckCertificate, Verdict: order.VerdictFailed, Cause: "revoked"}}
	tl.world.verify = func(activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
		return activities.VerifyRequestResult{Report: revoked}, nil
	}
	var submitted *answer
	tl.at(time.Hour, func() { tl.acceptTerms() })
	tl.at(2*time.Hour, func() { submitted = tl.submit("request-1") })
	require.Equal(t, workflows.OrderResult{End: order.EndRefused, Reason: order.ReasonNotAllowed}, tl.run(employeeOrder()))
	res := submitted.good(t).(workflows.SubmitRequestResult)
	require.False(t, res.Accepted)
	require.Equal(t, order.EndRefused, res.Snapshot.End, "the answer says how the order ended")
	require.Equal(t, revoked, tl.world.last().Report)
	require.Equal(t, []order.NoticeKind{order.NoticeRefused}, tl.world.notices())
	require.Equal(t, uploadedAt, tl.after().Truncate(time.Minute))
}

func TestS7_DifferingRegisterRefuses(t *testing.T) {
	for _, in := range []workflows.OrderInput{employeeOrder(), individualOrder()} {
		t.Run(string(in.Service), func(t *testing.T) {
			tl := newTimeline(t)
			tl.world.check = func(activities.CheckRegistersInput) (activities.CheckRegistersResult, error) {
				return activities.CheckRegistersResult{Report: order.Report{{Code: order.CheckPerson, Verdict: order.VerdictFailed}}}, nil
			}
			tl.formed()
			require.Equal(t, workflows.OrderResult{End: order.EndRefused, Reason: order.ReasonRegistersDiffer}, tl.run(in))
			require.Equal(t, order.CheckPerson, tl.world.last().Report.Failed()[0].Code)
			require.Empty(t, tl.world.payables)
		})
	}
}

// silentUntil is a register that does not answer before the moment. It is asked
// again every eighth part of that: the test environment gives up after ten tries.
func (tl *timeline) silentUntil(moment time.Duration) {
	tl.world.check = func(activities.CheckRegistersInput) (activities.CheckRegistersResult, error) {
		if tl.after() < moment {
			return activities.CheckRegistersResult{}, temporal.NewApplicationErrorWithOptions(
				"no answer", "silent", temporal.ApplicationErrorOptions{NextRetryDelay: moment / 8})
		}
		return activities.CheckRegistersResult{}, nil
	}
}

func TestS7_SilentRegisterIsAskedAgainForDays(t *testing.T) {
	tl := newTimeline(t)
	tl.silentUntil(3 * day)
	tl.formed()
	tl.at(4*day, func() { require.True(t, tl.confirm("x")) })
	tl.at(5*day, func() { tl.payConfirmation("x") })
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
	completed := tl.world.last().CompletedAt.Sub(monday)
	require.GreaterOrEqual(t, completed, 3*day)
	require.Less(t, completed, 4*day)
}

func TestS7_S10_WithdrawnWhileTheRegisterIsSilent(t *testing.T) {
	tl := newTimeline(t)
	tl.silentUntil(99 * day)
	tl.formed()
	var taken *answer
	tl.at(2*day, func() { taken = tl.withdraw() })
	require.Equal(t, workflows.OrderResult{End: order.EndWithdrawn, Reason: order.ReasonByApplicant}, tl.run(employeeOrder()))
	require.Equal(t, order.EndWithdrawn, taken.good(t).(workflows.OrderSnapshot).End)
	require.Less(t, tl.after(), 2*day+time.Minute)
}

func TestS7_S11_SilentRegisterHoldsNothingForEver(t *testing.T) {
	tl := newTimeline(t)
	tl.silentUntil(99 * day)
	tl.formed()
	require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotFinished}, tl.run(employeeOrder()))
	require.Equal(t, order.DefaultPolicy().FinishBy(monday), tl.Now().In(order.Minsk()))
	require.Equal(t, []order.NoticeKind{order.NoticeAnnulled}, tl.world.notices(), "nobody is reminded of what the system does")
}

func TestS8_KeyInUseGoesBackToTheUpload(t *testing.T) {
	tl := newTimeline(t)
	tl.world.save = func() error {
		tl.world.save = nil
		return activities.ErrNotSaved
	}
	tl.formed()
	var second *answer
	tl.at(day, func() {
		require.Equal(t, order.StageRequest, tl.world.last().Stage)
		require.Equal(t, order.CheckKeyNew, tl.world.last().Report[0].Code)
		require.True(t, tl.world.last().PayBy.IsZero())
		second = tl.submit("request-2")
	})
	tl.at(2*day, func() { require.True(t, tl.confirm("x")) })
	tl.at(3*day, func() { tl.payConfirmation("x") })
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
	require.True(t, second.good(t).(workflows.SubmitRequestResult).Accepted)
	require.Equal(t, "request-2", tl.world.last().RequestID)
}

func TestI1_IssuingIsTriedUntilItSucceeds(t *testing.T) {
	tl := newTimeline(t)
	failures := 8
	tl.world.issue = func(activities.IssueCertificateInput) error {
		if failures--; failures >= 0 {
			return errors.New("token unplugged")
		}
		return nil
	}
	tl.formed()
	tl.at(day, func() { tl.payOrder() })
	require.Equal(t, order.EndIssued, tl.run(individualOrder()).End)
	require.Equal(t, 1, tl.world.issued[orderID])
}

func TestP7_OrderWithoutAPriceWaitsForTheTariff(t *testing.T) {
	tl := newTimeline(t)
	tl.world.price = func() error { return activities.ErrNoPrice }
	tl.formed()
	tl.at(day, func() { tl.world.price = nil })
	tl.at(2*day, func() { tl.payOrder() })
	require.Equal(t, order.EndIssued, tl.run(individualOrder()).End)
}

func TestP7_D4_OrderWithoutAPriceEndsAtItsTerm(t *testing.T) {
	tl := newTimeline(t)
	tl.world.price = func() error { return activities.ErrNoPrice }
	tl.formed()
	require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotPaid}, tl.run(individualOrder()))
	require.Equal(t, order.DefaultPolicy().PayBy(monday), tl.Now().In(order.Minsk()))
}
