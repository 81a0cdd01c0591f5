package order

import "errors"

// Errors by which the parts of the system tell each other why a decision was
// not taken. Trying the same again cannot help.
var (
	// ErrNotFound: what is named is not there, or not the caller's.
	ErrNotFound = errors.New("not found")
	// ErrStage: the stage does not allow the decision.
	ErrStage = errors.New("the order's stage does not allow this")
	// ErrUnchanged: the decision was taken before; nothing is left to write.
	ErrUnchanged = errors.New("already decided so")
	// ErrKeyInUse: the public key stands in a certificate or in another open order (S3, S8).
	ErrKeyInUse = errors.New("the key of the request is already in use")
	// ErrTooManyOpen: the person has as many open orders as are allowed (A6).
	ErrTooManyOpen = errors.New("too many open orders")
	// ErrTermsOutdated: another version of agreement or contract is on offer (S1).
	ErrTermsOutdated = errors.New("another version of the terms is on offer")
	// ErrPaid: the money is there already (S10, D7).
	ErrPaid = errors.New("the order is paid already")
	// ErrUnpaid: no money is applied to what is said to be paid (P4, I1).
	ErrUnpaid = errors.New("not paid")
	// ErrNothingToConfirm: none of the chosen orders can be confirmed any more (P8).
	ErrNothingToConfirm = errors.New("none of the chosen orders can be confirmed any more")
	// ErrListOutdated: other prices are in force than those on the list (M5, P7).
	ErrListOutdated = errors.New("the prices on the list are not in force any more")
)
