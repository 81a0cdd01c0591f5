package request

import (
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// namedPayment reads the payment number in challengePassword as STB 34.101.78
// writes it, "/INFO:erip234123"; 0 when there is none. Programs put other texts
// into the attribute, so what cannot be read names nothing and refuses nothing.
func namedPayment(r *pki.Request) order.PaymentNumber {
	value, present, err := pki.SingleValue(r.Attributes, pki.OIDChallengePassword)
	if err != nil || !present {
		return 0
	}
	challenge, err := bpki.ParseChallengeValue(value)
	if err != nil || challenge.Info == "" {
		return 0
	}
	number, err := payments.InfoNumber("/INFO:" + challenge.Info)
	if err != nil {
		return 0
	}
	return number
}
