package activities

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Types of the application errors that workflows tell apart. They are final:
// trying the same step again cannot help.
const (
	// ErrTypeNotSaved: the request could not be saved for good (S8).
	ErrTypeNotSaved = "not-saved"
	// ErrTypeNoPrice: the tariff has no price for what is ordered (P7).
	ErrTypeNoPrice = "no-price"
	// ErrTypeNothingToConfirm: none of the chosen orders can be confirmed.
	ErrTypeNothingToConfirm = "nothing-to-confirm"
	// ErrTypeNotFound: a document or row named by the workflow is not there.
	ErrTypeNotFound = "not-found"
)

// Errors by which adapters tell the same things to activities.
var (
	ErrNotSaved         = errors.New("the key of the request is already in use")
	ErrNoPrice          = errors.New("the tariff has no price for what is ordered")
	ErrNothingToConfirm = errors.New("none of the chosen orders can be confirmed any more")
	ErrNotFound         = errors.New("not found")
)

// NotIssuableError says that the certification authority would refuse an
// application, and which check that fails, with the field of the subject if it
// is one of those.
type NotIssuableError struct {
	Check order.CheckCode
	Field order.Field
	Err   error
}

// Error gives the authority's reason.
func (e *NotIssuableError) Error() string { return e.Err.Error() }

// Unwrap gives the authority's error.
func (e *NotIssuableError) Unwrap() error { return e.Err }

// applicationError turns a final error into one that is not retried; any other
// passes unchanged and is retried.
func applicationError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotSaved):
		return temporal.NewNonRetryableApplicationError(ErrNotSaved.Error(), ErrTypeNotSaved, err)
	case errors.Is(err, ErrNoPrice):
		return temporal.NewNonRetryableApplicationError(ErrNoPrice.Error(), ErrTypeNoPrice, err)
	case errors.Is(err, ErrNothingToConfirm):
		return temporal.NewNonRetryableApplicationError(ErrNothingToConfirm.Error(), ErrTypeNothingToConfirm, err)
	case errors.Is(err, ErrNotFound):
		return temporal.NewNonRetryableApplicationError(ErrNotFound.Error(), ErrTypeNotFound, err)
	default:
		return err
	}
}
