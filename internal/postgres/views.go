package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// PayableView is something to pay, or that was paid for.
type PayableView struct {
	ID         order.ID
	WorkflowID string
	// Service is 6.0.00 for an order, 6.0.02 for a confirmation.
	Service  order.Service
	Number   order.PaymentNumber
	Total    order.Kopecks
	PayerUNP string
	Due      time.Time
	State    payments.PayableState
	// Method is how the payer wants to pay; empty before a choice.
	Method payments.Source
	// Methods lists how it may be paid (P1).
	Methods   []payments.Source
	PaymentID order.ID
	OpenedAt  time.Time
}

// CertificateView is the certificate of an order.
type CertificateView struct {
	OrderID      order.ID
	SerialNumber string
	Issuer       string
	KeyID        string
	DER          []byte
	NotBefore    time.Time
	NotAfter     time.Time
	IssuedAt     time.Time
	// RevokedAt and ActivatedAt are zero when that has not happened.
	RevokedAt   time.Time
	ActivatedAt time.Time
}

// CredentialsView is the state of the storage credentials, without secrets.
type CredentialsView struct {
	Login     string
	CreatedAt time.Time
	ExpiresAt time.Time
	// Delivered tells that the clear password is gone.
	Delivered bool
}

// NoticeState is how far a notice has come.
type NoticeState string

// The states of a notice.
const (
	NoticePending NoticeState = "pending"
	NoticeSent    NoticeState = "sent"
	NoticeFailed  NoticeState = "failed"
)

// NoticeView is a message with its outcome (I6).
type NoticeView struct {
	Kind      order.NoticeKind
	Channel   notify.Channel
	State     NoticeState
	Attempts  int
	CreatedAt time.Time
	SentAt    time.Time
	// Cause says why the last attempt failed.
	Cause string
}

// Payable reads what is to be paid under the id of an order of 6.0.00 or of a
// confirmation. Error: order.ErrNotFound.
func (o *Orders) Payable(ctx context.Context, id order.ID) (PayableView, error) {
	view, err := payableView(ctx, db.New(o.pool), uuid.UUID(id))
	if err == nil && view == nil {
		err = fmt.Errorf("payable: %w", order.ErrNotFound)
	}
	if err != nil {
		return PayableView{}, err
	}
	return *view, nil
}

func payableView(ctx context.Context, q *db.Queries, id uuid.UUID) (*PayableView, error) {
	y, err := q.Payable(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // an order before its payment has none
	}
	if err != nil {
		return nil, fmt.Errorf("read payable: %w", err)
	}
	view := &PayableView{
		ID: order.ID(y.ID), WorkflowID: y.WorkflowID, Service: order.Service(y.Service), Number: order.PaymentNumber(y.Number),
		Total: order.Kopecks(y.Total), PayerUNP: y.PayerUnp, Due: y.Due, State: payments.PayableState(y.State),
		Methods: payments.Methods(order.Service(y.Service)), PaymentID: idOf(y.PaymentID), OpenedAt: y.OpenedAt,
	}
	if y.Method != nil {
		view.Method = payments.Source(*y.Method)
	}
	return view, nil
}

func viewOfCertificate(c db.Certificate) *CertificateView {
	return &CertificateView{
		OrderID: order.ID(c.OrderID), SerialNumber: c.SerialNumber, Issuer: c.Issuer, KeyID: c.KeyID, DER: c.Der,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, IssuedAt: timeOf(c.IssuedAt), RevokedAt: timeOf(c.RevokedAt),
		ActivatedAt: timeOf(c.ActivatedAt),
	}
}

func noticesOf(ctx context.Context, q *db.Queries, subject uuid.UUID) ([]NoticeView, error) {
	rows, err := q.NoticesOf(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	out := make([]NoticeView, 0, len(rows))
	for _, n := range rows {
		out = append(out, NoticeView{
			Kind: order.NoticeKind(n.Kind), Channel: notify.Channel(n.Channel), State: NoticeState(n.State),
			Attempts: int(n.Attempts), CreatedAt: n.CreatedAt, SentAt: timeOf(n.SentAt), Cause: n.Cause,
		})
	}
	return out, nil
}
