package erip

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// step is the work on one message inside of one database transaction. A
// refusal is an answer like any other; an error undoes everything.
type step struct {
	ctx     context.Context
	tx      Tx
	now     time.Time
	request Request
	raw     []byte
}

func (s *step) serve() (Response, error) {
	switch s.request.Type {
	case ServiceInfo:
		return s.serviceInfo()
	case TransactionStart:
		return s.transactionStart()
	case TransactionResult:
		return s.onTransaction(s.transactionResult)
	case StornStart:
		return s.onTransaction(s.stornStart)
	case StornResult:
		return s.onTransaction(s.stornResult)
	default:
		return s.refuse(textBadMessage)
	}
}

func (s *step) refuse(text string) (Response, error) { return refuse(s.request.Type, text), nil }

// serviceInfo tells the debt. A repeated dialogue gets the same answer even
// when the order's state has changed: the start is what decides.
func (s *step) serviceInfo() (Response, error) {
	number, err := payments.NormalizeNumber(s.request.Account)
	if err != nil {
		return s.refuse(textUnknownOrder)
	}
	account, err := s.tx.Lock(s.ctx, number)
	if err != nil {
		return Response{}, err
	}
	if account == nil {
		return s.refuse(textUnknownOrder)
	}
	known, found, err := s.tx.Dialogue(s.ctx, s.request.RequestID)
	if err != nil {
		return Response{}, err
	}
	if !found || known != number {
		if text := s.obstacle(*account); text != "" {
			return s.refuse(text)
		}
		if err := s.tx.SaveDialogue(s.ctx, s.request.RequestID, number); err != nil {
			return Response{}, err
		}
	}
	lines := append([]string{textOrder + number.ERIP()}, account.Lines...)
	return Response{Type: ServiceInfo, Debt: account.Payable.Amount, Lines: lines}, nil
}

// obstacle says why the account cannot be paid now; empty when it can.
func (s *step) obstacle(a Account) string {
	switch {
	case s.request.Currency != Currency:
		return textWrongCurrency
	case !a.Payable.Allows(payments.SourceERIP):
		return textMethodNotAllowed
	case a.Payable.State == payments.PayablePaid:
		return textAlreadyPaid
	case a.Payable.State != payments.PayableOpen:
		return textClosed
	case !s.now.Before(a.Payable.Due):
		return textOverdue
	}
	for _, t := range a.Transactions {
		switch {
		case t.State == Started && s.now.Before(t.StartedAt.Add(LockTime)):
			return textBeingPaid
		case t.State == Committed || t.State == StornStarted:
			// The ledger may not have marked the payable yet.
			return textAlreadyPaid
		}
	}
	return ""
}

// transactionStart gives consent once for each TransactionId.
func (s *step) transactionStart() (Response, error) {
	number, err := payments.NormalizeNumber(s.request.Account)
	if err != nil {
		return s.refuse(textUnknownOrder)
	}
	known, found, err := s.tx.NumberOf(s.ctx, s.request.TransactionID)
	if err != nil {
		return Response{}, err
	}
	if found && known != number {
		return s.refuse(textOtherPayment)
	}
	account, err := s.tx.Lock(s.ctx, number)
	if err != nil {
		return Response{}, err
	}
	if account == nil {
		return s.refuse(textUnknownOrder)
	}
	if t, repeated := account.find(s.request.TransactionID); repeated {
		if t.Amount != s.request.Amount || s.request.Currency != Currency {
			return s.refuse(textOtherPayment)
		}
		return consent(t), nil
	}
	return s.start(*account)
}

func (s *step) start(a Account) (Response, error) {
	if text := s.obstacle(a); text != "" {
		return s.refuse(text)
	}
	if s.request.Amount != a.Payable.Amount || s.request.Amount <= 0 {
		return s.refuse(textWrongAmount)
	}
	own, err := s.tx.NewProviderTrxID(s.ctx)
	if err != nil {
		return Response{}, err
	}
	t := Transaction{
		ID: s.request.TransactionID, ProviderTrxID: own, RequestID: s.request.RequestID,
		Number: a.Payable.Number, Amount: s.request.Amount, State: Started, StartedAt: s.now, ChangedAt: s.now,
	}
	if err := s.tx.Insert(s.ctx, t); err != nil {
		return Response{}, err
	}
	return consent(t), nil
}

func consent(t Transaction) Response {
	return Response{Type: TransactionStart, ProviderTrxID: t.ProviderTrxID, Lines: []string{textOrder + t.Number.ERIP()}}
}
