package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
)

// Renewals keeps requests of STB 34.101.78: it implements renewal.Store.
type Renewals struct {
	pool   *pgxpool.Pool
	orders *Orders
}

// NewRenewals makes the store of requests beside that of orders.
func NewRenewals(orders *Orders) *Renewals { return &Renewals{pool: orders.pool, orders: orders} }

// Find reads an entry. Error: order.ErrNotFound.
func (r *Renewals) Find(ctx context.Context, id bpki.RequestID) (renewal.Entry, error) {
	row, err := db.New(r.pool).Renewal(ctx, id[:])
	if err != nil {
		return renewal.Entry{}, absent(err, "request to renew")
	}
	e := renewal.Entry{RequestID: id, OrderID: order.ID(row.OrderID), Taken: row.Taken, ReceivedAt: row.ReceivedAt}
	copy(e.FileSHA256[:], row.FileSha256)
	if row.PaymentNumber != nil {
		e.Payment = order.PaymentNumber(*row.PaymentNumber)
	}
	return e, nil
}

// Same finds the order of a person, open or issued, that was made of a file.
func (r *Renewals) Same(ctx context.Context, applicantKey string, file [32]byte) (order.ID, bool, error) {
	id, err := db.New(r.pool).OrderOfFile(ctx, db.OrderOfFileParams{ApplicantKey: applicantKey, FileSha256: file[:]})
	if errors.Is(err, pgx.ErrNoRows) {
		return order.ID{}, false, nil
	}
	if err != nil {
		return order.ID{}, false, fmt.Errorf("find order of a file: %w", err)
	}
	return order.ID(id), true, nil
}

// Keep stores an entry with the statement and its audit entry; a request that is
// known goes to the order of the entry.
func (r *Renewals) Keep(ctx context.Context, e renewal.Entry, statement order.Document) error {
	err := inTx(ctx, r.pool, func(q *db.Queries) error {
		if err := putDocuments(ctx, q, []order.Document{statement}); err != nil {
			return err
		}
		p := db.KeepRenewalParams{
			RequestID: e.RequestID[:], OrderID: uuid.UUID(e.OrderID), FileSha256: e.FileSHA256[:], StatementID: uuid.UUID(statement.ID),
			ReceivedAt: e.ReceivedAt,
		}
		if n := int64(e.Payment); n != 0 {
			p.PaymentNumber = &n
		}
		if n, err := q.KeepRenewal(ctx, p); err != nil || n == 0 {
			return err
		}
		_, err := appendEvent(ctx, q, audit.Event{
			At: e.ReceivedAt, Actor: audit.Actor{Kind: audit.ActorApplicant, ID: statement.OwnerKey}, Action: audit.ActionRenewalSigned,
			OrderID: e.OrderID.String(), Evidence: audit.Evidence{"statement": audit.Digest(statement.Content), "statement-id": statement.ID.String()},
		}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep request to renew: %w", err)
	}
	return nil
}

// Draft finds the draft of a person for a service (A6). Error: order.ErrNotFound.
func (r *Renewals) Draft(ctx context.Context, applicantKey string, service order.Service) (order.Record, error) {
	view, err := r.orders.OpenDraftOf(ctx, applicantKey, service)
	return view.Record, err
}

// LastContacts gives the contacts of a person's last order (S2).
func (r *Renewals) LastContacts(ctx context.Context, applicantKey string) (order.Contacts, bool, error) {
	return r.orders.LastContacts(ctx, applicantKey)
}

// Owns tells whether an order of the person was to be paid under a number.
func (r *Renewals) Owns(ctx context.Context, applicantKey string, number order.PaymentNumber) (bool, error) {
	own, err := db.New(r.pool).OwnPayable(ctx, db.OwnPayableParams{Number: int64(number), ApplicantKey: applicantKey})
	if err != nil {
		return false, fmt.Errorf("look a payment number up: %w", err)
	}
	return own, nil
}

// Settle pays for an order that waits for its payment with the one that its request
// names (P4): money of the same person that could not pay for another order of
// theirs, the whole price and no more. Anything else stays for an operator, and
// settling again changes nothing.
func (r *Renewals) Settle(ctx context.Context, id order.ID) error {
	rows, err := db.New(r.pool).NamedPayments(ctx, uuid.UUID(id))
	// Which of several was meant, only people know.
	if err != nil || len(rows) != 1 {
		return absent(err, "payment named in a request")
	}
	found := rows[0]
	err = inTx(ctx, r.pool, func(q *db.Queries) error {
		_, err := assign(ctx, q, found.ID, order.PaymentNumber(found.Number), assignment{
			by: audit.Actor{Kind: audit.ActorApplicant, ID: found.ApplicantKey}, resolvedBy: resolvedByApplicant, note: "named in the request",
		})
		return err
	})
	var mismatch *payments.MismatchError
	if errors.Is(err, payments.ErrResolved) || errors.As(err, &mismatch) {
		// Somebody was faster, or a reversal: the operators' list says how it stands.
		return nil
	}
	if err != nil {
		return fmt.Errorf("pay with the payment named in a request: %w", err)
	}
	return nil
}

// resolvedByApplicant stands in the ledger where no operator has assigned a payment.
const resolvedByApplicant = "applicant"
