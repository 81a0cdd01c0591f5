package erip

import (
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// onTransaction finds the started payment a message is about, locks its
// number and hands both to the step. The id decides, not the account that
// stands in the message: money that was taken belongs to what was started.
func (s *step) onTransaction(next func(Account, Transaction) (Response, error)) (Response, error) {
	number, found, err := s.tx.NumberOf(s.ctx, s.request.TransactionID)
	if err != nil {
		return Response{}, err
	}
	if !found {
		return s.refuse(textUnknownPayment)
	}
	account, err := s.tx.Lock(s.ctx, number)
	if err != nil {
		return Response{}, err
	}
	if account == nil {
		return s.refuse(textUnknownPayment)
	}
	t, found := account.find(s.request.TransactionID)
	if !found {
		return s.refuse(textUnknownPayment)
	}
	if s.request.ProviderTrxID != 0 && s.request.ProviderTrxID != t.ProviderTrxID {
		return s.refuse(textOtherPayment)
	}
	return next(*account, t)
}

// receipts are what ERIP prints for the payer, by what the ledger decides. The
// money has been taken whatever it decides, so ERIP is never refused (P4).
var receipts = map[payments.Outcome]string{payments.Applied: textPaid, payments.Unapplied: textKept}

// transactionResult ends a started payment. It is taken however late it comes
// and whatever has become of the order: the money has been paid (P4).
func (s *step) transactionResult(_ Account, t Transaction) (Response, error) {
	text := textCancelled
	switch {
	case t.State == Cancelled:
	case t.State == Started && s.request.Failed:
		if err := s.move(&t, Cancelled); err != nil {
			return Response{}, err
		}
	default:
		decision, err := s.commit(&t)
		if err != nil {
			return Response{}, err
		}
		text = receipts[decision.Outcome]
	}
	return Response{Type: TransactionResult, Lines: []string{textOrder + t.Number.ERIP(), text}}, nil
}

// commit marks a payment as paid and puts it into the ledger, which answers a
// repetition as it did the first time.
func (s *step) commit(t *Transaction) (payments.Decision, error) {
	if t.State == Started || t.State == Cancelled {
		if err := s.move(t, Committed); err != nil {
			return payments.Decision{}, err
		}
	}
	return s.record(*t, payments.KindPayment, "", t.StartedAt)
}

// stornStart consents to a reversal as long as nothing can have been issued.
func (s *step) stornStart(a Account, t Transaction) (Response, error) {
	switch {
	case s.request.Amount != t.Amount:
		return s.refuse(textOtherPayment)
	case t.State == Started || t.State == Cancelled:
		return s.refuse(textNotPaid)
	case t.State == Committed && a.IssueBegun:
		return s.refuse(textNoReversal)
	case t.State == Committed:
		if err := s.move(&t, StornStarted); err != nil {
			return Response{}, err
		}
	}
	return Response{Type: StornStart}, nil
}

// stornResult ends a reversal.
func (s *step) stornResult(_ Account, t Transaction) (Response, error) {
	done := Response{Type: StornResult}
	switch {
	case t.State == StornCommitted, t.State == Committed && !s.request.Storned:
		return done, nil
	case t.State != StornStarted:
		return s.refuse(textStornNotStarted)
	case !s.request.Storned:
		return done, s.move(&t, Committed)
	}
	if err := s.move(&t, StornCommitted); err != nil {
		return Response{}, err
	}
	_, err := s.record(t, payments.KindReversal, "/storn", s.now)
	return done, err
}

func (s *step) move(t *Transaction, to State) error {
	t.State, t.ChangedAt = to, s.now
	return s.tx.Update(s.ctx, *t)
}

// record puts a movement of money into the ledger. The transaction's id makes
// the message, its repetitions and the register's line one event (P5).
func (s *step) record(t Transaction, kind payments.Kind, suffix string, at time.Time) (payments.Decision, error) {
	id := strconv.FormatInt(t.ID, 10)
	return s.tx.Record(s.ctx, payments.Notification{
		Source: payments.SourceERIP, Kind: kind, ExternalID: id + suffix, Bill: id, Raw: s.raw,
		Number: t.Number.ERIP(), Amount: t.Amount, Currency: payments.BYN, ReceivedAt: s.now, OccurredAt: at,
	})
}
