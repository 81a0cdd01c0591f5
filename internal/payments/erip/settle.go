package erip

import (
	"context"
	"fmt"
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
)

// ApplyRegister makes every transaction that stands in a register paid, even
// one that is only started or that ERIP had told to have failed: a register
// lists money that has been transferred. It answers a finding for each line.
// After an error the lines before it are applied; applying again is harmless.
func (p *Provider) ApplyRegister(ctx context.Context, r Register) ([]Finding, error) {
	findings := make([]Finding, 0, len(r.Lines))
	for _, line := range r.Lines {
		var f Finding
		err := p.store.InTx(ctx, func(tx Tx) error {
			var err error
			s := step{ctx: ctx, tx: tx, now: p.now(), request: Request{TransactionID: line.TransactionID}, raw: line.Raw}
			f, err = s.registered()
			return err
		})
		if err != nil {
			return findings, fmt.Errorf("erip: register: %w", err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func (s *step) registered() (Finding, error) {
	finding := FoundUnknown
	_, err := s.onTransaction(func(_ Account, t Transaction) (Response, error) {
		switch t.State {
		case Started, Cancelled:
			finding = FoundLost
			_, err := s.commit(&t)
			return Response{}, err
		case StornCommitted:
			finding = FoundReversed
		case Committed, StornStarted:
			finding = FoundKnown
		}
		return Response{}, nil
	})
	return finding, err
}
