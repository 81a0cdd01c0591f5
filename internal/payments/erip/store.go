package erip

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// State is how far a payment in ERIP has come.
type State string

// The states of a transaction.
const (
	// Started has our consent; the money may or may not have been taken.
	Started State = "started"
	// Committed is paid.
	Committed State = "committed"
	// Cancelled failed at ERIP's side; no money was taken.
	Cancelled State = "cancelled"
	// StornStarted has our consent to a reversal. While a transaction is in
	// this state nothing may be issued for its payment number.
	StornStarted State = "storn-started"
	// StornCommitted is reversed: the payer has the money back.
	StornCommitted State = "storn-committed"
)

// Transaction is one payment in ERIP as the store keeps it.
type Transaction struct {
	// ID is ERIP's TransactionId, the key.
	ID int64
	// ProviderTrxID is our own id, told to ERIP once and for ever.
	ProviderTrxID int64
	// RequestID is the dialogue in which the payment was started.
	RequestID int64
	Number    order.PaymentNumber
	Amount    order.Kopecks
	State     State
	// StartedAt is when we consented: when the payer paid. ChangedAt is when
	// the state last changed.
	StartedAt, ChangedAt time.Time
}

// Account is everything about one payment number that a decision needs.
type Account struct {
	Payable payments.Payable
	// Lines describe the order to the payer, such as how many certificates;
	// no personal data. They never change for a number.
	Lines []string
	// IssueBegun is true from the moment a certificate for this number may
	// come into being; a reversal is not possible any more.
	IssueBegun bool
	// Transactions are all ERIP payments of the number, in any order.
	Transactions []Transaction
}

// Store keeps accounts and transactions.
//
// InTx runs fn in one database transaction at READ COMMITTED or above: when fn
// returns nil everything done through tx is kept and on disk, otherwise
// nothing is. InTx may run fn again after a serialisation failure.
type Store interface {
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is the store inside of one database transaction.
type Tx interface {
	// NumberOf finds the payment number of a transaction, without a lock.
	NumberOf(ctx context.Context, transactionID int64) (number order.PaymentNumber, found bool, err error)
	// Lock locks the row of the payment number until the transaction ends and
	// reads the account after it has the lock; nil when nothing is sold under
	// the number. Whoever applies a payment of another source to the number
	// or begins its issue must take the same lock first, and must not begin
	// an issue while a transaction is StornStarted.
	Lock(ctx context.Context, number order.PaymentNumber) (*Account, error)
	// Dialogue tells for which number a ServiceInfo with this request id was
	// answered before.
	Dialogue(ctx context.Context, requestID int64) (number order.PaymentNumber, found bool, err error)
	// SaveDialogue remembers an answered ServiceInfo; a known id changes nothing.
	SaveDialogue(ctx context.Context, requestID int64, number order.PaymentNumber) error
	// NewProviderTrxID gives a number that was never given before.
	NewProviderTrxID(ctx context.Context) (int64, error)
	// Insert adds a transaction. It fails when the ID exists, whatever its number.
	Insert(ctx context.Context, t Transaction) error
	// Update stores State and ChangedAt of the transaction with the ID.
	Update(ctx context.Context, t Transaction) error
	// Record puts a message into the ledger, in this same transaction, as
	// payments.Ledger does. A KindReversal whose transaction's payment was
	// applied makes the payable open again.
	Record(ctx context.Context, n payments.Notification) (payments.Decision, error)
}

// find is the transaction with the id among those of the account.
func (a Account) find(id int64) (Transaction, bool) {
	for _, t := range a.Transactions {
		if t.ID == id {
			return t, true
		}
	}
	return Transaction{}, false
}
