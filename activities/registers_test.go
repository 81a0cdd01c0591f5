package activities_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

var (
	now     = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	orderID = order.DerivedID("test", []byte("order"))
)

// saving is the part of the database that the second check needs.
type saving struct {
	record order.Record
	// refuse is what Save fails with; nil to save.
	refuse error
	states order.RegisterAnswers
	// shown counts what was shown before the end, unshown is what showing fails with.
	shown   int
	unshown error
	report  order.Report
}

func newSaving() *saving {
	policy := order.DefaultPolicy()
	return &saving{
		record: order.Record{
			ID: orderID, Service: order.ServiceIndividual, Kind: order.KindIndividual, Policy: policy, Stage: order.StageChecking,
			UploadedAt: now, Until: policy.FinishBy(now), Contacts: &order.Contacts{Email: "a@example.by"},
		},
		states: order.RegisterAnswers{},
	}
}

func (s *saving) Checked(_ context.Context, id order.ID) (order.CheckedRequest, order.Record, error) {
	if id != orderID {
		return order.CheckedRequest{}, order.Record{}, order.ErrNotFound
	}
	return order.CheckedRequest{OrderID: id, Subject: order.Subject{Surname: "Образцова"}}, s.record, nil
}

func (s *saving) RegistersAnswered(_ context.Context, _ order.ID, answers order.RegisterAnswers) error {
	s.shown++
	maps.Copy(s.states, answers)
	return s.unshown
}

func (s *saving) Save(_ context.Context, _ order.ID, report order.Report, at time.Time) (order.Record, order.Bill, error) {
	if s.refuse != nil {
		return order.Record{}, order.Bill{}, s.refuse
	}
	bill := order.Bill{Number: 7, Total: 4320}
	t, err := order.Save(report, bill, at)(s.record)
	if errors.Is(err, order.ErrUnchanged) {
		return s.record, bill, nil
	}
	if err == nil {
		s.record, s.report = t.Record, report
	}
	return s.record, bill, err
}

func (s *saving) End(_ context.Context, e order.Ending) (order.Ended, error) {
	t, err := order.Finish(e)(s.record)
	if err == nil {
		s.record = t.Record
	}
	return order.Ended{Done: true, End: s.record.End, Reason: s.record.Reason}, nil
}

// checker answers what it is told, and counts.
type checker struct {
	report order.Report
	err    error
	asked  int
	// slow is how long it takes after the first answer.
	slow time.Duration
}

func (c *checker) Check(ctx context.Context, _ order.Kind, subject order.Subject, answered registers.Answered) (order.Report, error) {
	c.asked++
	if subject.Surname != "Образцова" {
		return nil, errors.New("asked about somebody else")
	}
	if err := answered(ctx, registers.RegisterPopulation, order.RegisterAgrees); err != nil {
		return nil, err
	}
	time.Sleep(c.slow)
	return c.report, errors.Join(c.err, answered(ctx, registers.RegisterEGR, order.RegisterAgrees))
}

func check(s *saving, c *checker) (activities.CheckRegistersResult, error) {
	a := &activities.Registers{Checker: c, Orders: s, Now: func() time.Time { return now }}
	return a.CheckRegisters(context.Background(), activities.CheckRegistersInput{OrderID: orderID})
}

func good() order.Report {
	return order.Report{{Code: order.CheckPerson, Verdict: order.VerdictPassed}}
}

func TestS7_S8_AgreeingRegistersSaveTheRequest(t *testing.T) {
	s := newSaving()
	res, err := check(s, &checker{report: good()})
	require.NoError(t, err)
	require.Equal(t, activities.CheckRegistersResult{
		Stage: order.StageAwaitingPayment, Until: s.record.PayBy, PayBy: s.record.PayBy, Number: 7,
	}, res)
	require.Equal(t, good(), s.report, "the whole report is kept, what passed too")
	require.Zero(t, s.shown, "the saving shows that they agree")
}

func TestS7_AnswersThatComeTogetherAreOneChange(t *testing.T) {
	both := order.RegisterAnswers{registers.RegisterPopulation: order.RegisterAgrees, registers.RegisterEGR: order.RegisterAgrees}
	differs := order.Report{{Code: order.CheckPerson, Verdict: order.VerdictFailed}}
	for name, tc := range map[string]struct {
		checker checker
		shown   int
		states  order.RegisterAnswers
	}{
		"all agree at once":             {checker{report: good()}, 0, order.RegisterAnswers{}},
		"one differs":                   {checker{report: differs}, 1, both},
		"one is silent":                 {checker{err: registers.ErrUnavailable}, 1, both},
		"a slow one, and all agree":     {checker{report: good(), slow: time.Second}, 1, order.RegisterAnswers{registers.RegisterPopulation: order.RegisterAgrees}},
		"a slow one, and another's out": {checker{err: registers.ErrUnavailable, slow: time.Second}, 2, both},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSaving()
			_, err := check(s, &tc.checker)
			require.ErrorIs(t, err, tc.checker.err)
			require.Equal(t, tc.shown, s.shown)
			require.Equal(t, tc.states, s.states)
		})
	}
}

