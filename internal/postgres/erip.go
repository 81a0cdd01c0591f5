package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// ERIP keeps the state machine of payments in ERIP: it implements erip.Store.
type ERIP struct{ pool *pgxpool.Pool }

// NewERIP makes the store of ERIP transactions.
func NewERIP(pool *pgxpool.Pool) *ERIP { return &ERIP{pool: pool} }

// InTx runs fn in one transaction; it may run it again when it met another one.
func (e *ERIP) InTx(ctx context.Context, fn func(tx erip.Tx) error) error {
	return inTx(ctx, e.pool, func(q *db.Queries) error { return fn(eripTx{q}) })
}

type eripTx struct{ q *db.Queries }

func (t eripTx) NumberOf(ctx context.Context, transactionID int64) (order.PaymentNumber, bool, error) {
	n, err := t.q.EripNumberOf(ctx, transactionID)
	return numberOrNone(n, err)
}

func (t eripTx) Dialogue(ctx context.Context, requestID int64) (order.PaymentNumber, bool, error) {
	n, err := t.q.EripDialogue(ctx, requestID)
	return numberOrNone(n, err)
}

func numberOrNone(n int64, err error) (order.PaymentNumber, bool, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return order.PaymentNumber(n), err == nil, err
}

// Lock locks the payable under the number, as everybody does who pays for it
// or begins its issue, and then reads everything about it.
func (t eripTx) Lock(ctx context.Context, number order.PaymentNumber) (*erip.Account, error) {
	y, err := t.q.LockPayableByNumber(ctx, int64(number))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // the port says so
	}
	if err != nil {
		return nil, fmt.Errorf("lock payment number: %w", err)
	}
	account := &erip.Account{Payable: *matchable(y)}
	if account.IssueBegun, err = t.q.IssueBegun(ctx, &y.ID); err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	lines, err := t.q.HeldLinesCount(ctx, y.ID)
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	account.Lines = []string{"Сертификатов: " + strconv.FormatInt(lines, 10)}
	rows, err := t.q.EripTransactions(ctx, int64(number))
	if err != nil {
		return nil, fmt.Errorf("read ERIP transactions: %w", err)
	}
	for _, row := range rows {
		account.Transactions = append(account.Transactions, erip.Transaction{
			ID: row.ID, ProviderTrxID: row.ProviderTrxID, RequestID: row.RequestID, Number: order.PaymentNumber(row.Number),
			Amount: order.Kopecks(row.Amount), State: erip.State(row.State), StartedAt: row.StartedAt, ChangedAt: row.ChangedAt,
		})
	}
	return account, nil
}

func (t eripTx) SaveDialogue(ctx context.Context, requestID int64, number order.PaymentNumber) error {
	return t.q.EripSaveDialogue(ctx, db.EripSaveDialogueParams{RequestID: requestID, Number: int64(number)})
}

func (t eripTx) NewProviderTrxID(ctx context.Context) (int64, error) {
	return t.q.EripNextProviderTransaction(ctx)
}

func (t eripTx) Insert(ctx context.Context, in erip.Transaction) error {
	return t.q.EripInsert(ctx, db.EripInsertParams{
		ID: in.ID, ProviderTrxID: in.ProviderTrxID, RequestID: in.RequestID, Number: int64(in.Number), Amount: int64(in.Amount),
		State: string(in.State), StartedAt: in.StartedAt, ChangedAt: in.ChangedAt,
	})
}

func (t eripTx) Update(ctx context.Context, in erip.Transaction) error {
	n, err := t.q.EripUpdate(ctx, db.EripUpdateParams{ID: in.ID, State: string(in.State), ChangedAt: in.ChangedAt})
	if err == nil && n == 0 {
		err = errors.New("no such ERIP transaction")
	}
	return err
}

// Record puts a message into the ledger, in this same transaction. A reversal
// of a payment that was applied makes what it paid for open again.
func (t eripTx) Record(ctx context.Context, n payments.Notification) (payments.Decision, error) {
	return record(ctx, t.q, t.q, eventOf(n))
}
