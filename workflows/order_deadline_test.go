package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// The borders of the terms, after monday.
func approveBy() time.Duration { return order.DefaultPolicy().ApproveBy(monday).Sub(monday) }
func payBy() time.Duration     { return order.DefaultPolicy().PayBy(monday).Sub(monday) }

func TestM3_D1_Border(t *testing.T) {
	for _, c := range []struct {
		name string
		at   time.Duration
		end  order.End
	}{
		{"one second before", approveBy() - time.Second, order.EndIssued},
		{"at the instant", approveBy(), order.EndAnnulled},
		{"one second after", approveBy() + time.Second, order.EndAnnulled},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl := newTimeline(t)
			tl.at(c.at, func() { tl.confirm(confirmationID) })
			tl.at(6*day, func() { tl.payConfirmation(confirmationID) })
			res := tl.run(employee)
			require.Equal(t, c.end, res.End)
			if c.end == order.EndAnnulled {
				require.Equal(t, order.ReasonNotConfirmed, res.Reason)
				require.Equal(t, approveBy(), tl.after(), "not a second before the border")
				require.Contains(t, tl.db.notices, "annulled "+orderID.String())
			}
		})
	}
}

func TestD2_D3_D4_Border(t *testing.T) {
	for _, service := range []order.Service{employee, individual} {
		for _, c := range []struct {
			name string
			at   time.Duration
			end  order.End
		}{
			{"one second before", payBy() - time.Second, order.EndIssued},
			{"at the instant", payBy(), order.EndAnnulled},
			{"one second after", payBy() + time.Second, order.EndAnnulled},
		} {
			t.Run(string(service)+" "+c.name, func(t *testing.T) {
				tl := newTimeline(t)
				tl.at(day, func() {
					if service == employee {
						require.True(t, tl.confirm(confirmationID))
					}
				})
				tl.at(c.at, func() {
					if service == employee {
						tl.payConfirmation(confirmationID)
					} else {
						tl.payOrder()
					}
				})
				res := tl.run(service)
				require.Equal(t, c.end, res.End)
				if c.end == order.EndAnnulled {
					require.Equal(t, order.ReasonNotPaid, res.Reason)
					require.Equal(t, payBy(), tl.after())
				}
			})
		}
	}
}

// TestD7_ApprovalInFlight: the confirmation has taken the order in the second
// before the border, its message comes an hour later.
func TestD7_ApprovalInFlight(t *testing.T) {
	tl := newTimeline(t)
	tl.at(approveBy()-time.Second, func() {
		_, err := tl.db.confirm(confirmationID, []order.ID{orderID}, tl.Now())
		require.NoError(t, err)
	})
	tl.at(approveBy()+time.Hour, func() {
		require.Equal(t, order.StageAwaitingPayment, tl.db.records[orderID].Stage)
		tl.SignalWorkflow(workflows.SignalApproved, activities.Approved{ConfirmationID: confirmationID, Number: 1, At: tl.Now()})
	})
	tl.at(7*day, func() { tl.payConfirmation(confirmationID) })
	require.Equal(t, issued, tl.run(employee))
}

func TestD7_ApprovalThatNeverComes(t *testing.T) {
	tl := newTimeline(t)
	tl.at(day, func() {
		_, err := tl.db.confirm(confirmationID, []order.ID{orderID}, tl.Now())
		require.NoError(t, err)
	})
	res := tl.run(employee)
	require.Equal(t, order.EndAnnulled, res.End, "no order waits for ever for a message that was lost")
	require.GreaterOrEqual(t, tl.after(), payBy())
}

// TestD7_MoneyInFlight: the ledger has the money in the second before the
// border; the order is issued whether its message comes late or never.
func TestD7_MoneyInFlight(t *testing.T) {
	for name, told := range map[string]bool{"told an hour later": true, "never told": false} {
		t.Run(name, func(t *testing.T) {
			tl := newTimeline(t)
			tl.at(payBy()-time.Second, func() {
				payment, applied := tl.db.pay(orderID, tl.Now())
				require.True(t, applied)
				if told {
					tl.at(time.Second, func() {
						tl.SignalWorkflow(workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
					})
				}
			})
			require.Equal(t, issued, tl.run(individual))
			require.Empty(t, tl.db.reports, "the payment it was issued for is not late")
		})
	}
}

func TestD6_RemindedOnceBeforeTheDeadline(t *testing.T) {
	reminders := func(tl *timeline, kind order.NoticeKind) (n int) {
		for _, text := range tl.db.notices {
			if text == string(kind)+" "+orderID.String() {
				n++
			}
		}
		return n
	}
	t.Run("of the approval, to the applicant", func(t *testing.T) {
		tl := newTimeline(t)
		tl.at(approveBy()-day-time.Minute, func() { require.Zero(t, reminders(tl, order.NoticeApprovalReminder)) })
		tl.run(employee)
		require.Equal(t, 1, reminders(tl, order.NoticeApprovalReminder))
	})
	t.Run("of the payment of 6.0.00", func(t *testing.T) {
		tl := newTimeline(t)
		tl.at(payBy()-day-time.Minute, func() { require.Zero(t, reminders(tl, order.NoticePaymentReminder)) })
		tl.run(individual)
		require.Equal(t, 1, reminders(tl, order.NoticePaymentReminder))
	})
	t.Run("of nothing that is done in time", func(t *testing.T) {
		tl := newTimeline(t)
		tl.at(day, func() { require.True(t, tl.confirm(confirmationID)) })
		tl.at(9*day, func() { tl.payConfirmation(confirmationID) })
		require.Equal(t, issued, tl.run(employee))
		require.Zero(t, reminders(tl, order.NoticeApprovalReminder))
		require.Zero(t, reminders(tl, order.NoticePaymentReminder))
	})
}

func TestD5_OrderKeepsTheTermsOfItsInput(t *testing.T) {
	tl := newTimeline(t)
	r := checking(orderID, 7, employee)
	r.Policy.VisibilityDays = 2
	tl.db.insert(r)
	res := tl.run(employee)
	require.Equal(t, order.ReasonNotConfirmed, res.Reason)
	require.Equal(t, 2*day, tl.after())
}
