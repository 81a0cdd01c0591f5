package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// borders are the moments around a deadline and whether a message then is in time.
var borders = map[string]struct {
	offset time.Duration
	inTime bool
}{
	"one second before": {-time.Second, true},
	// The message stands in history before the timer's event.
	"exactly then":     {0, true},
	"one second after": {time.Second, false},
}

func TestS11_Border(t *testing.T) {
	finishBy := order.DefaultPolicy().FinishBy(monday).Sub(monday)
	for name, offset := range map[string]time.Duration{"before": -time.Second, "exactly then": 0, "after": time.Second} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			var submitted *answer
			tl.at(time.Hour, func() { tl.acceptTerms() })
			tl.at(finishBy+offset, func() { submitted = tl.submit("request-1") })
			tl.at(finishBy+time.Hour, func() { tl.payOrder() })
			res := tl.run(individualOrder())
			if offset < 0 {
				require.True(t, submitted.good(t).(workflows.SubmitRequestResult).Accepted)
				require.Equal(t, order.EndIssued, res.End)
				return
			}
			require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotFinished}, res)
			require.Equal(t, finishBy, tl.after())
			require.Empty(t, tl.world.last().RequestID)
			if submitted != nil {
				require.False(t, submitted.done, "the timer's event stands first: the upload is refused")
			}
		})
	}
}

// TestD7_UploadBeingCheckedAtTheDeadline: the first check began before the
// deadline and ends after it. The order is decided about once, after the check.
func TestD7_UploadBeingCheckedAtTheDeadline(t *testing.T) {
	finishBy := order.DefaultPolicy().FinishBy(monday).Sub(monday)
	for name, passes := range map[string]bool{"the request is good": true, "the request is bad": false} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			tries := 0
			tl.world.verify = func(activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
				if tries++; tries == 1 {
					return activities.VerifyRequestResult{}, errors.New("the database is away for a moment")
				}
				res := activities.VerifyRequestResult{Admitted: true}
				if !passes {
					res.Report = order.Report{{Code: order.CheckStart, Verdict: order.VerdictFailed}}
				}
				return res, nil
			}
			var submitted *answer
			tl.at(time.Hour, func() { tl.acceptTerms() })
			tl.at(finishBy-100*time.Millisecond, func() { submitted = tl.submit("request-1") })
			res := tl.run(individualOrder())
			require.Equal(t, passes, submitted.good(t).(workflows.SubmitRequestResult).Accepted)
			require.Equal(t, order.ReasonNotFinished, res.Reason)
			require.Equal(t, order.StageEnded, tl.world.last().Stage, "the check does not bring the order back")
			require.Equal(t, "request-1", tl.world.last().RequestID)
			requireVersionsInOrder(t, tl.world)
		})
	}
}

// requireVersionsInOrder: no two transitions were made at once.
func requireVersionsInOrder(t *testing.T, w *world) {
	t.Helper()
	for i, v := range w.versions {
		require.Equal(t, int64(i+1), v.State.Version)
	}
}

func TestM3_D1_Border(t *testing.T) {
	approveBy := uploadedAt + 5*day
	for name, b := range borders {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			confirmed := false
			tl.formed()
			tl.at(approveBy+b.offset, func() { confirmed = tl.confirm("x") })
			tl.at(approveBy+time.Hour, func() { tl.payConfirmation("x") })
			res := tl.run(employeeOrder())
			require.Equal(t, b.inTime, confirmed)
			if b.inTime {
				require.Equal(t, order.EndIssued, res.End)
				return
			}
			require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotConfirmed}, res)
			require.Equal(t, approveBy, tl.after(), "not one minute before the border, nor after it")
		})
	}
}

// TestD7_TimerBeforeApproval: the deadline's event stands first, and the
// manager signs in the same instant. The arbiter decides, once.
func TestD7_TimerBeforeApproval(t *testing.T) {
	for name, signedFirst := range map[string]bool{"list signed first": true, "closed first": false} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			tl.formed()
			tl.world.closing = func() {
				tl.world.closing = nil
				if signedFirst {
					require.True(t, tl.confirm("x"))
				} else {
					tl.approve("x") // the confirmation was refused the order, its word comes nevertheless
				}
			}
			tl.at(6*day, func() { tl.payConfirmation("x") })
			res := tl.run(employeeOrder())
			if signedFirst {
				require.Equal(t, order.EndIssued, res.End)
				return
			}
			require.Equal(t, order.ReasonNotConfirmed, res.Reason)
			require.Empty(t, tl.world.last().ConfirmationID)
			require.Empty(t, tl.world.issued)
		})
	}
}

// TestD7_ApprovalInFlight: a confirmation has taken the order before the
// deadline and its signal comes long after it.
func TestD7_ApprovalInFlight(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(4*day, func() {
		_, err := tl.world.OpenPayable(t.Context(), activities.OpenPayableInput{
			PayableID: "x", Service: order.ServiceManager, OrderIDs: []string{orderID}, At: tl.Now(),
		})
		require.NoError(t, err)
	})
	tl.at(7*day, func() { tl.approve("x") })
	tl.at(8*day, func() { tl.payConfirmation("x") })
	require.Equal(t, order.EndIssued, tl.run(employeeOrder()).End)
}

