package clientbank

import (
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// told is a sum that a statement gives, if it does.
type told struct {
	sum   order.Kopecks
	known bool
	// twice says that it is given more than once: then nobody knows of what.
	twice bool
}

// read takes a sum of the statement; what is no sum counts as not given.
func (t *told) read(text string) {
	sum, negative, err := amount(text)
	if err != nil {
		return
	}
	if negative {
		sum = -sum
	}
	t.twice = t.twice || t.known
	t.sum, t.known = sum, true
}

func (t *told) usable() bool { return t.known && !t.twice }

// totals compares what a statement says of itself with its entries. An entry
// that was added, lost or changed on the way shows there.
type totals struct {
	opening, closing, credits, debits told
	// in and out are the entries; gross leaves out what was taken back.
	in, out, grossIn order.Kopecks
	// unsure says that an entry could not be added up.
	unsure bool
}

// credit adds an entry; a credit that was taken back is negative.
func (t *totals) credit(sum order.Kopecks) {
	t.in += sum
	if sum > 0 {
		t.grossIn += sum
	}
}

func (t *totals) debit(sum order.Kopecks) { t.out += sum }

// check compares; the error wraps ErrStatement.
func (t *totals) check() error {
	switch {
	case t.credits.usable() && t.credits.sum != t.in && t.credits.sum != t.grossIn:
		return fmt.Errorf("%w: its credits add up to %s, it says %s", ErrStatement, t.in, t.credits.sum)
	case t.unsure:
		return nil
	case t.debits.usable() && t.debits.sum != t.out:
		return fmt.Errorf("%w: its debits add up to %s, it says %s", ErrStatement, t.out, t.debits.sum)
	case t.opening.usable() && t.closing.usable() && t.opening.sum+t.in-t.out != t.closing.sum:
		return fmt.Errorf("%w: from %s its entries lead to %s, it says %s", ErrStatement, t.opening.sum, t.opening.sum+t.in-t.out, t.closing.sum)
	default:
		return nil
	}
}
