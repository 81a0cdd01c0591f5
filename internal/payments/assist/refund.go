package assist

import (
	"context"
	"errors"
	"regexp"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// CancelReason tells the gateway who wants the money back.
type CancelReason string

// The reasons of a refund.
const (
	CancelByShop     CancelReason = "1"
	CancelByCustomer CancelReason = "2"
	CancelFraud      CancelReason = "3"
)

// Refund asks for money to go back.
type Refund struct {
	// BillNumber is the attempt that paid.
	BillNumber string
	// Amount is a part of the payment; zero gives all of it back.
	Amount order.Kopecks
	// Reason is CancelByCustomer when empty.
	Reason CancelReason
	// Key makes the refund happen once however often it is asked for: 10 to
	// 100 of Latin letters, digits, hyphen and underscore, unique in the order.
	Key string
}

// ErrAlreadyRefunded is returned when the gateway knows the refund's key: the
// refund has been made before.
var ErrAlreadyRefunded = errors.New("assist: refund is made already")

var (
	refundKey  = regexp.MustCompile(`^[A-Za-z0-9_-]{10,100}$`)
	billNumber = regexp.MustCompile(`^[0-9]{15,16}(\.[0-9]{1,3})?$`)
)

// Refund gives money back. An error that is neither a *GatewayError nor
// ErrAlreadyRefunded leaves open whether it was: ask again with the same key.
func (g *Gateway) Refund(ctx context.Context, r Refund) (Status, error) {
	switch {
	case !billNumber.MatchString(r.BillNumber):
		return Status{}, errors.New("assist: refund: not a bill number")
	case !refundKey.MatchString(r.Key):
		return Status{}, errors.New("assist: refund: key must be 10 to 100 letters, digits, hyphens or underscores")
	case r.Amount < 0:
		return Status{}, errors.New("assist: refund: amount is negative")
	}
	v := g.credentials()
	v.Set("Billnumber", r.BillNumber)
	v.Set("Externalrefundid", r.Key)
	v.Set("CancelReason", string(CancelByCustomer))
	if r.Reason != "" {
		v.Set("CancelReason", string(r.Reason))
	}
	if r.Amount > 0 {
		v.Set("Amount", r.Amount.String())
		v.Set("Currency", payments.BYN)
	}
	raw, err := g.call(ctx, "/cancel/cancel.cfm", v)
	if err != nil {
		return Status{}, err
	}
	status, err := parseResult(raw, func(orderXML) error { return nil })
	var refused *GatewayError
	if errors.As(err, &refused) && refused.First == FirstDuplicate {
		return Status{}, errors.Join(ErrAlreadyRefunded, err)
	}
	return status, err
}
