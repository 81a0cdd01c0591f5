package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

func id(n byte) order.ID { return order.ID{15: n} }

const (
	issued, withdrawn = byte(1), byte(2)
	money, tooLate    = byte(11), byte(12)
)

// sound is a service with an order that was paid and issued, and one that was withdrawn and paid afterwards.
func sound() (judge.Done, judge.Found) {
	applied, closed := judge.Fate{State: judge.Applied}, judge.Fate{State: judge.Unapplied, Reason: payments.ReasonClosed}
	end, back := judge.End{End: order.EndIssued}, judge.End{End: order.EndWithdrawn, Reason: order.ReasonByApplicant}
	d := judge.Done{
		Orders: []judge.Order{
			{ID: id(issued), Story: "paid", Ends: []judge.End{end}}, {ID: id(withdrawn), Story: "withdrawn", Ends: []judge.End{back}},
		},
		Payments: []judge.Payment{
			{Source: payments.SourceERIP, Bill: "7", Amount: 1990, Fates: []judge.Fate{applied}},
			{Source: payments.SourceAssist, Bill: "8", Amount: 1990, Fates: []judge.Fate{closed}},
		},
	}
	f := judge.Found{
		Orders: map[order.ID]judge.OrderRow{
			id(issued):    {Number: 1, Stage: order.StageEnded, End: end, Certificates: 1, Reserved: 1, PaidBy: 1, NeedsApproval: true, Approved: true},
			id(withdrawn): {Number: 2, Stage: order.StageEnded, End: back},
		},
		Payments: []judge.PaymentRow{
			{ID: id(money), Source: payments.SourceERIP, Bill: "7", Fate: applied, Amount: 1990, Payable: id(issued)},
			{ID: id(tooLate), Source: payments.SourceAssist, Bill: "8", Fate: closed, Amount: 1990},
		},
		Payables: []judge.PayableRow{
			{ID: id(issued), Number: 1, State: payments.PayablePaid, Total: 1990, Payment: id(money), Worth: 1990},
			{ID: id(withdrawn), Number: 2, State: payments.PayableClosed, Total: 1990},
		},
		Left: map[string][]string{},
	}
	return d, f
}

func TestASoundServiceIsFoundSound(t *testing.T) {
	d, f := sound()
	require.Empty(t, judge.Look(d, f))
}

