package erip

import (
	"context"
	"fmt"
	"time"
)

// Finding is what a line of a register meant for us.
type Finding string

// The findings of applying a register.
const (
	// FoundKnown is a payment we knew to be paid.
	FoundKnown Finding = "known"
	// FoundLost is a payment whose result never reached us; it counts as paid now.
	FoundLost Finding = "lost"
	// FoundUnknown is a payment we never gave consent to; an operator must look.
	FoundUnknown Finding = "unknown"
	// FoundReversed is a payment that we hold for reversed; an operator must look.
	FoundReversed Finding = "reversed"
	// FoundReversing is a payment whose reversal had not begun when its money was
	// transferred, and has not ended; the reversal decides.
	FoundReversing Finding = "reversing"
	// FoundKept is a payment whose reversal was begun, and whose money was
	// transferred afterwards: the reversal did not take place, and it pays.
	FoundKept Finding = "kept"
)

// ApplyRegister makes every transaction that stands in a register paid, even
// one that is only started, that ERIP had told to have failed, or whose reversal
// began before the money was transferred and was never ended: a register lists
// money that has been transferred. It answers a finding for each line.
// After an error the lines before it are applied; applying again is harmless.
func (p *Provider) ApplyRegister(ctx context.Context, r Register) ([]Finding, error) {
	findings := make([]Finding, 0, len(r.Lines))
	for _, line := range r.Lines {
		var f Finding
		err := p.store.InTx(ctx, func(tx Tx) error {
			var err error
			s := step{ctx: ctx, tx: tx, now: p.now(), request: Request{TransactionID: line.TransactionID}, raw: line.Raw}
			f, err = s.registered(r.PaymentOrderAt)
			return err
		})
		if err != nil {
			return findings, fmt.Errorf("erip: register: %w", err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func (s *step) registered(transferred time.Time) (Finding, error) {
	finding := FoundUnknown
	_, err := s.onTransaction(func(_ Account, t Transaction) (Response, error) {
		switch t.State {
		case Started, Cancelled:
			finding = FoundLost
			_, err := s.commit(&t)
			return Response{}, err
		case StornCommitted:
			finding = FoundReversed
		case StornStarted:
			finding = FoundReversing
			if transferred.After(t.ChangedAt) {
				finding = FoundKept
				return Response{}, s.move(&t, Committed)
			}
		case Committed:
			finding = FoundKnown
		}
		return Response{}, nil
	})
	return finding, err
}
