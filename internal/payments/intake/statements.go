package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
)

// Statements puts bank statements into the ledger (P3).
type Statements struct {
	Ledger payments.Ledger
	// Own are our accounts; a credit of another one pays nothing.
	Own payments.Accounts
	Now func() time.Time
	Log *slog.Logger
}

// Imported is what became of a statement.
type Imported struct {
	// Decisions are those about the credits, in the order of the statement.
	Decisions []payments.Decision
	// Passed counts the entries that are no credits, by reason.
	Passed map[clientbank.Skip]int
}

// Import records every credit of a statement. It can come again, and overlap
// with others: each credit counts once (P5). What was taken back is recorded
// first, so that it never pays. A file that cannot be read waits for an operator
// as a whole (P4); the error then wraps clientbank.ErrStatement.
func (s Statements) Import(ctx context.Context, data []byte) (Imported, error) {
	statement, err := clientbank.Parse(data)
	if err != nil {
		_, failed := s.Ledger.Record(ctx, payments.Unreadable(payments.SourceClientBank, data, s.Now()))
		return Imported{}, errors.Join(err, failed)
	}
	out := Imported{Decisions: make([]payments.Decision, len(statement.Credits)), Passed: statement.Passed}
	for _, i := range reversalsFirst(statement.Credits) {
		if out.Decisions[i], err = s.Ledger.Record(ctx, statement.Credits[i].Notification(s.Now(), s.Own)); err != nil {
			return Imported{}, fmt.Errorf("import statement: %w", err)
		}
	}
	s.tell(ctx, out)
	return out, nil
}

// Sink imports the files of a folder.
func (s Statements) Sink(ctx context.Context, data []byte) error {
	_, err := s.Import(ctx, data)
	if err != nil && !failedOnly(err) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return nil
}

// failedOnly tells whether nothing but the file is to blame.
func failedOnly(err error) bool {
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) && len(several.Unwrap()) > 1 {
		return false
	}
	return errors.Is(err, clientbank.ErrStatement)
}

// tell says how many entries became what.
func (s Statements) tell(ctx context.Context, out Imported) {
	counts := map[string]int{}
	for _, d := range out.Decisions {
		switch {
		case d.Repeated:
			counts["repeated"]++
		case d.Reason != payments.ReasonNone:
			counts[string(d.Reason)]++
		default:
			counts[string(d.Outcome)]++
		}
	}
	s.Log.InfoContext(ctx, "statement imported", "credits", len(out.Decisions), "decisions", counts, "passedOver", out.Passed)
}

// reversalsFirst are the places of the credits, those taken back before others.
func reversalsFirst(credits []clientbank.Credit) []int {
	order := make([]int, 0, len(credits))
	for i := range credits {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case credits[a].Reversed == credits[b].Reversed:
			return 0
		case credits[a].Reversed:
			return -1
		default:
			return 1
		}
	})
	return order
}