// Each thing that can go wrong is put into a sound service alone, and is named.
func TestEachViolationIsCaught(t *testing.T) {
	order1 := func(change func(*judge.OrderRow)) func(*judge.Done, *judge.Found) {
		return func(_ *judge.Done, f *judge.Found) {
			row := f.Orders[id(issued)]
			change(&row)
			f.Orders[id(issued)] = row
		}
	}
	order2 := func(change func(*judge.OrderRow)) func(*judge.Done, *judge.Found) {
		return func(_ *judge.Done, f *judge.Found) {
			row := f.Orders[id(withdrawn)]
			change(&row)
			f.Orders[id(withdrawn)] = row
		}
	}
	for name, tc := range map[string]struct {
		rule  string
		spoil func(*judge.Done, *judge.Found)
	}{
		"an order is lost":        {judge.RuleEnd, func(_ *judge.Done, f *judge.Found) { delete(f.Orders, id(withdrawn)) }},
		"an order is stuck":       {judge.RuleEnd, order1(func(o *judge.OrderRow) { o.Stage, o.End = order.StageIssuing, judge.End{} })},
		"another end":             {judge.RuleEnd, order2(func(o *judge.OrderRow) { o.End.End = order.EndAnnulled })},
		"another reason":          {judge.RuleEnd, order2(func(o *judge.OrderRow) { o.Reason = order.ReasonNotPaid })},
		"an order of nobody":      {judge.RuleEnd, func(_ *judge.Done, f *judge.Found) { f.Orders[id(3)] = judge.OrderRow{Number: 3} }},
		"no certificate":          {judge.RuleCertificate, order1(func(o *judge.OrderRow) { o.Certificates = 0 })},
		"two certificates":        {judge.RuleCertificate, order1(func(o *judge.OrderRow) { o.Certificates = 2 })},
		"two reservations":        {judge.RuleCertificate, order1(func(o *judge.OrderRow) { o.Reserved = 2 })},
		"issued unpaid":           {judge.RuleCertificate, order1(func(o *judge.OrderRow) { o.PaidBy = 0 })},
		"paid twice":              {judge.RuleCertificate, order1(func(o *judge.OrderRow) { o.PaidBy = 2 })},
		"issued unapproved":       {judge.RuleCertificate, order1(func(o *judge.OrderRow) { o.Approved = false })},
		"withdrawn with a number": {judge.RuleCertificate, order2(func(o *judge.OrderRow) { o.Reserved = 1 })},
		"withdrawn and issued":    {judge.RuleCertificate, order2(func(o *judge.OrderRow) { o.Certificates, o.Reserved = 1, 1 })},
		"withdrawn and paid":      {judge.RuleMoney, order2(func(o *judge.OrderRow) { o.PaidBy = 1 })},
		"money is lost":           {judge.RuleMoney, func(_ *judge.Done, f *judge.Found) { f.Payments = f.Payments[:1] }},
		"money is booked twice":   {judge.RuleMoney, func(_ *judge.Done, f *judge.Found) { f.Payments = append(f.Payments, f.Payments[1]) }},
		"money from nowhere":      {judge.RuleMoney, func(d *judge.Done, _ *judge.Found) { d.Payments = d.Payments[:1] }},
		"another sum":             {judge.RuleMoney, func(_ *judge.Done, f *judge.Found) { f.Payments[1].Amount++ }},
		"another reason of money": {judge.RuleMoney, func(_ *judge.Done, f *judge.Found) { f.Payments[1].Reason = payments.ReasonOverdue }},
		"no reason":               {judge.RuleMoney, func(_ *judge.Done, f *judge.Found) { f.Payments[1].Reason = payments.ReasonNone }},
		"money used that should wait": {judge.RuleMoney, func(_ *judge.Done, f *judge.Found) {
			f.Payments[1].Fate, f.Payments[1].Payable = judge.Fate{State: judge.Applied}, id(withdrawn)
		}},
		"applied to nothing":   {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payments[0].Payable = id(9) }},
		"left open":            {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payables[1].State = payments.PayableOpen }},
		"paid by nothing":      {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payables[1].State = payments.PayablePaid }},
		"paid by another":      {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payables[0].Payment = id(tooLate) }},
		"closed and paid":      {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payables[0].State = payments.PayableClosed }},
		"lines do not make it": {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payables[0].Worth = 0 }},
		"total is not paid":    {judge.RuleLedger, func(_ *judge.Done, f *judge.Found) { f.Payables[0].Total++ }},
		"something is left":    {judge.RuleLeft, func(_ *judge.Done, f *judge.Found) { f.Left["notices"] = []string{"x"} }},
	} {
		t.Run(name, func(t *testing.T) {
			d, f := sound()
			tc.spoil(&d, &f)
			found := judge.Look(d, f)
			require.NotEmpty(t, found)
			rules := make([]string, 0, len(found))
			for _, v := range found {
				rules = append(rules, v.Rule)
				require.NotContains(t, v.String(), "%!", "the text is whole")
			}
			require.Contains(t, rules, tc.rule, "%v", found)
		})
	}
}

// Shares and reversals are not money that somebody paid.
func TestP4_SharesAndReversalsAreNotPayments(t *testing.T) {
	d, f := sound()
	f.Payments = append(f.Payments,
		judge.PaymentRow{Source: payments.SourceERIP, Bill: "7", Share: true, Amount: 500, Fate: judge.Fate{State: judge.Unapplied, Reason: payments.ReasonClosed}},
		judge.PaymentRow{Source: payments.SourceERIP, Bill: "7", Reversal: true, Amount: 1990, Fate: judge.Fate{State: judge.Unapplied, Reason: payments.ReasonReversed}})
	require.Empty(t, judge.Look(d, f))
}
