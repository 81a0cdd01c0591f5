package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// store answers every call with one error.
type store struct{ err error }

func (s store) RecordOrder(context.Context, activities.RecordOrderInput) error { return s.err }

func (s store) RecordConfirmation(context.Context, activities.RecordConfirmationInput) error {
	return s.err
}

func (s store) OpenPayable(context.Context, activities.OpenPayableInput) (activities.OpenPayableResult, error) {
	return activities.OpenPayableResult{Number: 92239, Total: 4320}, s.err
}

func (s store) CloseOrder(context.Context, activities.CloseOrderInput) (activities.CloseOrderResult, error) {
	return activities.CloseOrderResult{Closed: true}, s.err
}

func (s store) ClosePayable(context.Context, activities.ClosePayableInput) (activities.ClosePayableResult, error) {
	return activities.ClosePayableResult{Closed: true}, s.err
}

func (s store) ReportUnapplied(context.Context, activities.ReportUnappliedInput) error { return s.err }

// calls are all steps on our own database.
func calls(ctx context.Context, s store) map[string]func() error {
	records, payables := &activities.Records{Store: s}, &activities.Payables{Store: s}
	return map[string]func() error{
		"RecordOrder":        func() error { return records.RecordOrder(ctx, activities.RecordOrderInput{}) },
		"RecordConfirmation": func() error { return records.RecordConfirmation(ctx, activities.RecordConfirmationInput{}) },
		"OpenPayable":        func() error { _, err := payables.OpenPayable(ctx, activities.OpenPayableInput{}); return err },
		"CloseOrder":         func() error { _, err := payables.CloseOrder(ctx, activities.CloseOrderInput{}); return err },
		"ClosePayable":       func() error { _, err := payables.ClosePayable(ctx, activities.ClosePayableInput{}); return err },
		"ReportUnapplied":    func() error { return payables.ReportUnapplied(ctx, activities.ReportUnappliedInput{}) },
	}
}

// TestD5_OnlyFinalErrorsAreFinal: what the database cannot do now is tried
// until it can; what it will never do is told to the workflow by its type.
func TestD5_OnlyFinalErrorsAreFinal(t *testing.T) {
	final := map[error]string{
		activities.ErrNotSaved: activities.ErrTypeNotSaved, activities.ErrNoPrice: activities.ErrTypeNoPrice,
		activities.ErrNothingToConfirm: activities.ErrTypeNothingToConfirm, activities.ErrNotFound: activities.ErrTypeNotFound,
	}
	for cause, kind := range final {
		for name, call := range calls(t.Context(), store{err: fmt.Errorf("inside: %w", cause)}) {
			t.Run(name+" "+kind, func(t *testing.T) {
				err := call()
				requireFinal(t, err, kind)
				require.ErrorIs(t, err, cause)
			})
		}
	}
	for name, call := range calls(t.Context(), store{err: errDown}) {
		t.Run(name+" down", func(t *testing.T) { requireRetried(t, call()) })
	}
	for name, call := range calls(t.Context(), store{}) {
		t.Run(name+" well", func(t *testing.T) { require.NoError(t, call()) })
	}
}

func TestP7_AnswersOfTheArbiterPassUnchanged(t *testing.T) {
	p := &activities.Payables{Store: store{}}
	opened, err := p.OpenPayable(t.Context(), activities.OpenPayableInput{})
	require.NoError(t, err)
	require.Equal(t, activities.OpenPayableResult{Number: 92239, Total: 4320}, opened)
	closed, err := p.CloseOrder(t.Context(), activities.CloseOrderInput{})
	require.NoError(t, err)
	require.True(t, closed.Closed)
	payable, err := p.ClosePayable(t.Context(), activities.ClosePayableInput{})
	require.NoError(t, err)
	require.True(t, payable.Closed)
}

func TestM10_StagesOfAConfirmation(t *testing.T) {
	for stage, open := range map[activities.ConfirmationStage]bool{
		activities.ConfirmationSigning: true, activities.ConfirmationPayment: true, activities.ConfirmationIssuing: true,
		activities.ConfirmationFinished: false, activities.ConfirmationLapsed: false, activities.ConfirmationVoid: false,
	} {
		require.Equal(t, open, stage.Open(), stage)
	}
}

func TestS3_NotIssuableKeepsTheAuthoritysReason(t *testing.T) {
	cause := errors.New("the profile refuses the application")
	err := error(&activities.NotIssuableError{Check: order.CheckFile, Err: cause})
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, cause.Error())
}
