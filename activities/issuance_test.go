package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// issuing is an authority and its confirmation.
type issuing struct {
	issued activities.Issued
	err    error
	last   bool
}

func (i issuing) Issue(context.Context, order.ID) (activities.Issued, error) { return i.issued, i.err }
func (i issuing) Issued(context.Context, order.ID) (order.Confirmation, bool, error) {
	return order.Confirmation{}, i.last, nil
}

func issue(i issuing, s *told) (activities.IssueCertificateResult, error) {
	a := &activities.Issuance{Authority: i, Confirmations: i, Signals: s}
	return a.IssueCertificate(context.Background(), activities.IssueCertificateInput{OrderID: orderID, Confirmed: true})
}

func TestI1_OnlyTheLastCertificateTellsTheConfirmation(t *testing.T) {
	out := activities.Issued{SerialNumber: "4a", PaymentID: orderID, Channels: []activities.Channel{activities.ChannelEmail}}
	s := &told{}
	res, err := issue(issuing{issued: out}, s)
	require.NoError(t, err)
	require.Equal(t, activities.IssueCertificateResult{SerialNumber: "4a", PaymentID: orderID, Channels: out.Channels}, res)
	require.Zero(t, s.issued)
	_, err = issue(issuing{issued: out, last: true}, s)
	require.NoError(t, err)
	require.Equal(t, 1, s.issued)
}

func TestI1_AnOrderWithoutConfirmationAsksForNone(t *testing.T) {
	i, s := issuing{last: true}, &told{fail: errors.New("asked")}
	_, err := (&activities.Issuance{Authority: i, Confirmations: i, Signals: s}).IssueCertificate(t.Context(), activities.IssueCertificateInput{OrderID: orderID})
	require.NoError(t, err)
}

func TestI1_AConfirmationThatIsClosedNeedsNoTelling(t *testing.T) {
	_, err := issue(issuing{last: true}, &told{fail: activities.ErrClosed})
	require.NoError(t, err)
	_, err = issue(issuing{last: true}, &told{fail: errors.New("unavailable")})
	require.Error(t, err, "one that cannot be reached is told later")
}

func TestM6_P4_WhatIsNotProvenIsFinal(t *testing.T) {
	_, err := issue(issuing{err: fmt.Errorf("%w: payment", activities.ErrNotProven)}, &told{})
	var final *temporal.ApplicationError
	require.ErrorAs(t, err, &final)
	require.True(t, final.NonRetryable())
	require.Equal(t, activities.ErrTypeNotProven, final.Type())
}

func TestI1_AnyOtherFailureIsTriedAgain(t *testing.T) {
	_, err := issue(issuing{err: errors.New("the token is unplugged")}, &told{})
	var final *temporal.ApplicationError
	require.Error(t, err)
	require.False(t, errors.As(err, &final) && final.NonRetryable())
}

func TestA1c_ARevokedApplicantIsToldAsSuch(t *testing.T) {
	s := &told{}
	res, err := issue(issuing{err: activities.ErrRevoked, last: true}, s)
	require.NoError(t, err)
	require.True(t, res.Revoked)
	require.Equal(t, 1, s.issued, "its confirmation need not wait for it")
}

// attempts is a sender by more channels, with what becomes of each.
type attempts map[activities.Channel]error

func (a attempts) SendCredentials(_ context.Context, _ order.ID, channel activities.Channel) error {
	return a[channel]
}

func (a attempts) GiveUp(context.Context, order.ID, activities.Channel) error { return nil }

