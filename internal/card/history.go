package card

import (
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// history are the entries of the audit log that an order's certificate rests on.
type history struct {
	// checked and saved are of the request (S3–S8), issued is of the certificate (I1).
	checked, saved, issued audit.Entry
	// approved is the approval on a signed list, signed the signature over it (M6),
	// taken the last approval, in which the order is paid: another than approved
	// after a confirmation that lapsed (P8). Zero for 6.0.00.
	approved, signed, taken audit.Entry
	// applied is the payment.
	applied audit.Entry
}

// service of the order, as the log names it.
func (h history) service() order.Service { return order.Service(h.issued.Evidence["service"]) }

// payable is what was paid: the order itself, or the confirmation.
func (h history) payable() string {
	if h.service().NeedsApproval() {
		return h.taken.Evidence["confirmation"]
	}
	return h.issued.OrderID
}

// entries in the order in which they have to stand in the log.
func (h history) entries() []audit.Entry {
	if !h.service().NeedsApproval() {
		return []audit.Entry{h.checked, h.saved, h.applied, h.issued}
	}
	if h.taken.Sequence == h.approved.Sequence {
		return []audit.Entry{h.checked, h.saved, h.signed, h.approved, h.applied, h.issued}
	}
	return []audit.Entry{h.checked, h.saved, h.signed, h.approved, h.taken, h.applied, h.issued}
}

var errHistory = errors.New("the audit log does not tell of it")

// historyOf finds the entries of an order among those of the log; those of
// others are passed over.
func historyOf(entries []audit.Entry, orderID string) (history, error) {
	own := func(action audit.Action, of, name, value string) func(audit.Entry) bool {
		return func(e audit.Entry) bool {
			return e.Action == action && e.OrderID == of && (name == "" || value != "" && e.Evidence[name] == value)
		}
	}
	var h history
	var err error
	if h.issued, err = one(entries, own(audit.ActionCertificateIssued, orderID, "", "")); err != nil {
		return h, fmt.Errorf("issue: %w", err)
	}
	if _, err = order.ParseService(string(h.service())); err != nil {
		return h, fmt.Errorf("issue: %w", err)
	}
	if h.saved, err = one(entries, own(audit.ActionRequestSaved, orderID, "", "")); err != nil {
		return h, fmt.Errorf("request: %w", err)
	}
	if h.checked, err = one(entries, own(audit.ActionRequestChecked, orderID, "request-id", h.saved.Evidence["request-id"])); err != nil {
		return h, fmt.Errorf("check of the request: %w", err)
	}
	if h.service().NeedsApproval() {
		if err = h.approvals(entries, orderID); err != nil {
			return h, err
		}
	}
	// A payment can be taken off and applied again: the last time counts.
	paid := own(audit.ActionPaymentApplied, h.payable(), "payment", h.issued.Evidence["payment"])
	for _, e := range entries {
		if paid(e) && e.Sequence < h.issued.Sequence {
			h.applied = e
		}
	}
	if h.applied.Sequence == 0 {
		return h, fmt.Errorf("payment: %w", errHistory)
	}
	return h, nil
}

func (h *history) approvals(entries []audit.Entry, orderID string) error {
	for _, e := range entries {
		if e.Action == audit.ActionApproved && e.OrderID == orderID {
			if h.taken = e; e.Evidence["list"] != "" {
				if h.approved.Sequence != 0 {
					return fmt.Errorf("approval: entries %d and %d are both of a signed list", h.approved.Sequence, e.Sequence)
				}
				h.approved = e
			}
		}
	}
	if h.approved.Sequence == 0 {
		return fmt.Errorf("approval: %w", errHistory)
	}
	var err error
	h.signed, err = one(entries, func(e audit.Entry) bool {
		return e.Action == audit.ActionListSigned && e.OrderID == h.approved.Evidence["confirmation"]
	})
	if err != nil {
		return fmt.Errorf("signature over the list: %w", err)
	}
	return nil
}

// one is the only entry of a kind.
func one(entries []audit.Entry, is func(audit.Entry) bool) (audit.Entry, error) {
	var found []audit.Entry
	for _, e := range entries {
		if is(e) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return audit.Entry{}, fmt.Errorf("%w, or several times", errHistory)
	}
	return found[0], nil
}
