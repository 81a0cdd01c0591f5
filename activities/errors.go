package activities

import (
	"errors"

	"go.temporal.io/sdk/temporal"
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