func TestI6_TheFirstAttemptTellsWhatBecameOfEachChannel(t *testing.T) {
	gone := fmt.Errorf("%w: no such mailbox", activities.ErrUndeliverable)
	busy := errors.New("the server is busy")
	email, sms := activities.ChannelEmail, activities.ChannelSMS
	sent := activities.SendCredentialsResult{Sent: true}
	for name, c := range map[string]struct {
		sender attempts
		want   activities.FirstAttemptResult
	}{
		"both sent": {attempts{}, activities.FirstAttemptResult{Outcomes: map[activities.Channel]activities.SendCredentialsResult{email: sent, sms: sent}}},
		"no such mailbox": {attempts{email: gone}, activities.FirstAttemptResult{
			Outcomes: map[activities.Channel]activities.SendCredentialsResult{email: {Cause: gone.Error()}, sms: sent},
		}},
		"mail is busy": {attempts{email: busy}, activities.FirstAttemptResult{
			Outcomes: map[activities.Channel]activities.SendCredentialsResult{sms: sent},
			Again:    []activities.FailedAttempt{{Channel: email, Cause: busy.Error()}},
		}},
		"both are busy": {attempts{email: busy, sms: busy}, activities.FirstAttemptResult{
			Outcomes: map[activities.Channel]activities.SendCredentialsResult{},
			Again:    []activities.FailedAttempt{{Channel: email, Cause: busy.Error()}, {Channel: sms, Cause: busy.Error()}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &activities.Delivery{Sender: c.sender}
			res, err := d.SendCredentials(t.Context(), activities.FirstAttemptInput{OrderID: orderID, Channels: []activities.Channel{email, sms}})
			require.NoError(t, err)
			require.Equal(t, c.want, res)
		})
	}
}

// sending is a sender of credentials.
type sending struct {
	err     error
	channel activities.Channel
	givenUp activities.Channel
}

func (s *sending) SendCredentials(_ context.Context, _ order.ID, channel activities.Channel) error {
	s.channel = channel
	return s.err
}

func (s *sending) GiveUp(_ context.Context, _ order.ID, channel activities.Channel) error {
	s.givenUp = channel
	return nil
}

func TestI6_EachChannelHasAnOutcomeOfItsOwn(t *testing.T) {
	s := &sending{}
	d := &activities.Delivery{Sender: s}
	res, err := d.SendCredentialsByEmail(t.Context(), activities.SendCredentialsInput{OrderID: orderID})
	require.NoError(t, err)
	require.True(t, res.Sent)
	require.Equal(t, activities.ChannelEmail, s.channel)

	s.err = fmt.Errorf("%w: no such mailbox", activities.ErrUndeliverable)
	res, err = d.SendCredentialsBySMS(t.Context(), activities.SendCredentialsInput{OrderID: orderID})
	require.NoError(t, err, "what cannot arrive is not tried again")
	require.False(t, res.Sent)
	require.NotEmpty(t, res.Cause)
	require.Equal(t, activities.ChannelSMS, s.channel)

	s.err = errors.New("the server is busy")
	_, err = d.SendCredentialsBySMS(t.Context(), activities.SendCredentialsInput{OrderID: orderID})
	require.ErrorIs(t, err, s.err)
	require.NoError(t, d.GiveUpCredentials(t.Context(), activities.GiveUpInput{OrderID: orderID, Channel: activities.ChannelSMS}))
	require.Equal(t, activities.ChannelSMS, s.givenUp)
}

// arbiter is where an order ends.
type arbiter struct {
	ended order.Ended
	err   error
	got   order.Ending
	kind  order.NoticeKind
}

func (a *arbiter) End(_ context.Context, e order.Ending) (order.Ended, error) {
	a.got = e
	return a.ended, a.err
}

func (a *arbiter) Remind(_ context.Context, _ order.ID, kind order.NoticeKind) error {
	a.kind = kind
	return a.err
}

func (a *arbiter) ReportUnapplied(context.Context, order.ID, order.ID, payments.Reason) error {
	return a.err
}

func TestD7_WhatTheDatabaseDecidesIsHandedOn(t *testing.T) {
	a := &arbiter{ended: order.Ended{Done: true, End: order.EndWithdrawn}}
	o := &activities.Orders{Store: a, Unapplied: a}
	e := order.Ending{OrderID: orderID, End: order.EndAnnulled, KeepConfirmed: true, At: now}
	res, err := o.EndOrder(t.Context(), activities.EndOrderInput{Ending: e})
	require.NoError(t, err)
	require.Equal(t, e, a.got)
	require.Equal(t, order.EndWithdrawn, res.End, "its own end, if it has ended otherwise")
	require.NoError(t, o.RemindOrder(t.Context(), activities.RemindOrderInput{OrderID: orderID, Kind: order.NoticePaymentReminder}))
	require.Equal(t, order.NoticePaymentReminder, a.kind)

	a.err = order.ErrNotFound
	var final *temporal.ApplicationError
	require.ErrorAs(t, o.ReportUnapplied(t.Context(), activities.ReportUnappliedInput{Reason: payments.ReasonClosed}), &final)
	require.True(t, final.NonRetryable(), "money that is not in the ledger is not looked for for ever")
}

// TestOperators_AnIssueThatTakesLongIsTold: not at the first failure, and not
// twice. What the third does, the tests of the workflow see.
func TestOperators_AnIssueThatTakesLongIsTold(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	away := issuing{err: errors.New("the key of the CA is away")}
	a := &activities.Issuance{Authority: away, Confirmations: away, Signals: &told{}}
	env.RegisterActivity(a)
	_, err := env.ExecuteActivity(a.IssueCertificate, activities.IssueCertificateInput{OrderID: orderID})
	require.Error(t, err, "the first attempt")
	_, err = env.ExecuteActivity(a.IssueCertificate, activities.IssueCertificateInput{OrderID: orderID, Shown: true})
	require.Error(t, err, "one that is shown")
}
