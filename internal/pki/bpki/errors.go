package bpki

import (
	"errors"
	"fmt"
)

// Why a document is refused; errors of this package are or wrap one of these.
// None holds personal data or secrets.
var (
	// ErrMalformed: not the structure wanted, not in DER, or followed by other octets.
	ErrMalformed = errors.New("bpki: malformed")
	// ErrTooLarge: longer than the limit for its kind.
	ErrTooLarge = errors.New("bpki: too large")
	// ErrAlgorithm: an algorithm or parameters that the profile does not allow.
	ErrAlgorithm = errors.New("bpki: algorithm is not one of STB 34.101.78")
	// ErrIterations: a number of iterations out of [MinIterations] to [MaxIterations].
	ErrIterations = errors.New("bpki: number of iterations out of bounds")
	// ErrPassword: the password is wrong, or the container is damaged.
	ErrPassword = errors.New("bpki: wrong password or damaged container")
	// ErrPasswordText: a password to protect with that is empty, not in UTF-8, or has NUL in it.
	ErrPasswordText = errors.New("bpki: password must be text in UTF-8, not empty and without NUL")
	// ErrKey: a key that is out of range, off its curve, or of another kind.
	ErrKey = errors.New("bpki: key is not a valid one of a standard curve")
	// ErrRecipient: enveloped for another certificate or key, or damaged.
	ErrRecipient = errors.New("bpki: enveloped for another key, or damaged")
	// ErrSignature: the signature is not of this content by the certificate inside.
	ErrSignature = errors.New("bpki: signature does not verify")
	// ErrMismatch: a response to another request, a certificate of another key, or
	// a signing key that is not the certificate's.
	ErrMismatch = errors.New("bpki: does not belong together")
	// ErrWork: the proof of work is missing, too little, or of another message.
	ErrWork = errors.New("bpki: not enough work was done for the message")
)

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
