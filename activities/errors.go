package activities

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Types of the application errors that workflows tell apart. They are final:
// trying the same step again cannot help.
const (
	// ErrTypeNotFound: what the workflow names is not there.
	ErrTypeNotFound = "not-found"
	// ErrTypeNotProven: what the issue rests on is not in the database (M6, P4).
	ErrTypeNotProven = "not-proven"
)

// ErrTypeNotSaved is the type of an error that is tried again: the checks were
// passed, and what they came to could not be saved (S8).
const ErrTypeNotSaved = "not-saved"

// ErrNotProven is returned by an authority that finds no proof of the checks,
// the approval or the payment of what it is to certify; operators are alarmed.
var ErrNotProven = errors.New("nothing proves that this may be issued")

// ErrClosed is returned for a workflow that is closed or never was.
var ErrClosed = errors.New("the workflow is closed")

// applicationError turns a final error into one that is not retried; any other
// passes unchanged and is retried.
func applicationError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, order.ErrNotFound):
		return temporal.NewNonRetryableApplicationError(order.ErrNotFound.Error(), ErrTypeNotFound, err)
	case errors.Is(err, ErrNotProven):
		return temporal.NewNonRetryableApplicationError(ErrNotProven.Error(), ErrTypeNotProven, err)
	default:
		return err
	}
}
