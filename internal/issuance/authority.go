package issuance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// ErrNotProven is returned for an order of which the database does not say
// that it is open and paid.
var ErrNotProven = errors.New("nothing in the database proves that the order may be issued")

// Application is what a certificate is made from: an order with the request
// that passed its checks and its file, and what pays for it, zero for nothing yet.
type Application struct {
	Order     order.Record
	Checked   order.CheckedRequest
	File      order.Document
	PaymentID order.ID
	// Reserved says that its certificate was begun.
	Reserved bool
}

// Orders gives what certificates are made from, and ends orders.
type Orders interface {
	Application(ctx context.Context, id order.ID) (Application, error)
	End(ctx context.Context, e order.Ending) (order.Ended, error)
}

// Payments tells what an order is paid by; zero for nothing.
type Payments interface {
	PaidFor(ctx context.Context, id order.ID) (Paid, error)
}

// Paid is what an order is paid by, and when its stages were passed; instants
// that are not known are zero.
type Paid struct {
	PaymentID                           order.ID
	UploadedAt, SavedAt, ApprovedAt, At time.Time
}

// Issued is a certificate that is out.
type Issued struct {
	// SerialNumber is hexadecimal.
	SerialNumber string
	PaymentID    order.ID
	// Contacts are where its credentials are sent.
	Contacts order.Contacts
}

// Authority issues what the database says was checked and paid.
type Authority struct {
	Orders   Orders
	Payments Payments
	Service  *ca.Service
	Now      func() time.Time
}

// Issue gives the order's one certificate, the same one for every repetition
// (I1). Errors: order.ErrNotFound; ErrNotProven; ErrRevoked, with which the
// order has ended (A1c); any other is worth another try.
func (a *Authority) Issue(ctx context.Context, orderID order.ID) (Issued, error) {
	from, err := a.Orders.Application(ctx, orderID)
	if err != nil {
		return Issued{}, err
	}
	application, err := a.application(from)
	if err != nil {
		return Issued{}, err
	}
	certificate, err := a.Service.Issue(ctx, application)
	if errors.Is(err, ErrRevoked) {
		return Issued{}, errors.Join(err, a.refuse(ctx, from.Order))
	}
	if err != nil {
		return Issued{}, err
	}
	out := Issued{SerialNumber: string(certificate.Serial), PaymentID: from.PaymentID}
	if from.Order.Contacts != nil {
		out.Contacts = *from.Order.Contacts
	}
	if !out.PaymentID.IsZero() {
		return out, nil
	}
	// The money came in after the order was read.
	paid, err := a.Payments.PaidFor(ctx, orderID)
	out.PaymentID = paid.PaymentID
	return out, err
}

// refuse ends an order whose applicant's certificate was revoked meanwhile; its
// money waits as unapplied (A1c).
func (a *Authority) refuse(ctx context.Context, record order.Record) error {
	_, err := a.Orders.End(ctx, order.Ending{
		OrderID: record.ID, End: order.EndRefused, Reason: order.ReasonRevoked, By: order.BySystem, At: a.Now(),
		Report: order.Report{{Code: order.CheckCertificate, Verdict: order.VerdictFailed, Cause: "revoked"}},
	})
	return err
}

func (a *Authority) application(from Application) (ca.Application, error) {
	request, err := cms.ParseRequestFile(from.File.Content)
	if err != nil {
		return ca.Application{}, fmt.Errorf("read the request: %w", err)
	}
	return ca.Application{
		OrderID: from.Order.ID.String(), New: !from.Reserved, Request: request.Request, Subject: from.Checked.Subject, Service: from.Order.Service,
		Kind: from.Order.Kind, Years: from.Checked.Years, RequestedStart: from.Checked.RequestedStart.Start(), Now: a.Now(),
	}, nil
}
