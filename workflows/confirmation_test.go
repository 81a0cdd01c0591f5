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

func TestM5ToM10_ConfirmationIsSignedPaidAndFinished(t *testing.T) {
	tl := newConfirmation(t)
	var opened, reopened, signed *answer
	tl.at(0, func() { opened = tl.update(workflows.UpdateOpen) })
	tl.at(time.Minute, func() { reopened = tl.update(workflows.UpdateOpen) })
	tl.at(time.Hour, func() { signed = tl.sign("s") })
	tl.at(day, func() { tl.payTotal() })
	tl.at(day+time.Hour, func() { tl.certificate("b") })
	tl.at(day+2*time.Hour, func() {
		require.Equal(t, activities.ConfirmationIssuing, tl.world.lastConfirmation().Stage, "one certificate is missing")
		tl.certificate("a")
	})
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Equal(t, opened.good(t), reopened.good(t))
	require.Equal(t, "list-x", opened.result.(workflows.ConfirmationSnapshot).ListID)
	res := signed.good(t).(workflows.SignListResult)
	require.True(t, res.Accepted)
	require.Equal(t, 2*certificatePrice, res.Snapshot.Total)
	require.NotZero(t, res.Snapshot.Number)
	require.ElementsMatch(t, []string{"order-a", "order-b"}, tl.toldOf(workflows.SignalApproved))
	require.ElementsMatch(t, []string{"order-a", "order-b"}, tl.toldOf(workflows.SignalPaid))
	require.Equal(t, []order.NoticeKind{order.NoticeConfirmationPaymentDue, order.NoticeConfirmationFinished}, tl.world.managerNotices())
	require.Equal(t, day+2*time.Hour, tl.after())
	require.Empty(t, tl.world.unapplied)
	last := tl.world.lastConfirmation()
	require.Equal(t, []string{"b", "a"}, last.IssuedIDs)
	require.Equal(t, "s", last.SignatureID)
}

func TestM5_NothingToConfirmIsVoid(t *testing.T) {
	for name, ids := range map[string][]string{"unknown": {"nobody"}, "none": nil, "past their term": {"old"}} {
		t.Run(name, func(t *testing.T) {
			tl := newConfirmation(t)
			tl.world.waiting(0, 8*day, "old")
			var opened *answer
			tl.at(0, func() { opened = tl.update(workflows.UpdateOpen) })
			require.Equal(t, activities.ConfirmationVoid, tl.runConfirmation(ids...))
			if opened != nil && opened.done {
				require.Equal(t, activities.ConfirmationVoid, opened.good(t).(workflows.ConfirmationSnapshot).Stage)
			}
			require.Empty(t, tl.told)
			require.Empty(t, tl.world.lastConfirmation().OrderIDs)
		})
	}
}

func TestP7_ConfirmationWithoutAPriceIsVoid(t *testing.T) {
	tl := newConfirmation(t)
	tl.world.price = func() error { return activities.ErrNoPrice }
	require.Equal(t, activities.ConfirmationVoid, tl.runConfirmation("a"))
}

