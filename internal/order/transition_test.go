package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

var decidedAt = time.Date(2026, 11, 25, 9, 0, 0, 0, order.Minsk())

// recordAt is a record of the service at the stage.
func recordAt(service order.Service, stage order.Stage) order.Record {
	r := order.Record{
		ID: order.DerivedID("test", []byte("order")), Service: service, Stage: stage, Policy: order.DefaultPolicy(),
		Contacts: &order.Contacts{Email: "a@example.by"}, UploadedAt: decidedAt, ApplicantKey: "k",
	}
	if stage == order.StageEnded {
		r.End = order.EndAnnulled
	}
	return r
}

func stages() []order.Stage {
	return []order.Stage{
		order.StageTerms, order.StageRequest, order.StageChecking, order.StageAwaitingApproval, order.StageAwaitingPayment,
		order.StageIssuing, order.StageEnded,
	}
}

// TestD7_EachDecisionHasItsStages: a decision at another stage is refused or
// was taken before, and what is over stays over.
func TestD7_EachDecisionHasItsStages(t *testing.T) {
	passed := order.Upload{Request: order.CheckedRequest{
		ID: order.NewID(), CheckedAt: decidedAt, Report: order.Report{{Code: order.CheckSubject, Verdict: order.VerdictPassed}},
	}}
	for name, c := range map[string]struct {
		decide order.Decision
		stages []order.Stage
		after  order.Stage
	}{
		"terms":   {order.AcceptTerms(order.Consent{AgreementVersion: "1", ContractVersion: "2"}), stages()[:2], order.StageRequest},
		"upload":  {order.TakeUpload(passed), stages()[1:2], order.StageChecking},
		"save":    {order.Save(nil, order.Bill{}, decidedAt), stages()[2:3], order.StageAwaitingApproval},
		"approve": {order.Approve(order.NewID(), "m", nil, decidedAt), stages()[3:5], order.StageAwaitingPayment},
		"issue":   {order.Issue(order.NewID(), nil, decidedAt), stages()[4:6], order.StageEnded},
		"finish":  {order.Finish(order.Ending{End: order.EndWithdrawn}), stages()[:6], order.StageEnded},
	} {
		for _, stage := range stages() {
			next, err := c.decide(recordAt(order.ServiceEmployee, stage))
			allowed := false
			for _, s := range c.stages {
				allowed = allowed || s == stage
			}
			if !allowed {
				require.Error(t, err, "%s at %s", name, stage)
				continue
			}
			require.NoError(t, err, "%s at %s", name, stage)
			require.Equal(t, c.after, next.Record.Stage, name)
			again, err := c.decide(next.Record)
			require.Error(t, err, "%s is taken once, but was %v", name, again.Record.Stage)
		}
	}
}

func TestS9_ASavedOrderOfAnEmployeeWaitsForTheManagerAndItsApplicantIsTold(t *testing.T) {
	saved, err := order.Save(nil, order.Bill{}, decidedAt)(recordAt(order.ServiceEmployee, order.StageChecking))
	require.NoError(t, err)
	require.Equal(t, order.StageAwaitingApproval, saved.Record.Stage)
	require.Equal(t, order.DefaultPolicy().ApproveBy(decidedAt), saved.Record.Until)
	require.Equal(t, []order.Notice{{Kind: order.NoticeWaitingForManager, Deadline: saved.Record.Until}}, saved.Notices)

	own, err := order.Save(nil, order.Bill{Number: 7, Total: 4320}, decidedAt)(recordAt(order.ServiceIndividual, order.StageChecking))
	require.NoError(t, err)
	require.Equal(t, order.StageAwaitingPayment, own.Record.Stage, "6.0.00 waits for no manager")
	require.Equal(t, order.NoticePaymentDue, own.Notices[0].Kind)
}

func TestM9_TheManagersOwnOrderIsConfirmedLikeAnyOther(t *testing.T) {
	own := recordAt(order.ServiceEmployee, order.StageAwaitingApproval)
	own.ApplicantKey = "the head"
	confirmation := order.NewID()
	approved, err := order.Approve(confirmation, "the head", nil, decidedAt)(own)
	require.NoError(t, err)
	require.Equal(t, order.StageAwaitingPayment, approved.Record.Stage)
	require.Equal(t, confirmation, approved.Record.ConfirmationID)
	require.Equal(t, order.ByManager("the head"), approved.Events[0].By)
}

func TestP8_ALaterConfirmationKeepsTheMomentOfTheApproval(t *testing.T) {
	first, err := order.Approve(order.NewID(), "m", nil, decidedAt)(recordAt(order.ServiceEmployee, order.StageAwaitingApproval))
	require.NoError(t, err)
	second, err := order.Approve(order.NewID(), "m", nil, decidedAt.Add(time.Hour))(first.Record)
	require.NoError(t, err)
	require.Equal(t, decidedAt, second.Record.ApprovedAt)
	_, err = order.Approve(order.NewID(), "m", nil, decidedAt)(recordAt(order.ServiceIndividual, order.StageAwaitingPayment))
	require.ErrorIs(t, err, order.ErrStage, "6.0.00 is confirmed by nobody")
}

func TestIDsAreReadBackAndDeriveFromTheirData(t *testing.T) {
	id := order.NewID()
	read, err := order.ParseID(id.String())
	require.NoError(t, err)
	require.Equal(t, id, read)
	derived := order.DerivedID("a", []byte("b"))
	require.Equal(t, derived, order.DerivedID("a", []byte("b")))
	require.NotEqual(t, derived, order.DerivedID("ab", nil))
	for _, bad := range []string{"", "x", id.String() + "0", "{" + id.String()[2:] + "}", "g" + id.String()[1:]} {
		_, err := order.ParseID(bad)
		require.ErrorIs(t, err, order.ErrID, bad)
	}
	var empty order.ID
	text, err := empty.MarshalText()
	require.NoError(t, err)
	require.Empty(t, text)
	require.NoError(t, empty.UnmarshalText(nil))
	require.True(t, empty.IsZero())
}

// The machine that takes the terms and the one that takes the file have clocks of their own.
func TestS1_AnUploadIsNeverBeforeItsTerms(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		ahead := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(r, "ahead"))
		accepted, err := order.AcceptTerms(order.Consent{AgreementVersion: "1", ContractVersion: "1", AcceptedAt: decidedAt.Add(ahead)})(
			recordAt(order.ServiceEmployee, order.StageTerms))
		require.NoError(r, err)
		uploaded, err := order.TakeUpload(order.Upload{Request: order.CheckedRequest{
			CheckedAt: decidedAt, Report: order.Report{{Code: order.CheckSubject, Verdict: order.VerdictPassed}},
		}})(accepted.Record)
		require.NoError(r, err)
		want := decidedAt.Add(max(ahead, 0))
		require.Equal(r, want, uploaded.Record.UploadedAt)
		require.Equal(r, want, uploaded.Events[0].At, "record and audit log agree")
	})
}
