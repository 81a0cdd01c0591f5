package operation

import (
	"errors"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// Why an operation is refused, besides the errors of package bpki.
var (
	// ErrCertificate: the file is no certificate of a key of STB 34.101.45.
	ErrCertificate = errors.New("operation: not a certificate of a bign key")
	// ErrContainer: the file is no container of STB 34.101.78.
	ErrContainer = errors.New("operation: not a container of a key")
	// ErrPasswordShort: fewer characters than [MinPassword].
	ErrPasswordShort = errors.New("operation: the password is too short")
	// ErrPosition: a position that no certificate can have.
	ErrPosition = errors.New("operation: not a position")
	// ErrTerm: a term that the rules do not know (rule S6).
	ErrTerm = errors.New("operation: not a term")
	// ErrUnknown: there is no such operation.
	ErrUnknown = errors.New("operation: unknown")
)

var codes = []struct {
	err  error
	code string
}{
	{ErrCertificate, "certificate"},
	{ErrContainer, "container"},
	{ErrPasswordShort, "password-short"},
	{ErrPosition, "position"},
	{ErrTerm, "term"},
	{bpki.ErrPassword, "password"},
	{bpki.ErrPasswordText, "password-text"},
	{bpki.ErrMismatch, "mismatch"},
	{bpki.ErrTooLarge, "too-large"},
}

// Codes lists what [Code] can say of an error.
func Codes() []string {
	out := []string{"failed"}
	for _, c := range codes {
		out = append(out, c.code)
	}
	return out
}

// Code names why an operation was refused; pages have a text for each.
func Code(err error) string {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return "failed"
}
