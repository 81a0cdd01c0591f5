package notify

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// ErrIncomplete is returned when the data lack what the text is about. It names
// fields, never values.
var ErrIncomplete = errors.New("the message lacks")

// Data are the values of a message. A text leaves out what is empty, except what
// it cannot do without. JSON is the form in which an outbox keeps them; the
// credentials are never kept there.
type Data struct {
	// OrderNumber is the number people know the order or the confirmation by.
	OrderNumber string        `json:"orderNumber,omitempty"`
	Service     order.Service `json:"service,omitempty"`
	// Deadline is until when somebody has to act.
	Deadline      time.Time           `json:"deadline,omitzero"`
	Amount        order.Kopecks       `json:"amount,omitempty"`
	PaymentNumber order.PaymentNumber `json:"paymentNumber,omitempty"`
	// AmountBefore is what was to be paid before the amount changed.
	AmountBefore order.Kopecks `json:"amountBefore,omitempty"`
	// EndReason says why an order was annulled or refused.
	EndReason order.EndReason `json:"endReason,omitempty"`
	// Reason is what the manager wrote when rejecting.
	Reason       string `json:"reason,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	// Certificates counts the certificates of a confirmation.
	Certificates int `json:"certificates,omitempty"`
	// ERIPPath is where the bill stands in the tree of ERIP (P2).
	ERIPPath string `json:"eripPath,omitempty"`
	// PortalURL is the applicant's cabinet, StorageURL the certificate storage.
	PortalURL  string `json:"portalUrl,omitempty"`
	StorageURL string `json:"storageUrl,omitempty"`
	// CredentialsUntil is when login and password stop working.
	CredentialsUntil time.Time `json:"credentialsUntil,omitzero"`
	// CertificateFrom and CertificateEnds are from when to when the certificate
	// holds, which ends in DaysLeft days where R1 warns of that.
	CertificateFrom time.Time `json:"certificateFrom,omitzero"`
	CertificateEnds time.Time `json:"certificateEnds,omitzero"`
	// SignInFrom is set where a new certificate begins later: from then on its
	// owner can sign in with it (I7).
	SignInFrom time.Time `json:"signInFrom,omitzero"`
	DaysLeft   int       `json:"daysLeft,omitempty"`
	// Owner and SerialNumber name the certificate that R1 warns of; RenewPath is
	// the portal's page that opens the order which renews it.
	Owner        string `json:"owner,omitempty"`
	SerialNumber string `json:"serialNumber,omitempty"`
	RenewPath    string `json:"renewPath,omitempty"`

	// Again tells that the credentials replace earlier ones.
	Again    bool   `json:"-"`
	Login    string `json:"-"`
	Password string `json:"-"`
}

// maxValue caps what people wrote, in characters; a text is a message, not a file.
const maxValue = 500

// clean makes every value one line: a subject or an SMS must not grow lines, and
// a header must not grow headers.
func (d Data) clean() Data {
	for _, s := range []*string{
		&d.OrderNumber, &d.Reason, &d.Owner, &d.SerialNumber, &d.RenewPath, &d.Organisation, &d.PortalURL, &d.StorageURL, &d.Login, &d.Password,
	} {
		*s = oneLine(*s)
	}
	return d
}

func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxValue {
		s = string(runes[:maxValue-1]) + "…"
	}
	return s
}

// check refuses data without which the text would say nothing.
func (d Data) check(kind Kind, carried Parts) error {
	var missing []string
	need := func(name string, have bool) {
		if !have {
			missing = append(missing, name)
		}
	}
	switch kind {
	case order.NoticeCertificateEnds:
		need("certificate's end", !d.CertificateEnds.IsZero() && d.DaysLeft > 0)
		need("portal's address", d.PortalURL != "")
	case order.NoticeIssued, order.NoticeCredentialsAgain:
		need("order number", d.OrderNumber != "")
		need("login", !carried.Login || d.Login != "")
		need("password", !carried.Password || d.Password != "")
		need("storage's address", !carried.Link || d.StorageURL != "")
	case order.NoticePaymentDue, order.NoticeConfirmationPaymentDue:
		need("order number", d.OrderNumber != "")
		need("deadline", !d.Deadline.IsZero())
		need("amount", d.Amount > 0)
		need("payment number", d.PaymentNumber > 0)
		need("path in ERIP", d.ERIPPath != "")
	case order.NoticeConfirmationTotal:
		need("order number", d.OrderNumber != "")
		need("deadline", !d.Deadline.IsZero())
		need("both amounts", d.Amount > 0 && d.AmountBefore > 0)
		need("payment number", d.PaymentNumber > 0)
	case order.NoticePaymentReminder, order.NoticeConfirmationReminder:
		need("order number", d.OrderNumber != "")
		need("deadline", !d.Deadline.IsZero())
		need("amount", d.Amount > 0)
		need("payment number", d.PaymentNumber > 0)
	case order.NoticeApprovalReminder, order.NoticeFinishReminder, order.NoticeManagerReminder, order.NoticeWaitingForManager:
		need("order number", d.OrderNumber != "")
		need("deadline", !d.Deadline.IsZero())
	default:
		need("order number", d.OrderNumber != "")
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s: %w %s", kind, ErrIncomplete, strings.Join(missing, ", "))
	}
	return nil
}