// TestD7_ApprovalThatNeverComes: a confirmation holds the order and is never
// heard of again; the order does not wait for ever.
func TestD7_ApprovalThatNeverComes(t *testing.T) {
	tl := newTimeline(t)
	tl.formed()
	tl.at(4*day, func() {
		_, err := tl.world.OpenPayable(t.Context(), activities.OpenPayableInput{
			PayableID: "x", Service: order.ServiceManager, OrderIDs: []string{orderID}, At: tl.Now(),
		})
		require.NoError(t, err)
	})
	require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotPaid}, tl.run(employeeOrder()))
	require.Equal(t, order.DefaultPolicy().PayBy(monday), tl.Now().In(order.Minsk()))
	require.Equal(t, []string{"order-left confirmation-x"}, tl.told)
	require.NotContains(t, tl.world.notices()[2:], order.NoticeApprovalReminder)
}

func TestD2_D3_D4_Border(t *testing.T) {
	payBy := order.DefaultPolicy().PayBy(monday).Sub(monday)
	require.Equal(t, time.Date(2026, 12, 4, 0, 0, 0, 0, order.Minsk()), monday.Add(payBy), "the midnight that ends the tenth day")
	for _, in := range []workflows.OrderInput{employeeOrder(), individualOrder()} {
		for name, offset := range map[string]time.Duration{"before": -time.Second, "exactly then": 0, "after": time.Second} {
			t.Run(string(in.Service)+" "+name, func(t *testing.T) {
				tl := newTimeline(t)
				tl.formed()
				tl.at(day, func() {
					if in.Service.NeedsApproval() {
						require.True(t, tl.confirm("x"))
					}
				})
				tl.at(payBy+offset, func() {
					if in.Service.NeedsApproval() {
						tl.payConfirmation("x")
					} else {
						tl.payOrder()
					}
				})
				res := tl.run(in)
				if offset < 0 {
					require.Equal(t, order.EndIssued, res.End)
					return
				}
				require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotPaid}, res)
				require.Empty(t, tl.world.issued)
			})
		}
	}
}

// TestD7_MoneyInFlight: the money was in time, the message about it comes
// hours after the deadline.
func TestD7_MoneyInFlight(t *testing.T) {
	payBy := order.DefaultPolicy().PayBy(monday).Sub(monday)
	for _, in := range []workflows.OrderInput{employeeOrder(), individualOrder()} {
		t.Run(string(in.Service), func(t *testing.T) {
			tl := newTimeline(t)
			tl.formed()
			tl.at(day, func() {
				if in.Service.NeedsApproval() {
					require.True(t, tl.confirm("x"))
				}
			})
			payable := map[bool]string{true: "x", false: orderID}[in.Service.NeedsApproval()]
			tl.at(payBy-time.Second, func() {
				_, applied := tl.world.pay(payable, tl.Now())
				require.True(t, applied)
			})
			tl.at(payBy+5*time.Hour, func() {
				tl.SignalWorkflow(workflows.SignalPaid, workflows.Paid{ConfirmationID: "x", PaymentID: "payment-1"})
			})
			require.Equal(t, order.EndIssued, tl.run(in).End)
			require.Empty(t, tl.world.unapplied)
		})
	}
}

func TestD6_RemindedOnceBeforeTheDeadline(t *testing.T) {
	t.Run("the applicant of the approval", func(t *testing.T) {
		tl := newTimeline(t)
		tl.formed()
		var before, after []order.NoticeKind
		tl.at(uploadedAt+4*day-time.Second, func() { before = tl.world.notices() })
		tl.at(uploadedAt+4*day+time.Second, func() { after = tl.world.notices() })
		require.Equal(t, order.ReasonNotConfirmed, tl.run(employeeOrder()).Reason)
		require.Equal(t, []order.NoticeKind{order.NoticeWaitingForManager}, before)
		require.Equal(t, []order.NoticeKind{order.NoticeWaitingForManager, order.NoticeApprovalReminder}, after)
		require.Equal(t, append(after, order.NoticeAnnulled), tl.world.notices())
	})
	t.Run("the payer of 6.0.00 of the payment", func(t *testing.T) {
		tl := newTimeline(t)
		tl.formed()
		require.Equal(t, order.ReasonNotPaid, tl.run(individualOrder()).Reason)
		require.Equal(t, []order.NoticeKind{
			order.NoticePaymentDue, order.NoticePaymentReminder, order.NoticeAnnulled,
		}, tl.world.notices())
	})
	t.Run("the applicant of an upload that failed", func(t *testing.T) {
		tl := newTimeline(t)
		tl.world.verify = func(activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
			return activities.VerifyRequestResult{Admitted: true, Report: order.Report{{Code: order.CheckStart, Verdict: order.VerdictFailed}}}, nil
		}
		tl.formed()
		require.Equal(t, order.ReasonNotFinished, tl.run(individualOrder()).Reason)
		require.Equal(t, []order.NoticeKind{order.NoticeFinishReminder, order.NoticeAnnulled}, tl.world.notices())
	})
}

// TestD5_OrderKeepsTheTermsOfItsInput: the policy is part of the input; what
// holds for new orders cannot reach this one.
func TestD5_OrderKeepsTheTermsOfItsInput(t *testing.T) {
	tl := newTimeline(t)
	in := employeeOrder()
	in.Policy.VisibilityDays = 2
	tl.formed()
	require.Equal(t, order.ReasonNotConfirmed, tl.run(in).Reason)
	require.Equal(t, uploadedAt+2*day, tl.after())
}