func TestS7_WhatCannotBeShownIsAskedAgain(t *testing.T) {
	for _, slow := range []time.Duration{0, time.Second} {
		s := newSaving()
		s.unshown = errors.New("the database does not answer")
		_, err := check(s, &checker{report: good(), slow: slow, err: registers.ErrUnavailable})
		require.ErrorIs(t, err, s.unshown)
	}
}

func TestS7_ARepetitionAfterACrashAsksNobodyAgain(t *testing.T) {
	s, c := newSaving(), &checker{report: good()}
	first, err := check(s, c)
	require.NoError(t, err)
	again, err := check(s, c)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, 1, c.asked)
}

func TestS7_ADifferenceRefusesAndNamesIt(t *testing.T) {
	s := newSaving()
	differs := order.Report{{Code: order.CheckPerson, Verdict: order.VerdictFailed, Field: order.FieldSurname, Cause: "differs"}}
	res, err := check(s, &checker{report: differs})
	require.NoError(t, err)
	require.Equal(t, activities.CheckRegistersResult{
		Stage: order.StageEnded, End: order.EndRefused, Reason: order.ReasonRegistersDiffer,
	}, res)
	require.Equal(t, differs, s.record.Report)
}

func TestS7_ASilenceIsNoDifference(t *testing.T) {
	s := newSaving()
	_, err := check(s, &checker{err: registers.ErrUnavailable})
	require.ErrorIs(t, err, registers.ErrUnavailable)
	require.Equal(t, order.StageChecking, s.record.Stage)
	var final *temporal.ApplicationError
	require.False(t, errors.As(err, &final) && final.NonRetryable(), "it is asked again")
}

func TestS8_AKeyThatIsTakenMeanwhileRefuses(t *testing.T) {
	s := newSaving()
	s.refuse = order.ErrKeyInUse
	res, err := check(s, &checker{report: good()})
	require.NoError(t, err)
	require.Equal(t, order.ReasonNotSaved, res.Reason)
}

func TestS10_AnOrderWithdrawnMeanwhileStaysSo(t *testing.T) {
	s := newSaving()
	s.refuse = order.ErrStage
	s.record.Stage, s.record.End, s.record.Reason = order.StageEnded, order.EndWithdrawn, order.ReasonByApplicant
	res, err := check(s, &checker{report: good()})
	require.NoError(t, err)
	require.Equal(t, order.EndWithdrawn, res.End)
}

func TestP7_AMissingPriceIsTriedAgain(t *testing.T) {
	s := newSaving()
	s.refuse = order.ErrNoPrice
	_, err := check(s, &checker{report: good()})
	require.ErrorIs(t, err, order.ErrNoPrice)
	require.Equal(t, order.StageChecking, s.record.Stage)
}

func TestAnUnknownOrderIsFinal(t *testing.T) {
	a := &activities.Registers{Checker: &checker{}, Orders: newSaving(), Now: time.Now}
	_, err := a.CheckRegisters(t.Context(), activities.CheckRegistersInput{OrderID: order.NewID()})
	var final *temporal.ApplicationError
	require.ErrorAs(t, err, &final)
	require.True(t, final.NonRetryable())
	require.Equal(t, activities.ErrTypeNotFound, final.Type())
}

// TestS8_WhatCannotBeSavedIsTriedAgainAndSaysSo: whatever fails between the
// checks and the saved request.
func TestS8_WhatCannotBeSavedIsTriedAgainAndSaysSo(t *testing.T) {
	s := newSaving()
	s.refuse = errors.New("permission denied for table payables")
	_, err := check(s, &checker{report: good()})
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, activities.ErrTypeNotSaved, failed.Type())
	require.False(t, failed.NonRetryable())
	require.Equal(t, order.StageChecking, s.record.Stage)

	s.refuse = nil
	res, err := check(s, &checker{report: good()})
	require.NoError(t, err)
	require.Empty(t, res.End, "the save is healed and the order goes on")
}