func TestM6_BadSignatureApprovesNothing(t *testing.T) {
	tl := newConfirmation(t)
	bad := order.Report{{Code: order.CheckSignature, Verdict: order.VerdictFailed, Cause: "digest"}}
	tl.world.sign = func(in activities.VerifyListInput) (activities.VerifyListResult, error) {
		if in.SignatureID == "bad" {
			return activities.VerifyListResult{Report: bad}, nil
		}
		return activities.VerifyListResult{}, nil
	}
	var first, second, third *answer
	tl.at(time.Hour, func() { first = tl.sign("bad") })
	tl.at(2*time.Hour, func() {
		require.Empty(t, tl.told)
		require.Empty(t, tl.world.payables)
		second = tl.sign("good")
	})
	tl.at(3*time.Hour, func() { third = tl.sign("again") })
	tl.at(day, func() { tl.payTotal(); tl.certificate("a", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Equal(t, workflows.SignListResult{Report: bad, Snapshot: workflows.ConfirmationSnapshot{
		ConfirmationID: "x", Version: 1, Stage: activities.ConfirmationSigning, ListID: "list-x",
	}}, first.good(t))
	require.True(t, second.good(t).(workflows.SignListResult).Accepted)
	require.Equal(t, workflows.ErrTypeWrongStage, typeOf(third.refused), "signed once is signed")
}

func TestM1_SilentRegisterAtSigningAsksToComeBack(t *testing.T) {
	tl := newConfirmation(t)
	tl.world.sign = func(activities.VerifyListInput) (activities.VerifyListResult, error) {
		return activities.VerifyListResult{}, errors.New("no answer")
	}
	var first, second *answer
	tl.at(time.Hour, func() { first = tl.sign("s") })
	tl.at(2*time.Hour, func() {
		tl.world.sign = nil
		second = tl.sign("s")
	})
	tl.at(day, func() { tl.payTotal(); tl.certificate("a", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Equal(t, workflows.ErrTypeRegistersSilent, typeOf(first.err))
	second.good(t)
}

func TestM6_SecondSignatureWhileTheFirstIsVerified(t *testing.T) {
	tl := newConfirmation(t)
	var second *answer
	tl.world.sign = func(activities.VerifyListInput) (activities.VerifyListResult, error) {
		second = tl.sign("s2")
		time.Sleep(10 * time.Millisecond) // the second is delivered while the first is verified
		return activities.VerifyListResult{}, nil
	}
	tl.at(time.Hour, func() { tl.sign("s1") })
	tl.at(day, func() { tl.payTotal(); tl.certificate("a", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	require.Equal(t, workflows.ErrTypeBusy, typeOf(second.refused))
	require.Equal(t, "s1", tl.world.lastConfirmation().SignatureID)
}

func TestM5_MixedListHoldsApprovedOrdersToo(t *testing.T) {
	tl := newConfirmation(t)
	tl.world.approved(6*day, "c")
	tl.at(time.Hour, func() { tl.sign("s") })
	tl.at(2*time.Hour, func() {
		require.Equal(t, 3*certificatePrice, tl.world.lastConfirmation().Total)
		require.Equal(t, monday.Add(6*day), tl.world.lastConfirmation().Until.In(order.Minsk()), "due with the first of the orders (P8)")
	})
	tl.at(day, func() { tl.payTotal(); tl.certificate("a", "b", "c") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b", "c"))
}

func TestP8_ApprovedOrdersNeedNoSecondSignature(t *testing.T) {
	tl := newTimeline(t)
	tl.world.approved(8*day, "a", "b")
	var opened, signed *answer
	tl.at(0, func() { opened = tl.update(workflows.UpdateOpen) })
	tl.at(time.Hour, func() { signed = tl.sign("needless") })
	tl.at(day, func() { tl.payTotal(); tl.certificate("a", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	snapshot := opened.good(t).(workflows.ConfirmationSnapshot)
	require.Equal(t, activities.ConfirmationPayment, snapshot.Stage, "the answer names what is to be paid")
	require.Equal(t, 2*certificatePrice, snapshot.Total)
	require.Equal(t, workflows.ErrTypeWrongStage, typeOf(signed.refused))
	require.ElementsMatch(t, []string{"order-a", "order-b"}, tl.toldOf(workflows.SignalApproved), "the orders learn who holds them now")
}

func TestConfirmation_CancellationRequestHasNoEffect(t *testing.T) {
	tl := newConfirmation(t)
	var signed *answer
	tl.at(time.Minute, tl.CancelWorkflow)
	tl.at(time.Hour, func() { signed = tl.sign("s") })
	tl.at(day, func() { tl.payTotal(); tl.certificate("a", "b") })
	require.Equal(t, activities.ConfirmationFinished, tl.runConfirmation("a", "b"))
	signed.good(t)
}
