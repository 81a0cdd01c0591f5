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

// Orders gives an order with the request that passed its checks and its file.
type Orders interface {
	Application(ctx context.Context, id order.ID) (order.CheckedRequest, order.Document, order.Record, error)
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
	checked, file, record, err := a.Orders.Application(ctx, orderID)
	if err != nil {
		return Issued{}, err
	}
	application, err := a.application(checked, file, record)
	if err != nil {
		return Issued{}, err
	}
	certificate, err := a.Service.Issue(ctx, application)
	if errors.Is(err, ErrRevoked) {
		return Issued{}, errors.Join(err, a.refuse(ctx, record))
	}
	if err != nil {
		return Issued{}, err
	}
	out := Issued{SerialNumber: string(certificate.Serial)}
	if record.Contacts != nil {
		out.Contacts = *record.Contacts
	}
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

func (a *Authority) application(checked order.CheckedRequest, file order.Document, record order.Record) (ca.Application, error) {
	request, err := cms.ParseRequestFile(file.Content)
	if err != nil {
		return ca.Application{}, fmt.Errorf("read the request: %w", err)
	}
	return ca.Application{
		OrderID: record.ID.String(), Request: request.Request, Subject: checked.Subject, Service: record.Service, Kind: record.Kind, Years: checked.Years,
		RequestedStart: checked.RequestedStart.Start(), Now: a.Now(),
	}, nil
}
