package order

import "time"

// MayBePaid tells whether money for the order can be asked for at the instant:
// it is not paid, its payment term runs (D2), and it waits for the payment or,
// within the visibility term, for the manager (M2, M3).
func MayBePaid(r Record, paid bool, at time.Time) bool {
	if paid || !r.PayBy.After(at) {
		return false
	}
	switch r.Stage {
	case StageAwaitingPayment:
		return true
	case StageAwaitingApproval:
		return r.Until.After(at)
	case StageTerms, StageRequest, StageChecking, StageIssuing, StageEnded:
		return false
	default:
		return false
	}
}

// MayBeConfirmed tells whether a manager can put the order on a list at the
// instant: money can be asked for, and no open payment, whose id is heldBy,
// has taken it (M5, P8).
func MayBeConfirmed(r Record, heldBy ID, at time.Time) bool {
	return r.Service.NeedsApproval() && heldBy.IsZero() && MayBePaid(r, false, at)
}
