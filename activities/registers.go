package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// CheckRegistersInput names the order whose registers are asked.
type CheckRegistersInput struct {
	OrderID order.ID `json:"orderId"`
}

// CheckRegistersResult is where the order stands after the second check.
type CheckRegistersResult struct {
	Stage  order.Stage     `json:"stage"`
	End    order.End       `json:"end,omitempty"`
	Reason order.EndReason `json:"reason,omitempty"`
	// Until is when the wait that begins now ends, PayBy the payment's term.
	Until time.Time `json:"until,omitzero"`
	PayBy time.Time `json:"payBy,omitzero"`
	// Number is what 6.0.00 is paid under; 0 for 6.0.01.
	Number order.PaymentNumber `json:"number,omitempty"`
}

// RegisterChecker makes the second check (S7). Its error means that a register
// did not answer.
type RegisterChecker interface {
	Check(ctx context.Context, kind order.Kind, subject order.Subject, answered registers.Answered) (order.Report, error)
}

// CheckedOrders keeps what the second check comes to.
type CheckedOrders interface {
	// Checked gives the request that passed the first check, with its order.
	Checked(ctx context.Context, id order.ID) (order.CheckedRequest, order.Record, error)
	// RegistersAnswered notes what is known of some registers, for screens.
	RegistersAnswered(ctx context.Context, id order.ID, answers order.RegisterAnswers) error
	// Save makes the request the saved one (S8), shows that every register agrees
	// and fixes the price of 6.0.00 (P7).
	Save(ctx context.Context, id order.ID, report order.Report, at time.Time) (order.Record, order.Bill, error)
	End(ctx context.Context, e order.Ending) (order.Ended, error)
}

// Registers makes the second check and records its verdict.
type Registers struct {
	Checker RegisterChecker
	Orders  CheckedOrders
	Now     func() time.Time
}

// CheckRegisters compares an order's request with the registers and saves it,
// or refuses the order (S7, S8). A silent register, and a tariff without the
// price, are errors that are tried again; what cannot be saved is one of type
// ErrTypeNotSaved. An order that has ended meanwhile
// stays so.
func (r *Registers) CheckRegisters(ctx context.Context, in CheckRegistersInput) (CheckRegistersResult, error) {
	res, err := whileAlive(ctx, func() (CheckRegistersResult, error) { return r.check(ctx, in.OrderID) })
	return res, applicationError(err)
}

func (r *Registers) check(ctx context.Context, id order.ID) (CheckRegistersResult, error) {
	checked, record, err := r.Orders.Checked(ctx, id)
	if err != nil {
		return CheckRegistersResult{}, fmt.Errorf("load the checked request: %w", err)
	}
	var report order.Report
	if record.Stage == order.StageChecking {
		if report, err = r.ask(ctx, id, record.Kind, checked.Subject); err != nil {
			return CheckRegistersResult{}, err
		}
		if !report.Passed() {
			return r.refuse(ctx, id, order.RefusalOf(report), report)
		}
	}
	saved, bill, err := r.Orders.Save(ctx, id, report, r.Now())
	switch {
	case errors.Is(err, order.ErrKeyInUse):
		return r.refuse(ctx, id, order.ReasonNotSaved, order.Report{{
			Code: order.CheckKeyNew, Verdict: order.VerdictFailed, Cause: "in-use",
		}})
	case errors.Is(err, order.ErrStage):
		return r.standing(ctx, id)
	case err != nil:
		return CheckRegistersResult{}, temporal.NewApplicationErrorWithCause("save the checked request: "+err.Error(), ErrTypeNotSaved, err)
	default:
		res := resultOf(saved)
		res.Number = bill.Number
		return res, nil
	}
}

// ask asks the registers. What they say one after another is shown as it comes
// (S7); that all agree is shown by the saving itself.
func (r *Registers) ask(ctx context.Context, id order.ID, kind order.Kind, subject order.Subject) (order.Report, error) {
	said := gathered{write: func(answers order.RegisterAnswers) error { return r.Orders.RegistersAnswered(ctx, id, answers) }}
	report, err := r.Checker.Check(ctx, kind, subject, said.add)
	if err == nil && report.Passed() {
		return report, said.forget()
	}
	return report, errors.Join(err, said.end())
}

func (r *Registers) refuse(ctx context.Context, id order.ID, reason order.EndReason, report order.Report) (CheckRegistersResult, error) {
	e := order.Ending{OrderID: id, End: order.EndRefused, Reason: reason, By: order.BySystem, Report: report, At: r.Now()}
	if _, err := r.Orders.End(ctx, e); err != nil {
		return CheckRegistersResult{}, err
	}
	return r.standing(ctx, id)
}

// standing is where an order stands that has ended, here or meanwhile.
func (r *Registers) standing(ctx context.Context, id order.ID) (CheckRegistersResult, error) {
	_, record, err := r.Orders.Checked(ctx, id)
	return resultOf(record), err
}

func resultOf(r order.Record) CheckRegistersResult {
	return CheckRegistersResult{Stage: r.Stage, End: r.End, Reason: r.Reason, Until: r.Until, PayBy: r.PayBy}
}
