package renewal

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// ErrStatement is returned for information in a request that nobody can act on:
// not of the form of [ParseStatement], or the same thing said twice.
var ErrStatement = errors.New("the information of challengePassword cannot be understood")

// Statement is what an applicant says to the service inside of a request, in the
// information of challengePassword (STB 34.101.78, 8.2.2). The request is signed
// with the present certificate, and so is this.
type Statement struct {
	// Terms are the versions accepted, as [Acceptance] writes them; empty for none.
	Terms string
	// Email and Phone are contacts (S2) as they were written; empty for those of before.
	Email, Phone string
	// Payment is one made before that is to pay for this order (P4); zero for none.
	Payment order.PaymentNumber
}

// Acceptance writes the versions of agreement and contract as a statement has them
// (S1): each with anything but letters, digits and -._~ percent-encoded, with a
// slash between them.
func Acceptance(agreementVersion, contractVersion string) string {
	return url.PathEscape(agreementVersion) + "/" + url.PathEscape(contractVersion)
}

// ParseStatement reads the information of a request: words with blanks between
// them, each at most once, in any order: terms=AGREEMENT/CONTRACT, email=ADDRESS,
// phone=+375…, and a payment as [payments.InfoNumber] reads it. Empty information
// is an empty statement. Error: ErrStatement.
func ParseStatement(info string) (Statement, error) {
	var s Statement
	for _, word := range strings.Fields(info) {
		name, value, named := strings.Cut(word, "=")
		var field *string
		switch {
		case !named:
			n, err := payments.InfoNumber("/INFO:" + word)
			if err != nil || s.Payment != 0 {
				return Statement{}, fmt.Errorf("%w: the payment", ErrStatement)
			}
			s.Payment = n
			continue
		case name == "terms":
			field = &s.Terms
		case name == "email":
			field = &s.Email
		case name == "phone":
			field = &s.Phone
		default:
			return Statement{}, fmt.Errorf("%w: an unknown word", ErrStatement)
		}
		if value == "" || *field != "" {
			return Statement{}, fmt.Errorf("%w: %s", ErrStatement, name)
		}
		*field = value
	}
	return s, nil
}

// Info writes the statement as [ParseStatement] reads it.
func (s Statement) Info() string {
	var words []string
	if s.Payment != 0 {
		words = append(words, s.Payment.ERIP())
	}
	for _, w := range [][2]string{{"terms", s.Terms}, {"email", s.Email}, {"phone", s.Phone}} {
		if w[1] != "" {
			words = append(words, w[0]+"="+w[1])
		}
	}
	return strings.Join(words, " ")
}

var oidChallenge = pki.OID{1, 2, 840, 113549, 1, 9, 7}

// statementOf reads the attribute of a certification request. A ticket of issue
// belongs to other processes.
func statementOf(r *pki.Request) (Statement, error) {
	for _, a := range r.Attributes {
		if !a.OID.Equal(oidChallenge) {
			continue
		}
		if len(a.Values) != 1 {
			return Statement{}, ErrStatement
		}
		c, err := bpki.ParseChallengeValue(a.Values[0])
		if err != nil || c.Ticket != "" {
			return Statement{}, ErrStatement
		}
		return ParseStatement(c.Info)
	}
	return Statement{}, nil
}
