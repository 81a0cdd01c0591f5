package payload

import "errors"

// Errors of what is encrypted; those of keys are the package keyring's.
var (
	// ErrKeysUnavailable says that the key store does not answer; trying again may help.
	ErrKeysUnavailable = errors.New("the key store does not answer")
	// ErrNoWorkflow says that a value is to be encrypted outside any workflow,
	// so that there is no order whose key could be used.
	ErrNoWorkflow = errors.New("nothing is encrypted outside a workflow: there is no key to use")
	// ErrTampered says that an encrypted payload was changed or cut.
	ErrTampered = errors.New("encrypted payload does not open")
)
