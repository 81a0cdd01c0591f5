package judge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Violation is a promise that was not kept.
type Violation struct {
	// Rule names the promise, Detail what is against it.
	Rule, Detail string
}

// String is the violation in one line.
func (v Violation) String() string { return v.Rule + ": " + v.Detail }

// The promises.
const (
	RuleEnd         = "every order ends right"
	RuleCertificate = "one certificate for each order that is paid and approved, and none otherwise"
	RuleMoney       = "all money is accounted for"
	RuleLedger      = "the ledger agrees with itself"
	RuleLeft        = "nothing is left undone"
)

// Look compares what was done with what is there.
func Look(d Done, f Found) []Violation {
	var c court
	c.orders(d.Orders, f)
	c.money(d.Payments, f)
	c.ledger(f)
	for _, what := range slices.Sorted(maps.Keys(f.Left)) {
		for _, name := range f.Left[what] {
			c.against(RuleLeft, "%s: %s", what, name)
		}
	}
	return c.found
}

type court struct{ found []Violation }

func (c *court) against(rule, format string, args ...any) {
	c.found = append(c.found, Violation{Rule: rule, Detail: fmt.Sprintf(format, args...)})
}

func (c *court) orders(list []Order, f Found) {
	known := map[order.ID]bool{}
	for _, o := range list {
		known[o.ID] = true
		row, ok := f.Orders[o.ID]
		switch {
		case !ok:
			c.against(RuleEnd, "order %s (%s) is not there", o.ID, o.Story)
		case row.Stage != order.StageEnded:
			c.against(RuleEnd, "order %d (%s) is at stage %s", row.Number, o.Story, row.Stage)
		case !slices.Contains(o.Ends, row.End):
			c.against(RuleEnd, "order %d (%s) ended as %s (%s), right would be %v", row.Number, o.Story, row.End.End, row.End.Reason, o.Ends)
		}
	}
	for _, id := range sorted(f.Orders) {
		if row := f.Orders[id]; !known[id] {
			c.against(RuleEnd, "order %d was made by nobody", row.Number)
		} else {
			c.certificate(row)
		}
	}
}

func (c *court) certificate(o OrderRow) {
	issued := o.End.End == order.EndIssued
	switch {
	case o.Certificates > 1 || o.Reserved > 1:
		c.against(RuleCertificate, "order %d has %d certificates and %d reservations", o.Number, o.Certificates, o.Reserved)
	case issued && o.Certificates != 1:
		c.against(RuleCertificate, "order %d is issued and has no certificate", o.Number)
	case !issued && o.Reserved > 0:
		c.against(RuleCertificate, "order %d ended as %s and its certificate was begun", o.Number, o.End.End)
	case issued && o.PaidBy != 1:
		c.against(RuleCertificate, "order %d is issued and %d payments pay for it", o.Number, o.PaidBy)
	case issued && o.NeedsApproval && !o.Approved:
		c.against(RuleCertificate, "order %d is issued and nobody approved it", o.Number)
	case !issued && o.PaidBy != 0:
		c.against(RuleMoney, "order %d ended as %s and its payment is still used for it", o.Number, o.End.End)
	}
}

// key is how payers and the ledger name the same money.
type key struct {
	source payments.Source
	bill   string
}

func (c *court) money(list []Payment, f Found) {
	rows := map[key][]PaymentRow{}
	for _, row := range f.Payments {
		if !row.Share && !row.Reversal {
			rows[key{row.Source, row.Bill}] = append(rows[key{row.Source, row.Bill}], row)
		}
	}
	var paid, booked order.Kopecks
	for _, p := range list {
		k := key{p.Source, p.Bill}
		paid += p.Amount
		switch found := rows[k]; {
		case len(found) == 0:
			c.against(RuleMoney, "%s by %s %s (%s) is not in the ledger", p.Amount, p.Source, p.Bill, p.Story)
		case len(found) > 1:
			c.against(RuleMoney, "%s by %s %s (%s) is in the ledger %d times", p.Amount, p.Source, p.Bill, p.Story, len(found))
		case found[0].Amount != p.Amount:
			c.against(RuleMoney, "%s by %s %s (%s) is in the ledger as %s", p.Amount, p.Source, p.Bill, p.Story, found[0].Amount)
		case !slices.Contains(p.Fates, found[0].Fate):
			c.against(RuleMoney, "%s by %s %s (%s) is %s (%s), right would be %v", p.Amount, p.Source, p.Bill, p.Story, found[0].State, found[0].Reason, p.Fates)
		}
		for _, row := range rows[k] {
			booked += row.Amount
		}
		delete(rows, k)
	}
	for _, k := range slices.SortedFunc(maps.Keys(rows), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.bill, b.bill))
	}) {
		c.against(RuleMoney, "%s %s is in the ledger and nobody paid it", k.source, k.bill)
		for _, row := range rows[k] {
			booked += row.Amount
		}
	}
	if paid != booked {
		c.against(RuleMoney, "payers paid %s, the ledger has %s", paid, booked)
	}
}

func (c *court) ledger(f Found) {
	payables := map[order.ID]PayableRow{}
	for _, y := range f.Payables {
		payables[y.ID] = y
	}
	uses := map[order.ID][]PaymentRow{}
	for _, p := range f.Payments {
		switch {
		case p.State == Applied:
			uses[p.Payable] = append(uses[p.Payable], p)
		case p.State == Unapplied && p.Reason == payments.ReasonNone:
			c.against(RuleMoney, "payment %s %s waits unapplied without a reason", p.Source, p.Bill)
		}
	}
	for _, id := range sorted(uses) {
		if _, known := payables[id]; !known {
			c.against(RuleLedger, "payment %s is applied to nothing", uses[id][0].ID)
		}
	}
	for _, y := range f.Payables {
		c.payable(y, uses[y.ID])
	}
}

func (c *court) payable(y PayableRow, uses []PaymentRow) {
	switch {
	case y.State == payments.PayableOpen:
		c.against(RuleLedger, "%s is left open", y.Number.ERIP())
	case y.State != payments.PayablePaid && len(uses) > 0:
		c.against(RuleLedger, "%s is %s and %d payments are applied to it", y.Number.ERIP(), y.State, len(uses))
	case y.State != payments.PayablePaid:
	case len(uses) != 1 || uses[0].ID != y.Payment:
		c.against(RuleLedger, "%s is paid and %d payments are applied to it", y.Number.ERIP(), len(uses))
	case uses[0].Amount != y.Total || y.Worth != y.Total:
		c.against(RuleLedger, "%s is %s, was paid with %s and is worth %s", y.Number.ERIP(), y.Total, uses[0].Amount, y.Worth)
	}
}

func sorted[V any](m map[order.ID]V) []order.ID {
	return slices.SortedFunc(maps.Keys(m), func(a, b order.ID) int { return strings.Compare(a.String(), b.String()) })
}
