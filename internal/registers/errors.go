package registers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

var (
	// ErrNotFound is a register's definite answer that it knows no such person or organisation.
	ErrNotFound = errors.New("the register has no such record")
	// ErrUnavailable is returned when a register gave no usable answer: ask again later.
	ErrUnavailable = errors.New("the register does not answer")
)

// Definite turns "no such record" into the zero record, which the comparisons
// read as absent, and leaves only errors that are worth a retry.
func Definite[T any](record T, err error) (T, error) {
	if errors.Is(err, ErrNotFound) {
		var none T
		return none, nil
	}
	return record, err
}

// unavailable says which register failed and how. The cause is one of our own
// words or an error that net made about a host, never one with a URL in it.
func unavailable(register, cause string) error {
	return fmt.Errorf("%s: %w: %s", register, ErrUnavailable, cause)
}

// transportFailure classifies an error of net/http, whose text repeats the URL
// and with it the personal number that was asked for.
func transportFailure(register string, err error) error {
	var (
		timeout     net.Error
		certificate *tls.CertificateVerificationError
		lookup      *net.DNSError
		operation   *net.OpError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w: %w", register, ErrUnavailable, context.Canceled)
	case errors.As(err, &timeout) && timeout.Timeout():
		return unavailable(register, "timed out")
	case errors.As(err, &certificate):
		return unavailable(register, "its TLS certificate is not trusted")
	case errors.As(err, &lookup):
		return unavailable(register, "its host name has no address")
	case errors.As(err, &operation):
		return unavailable(register, "no connection ("+operation.Op+")")
	default:
		return unavailable(register, "the connection broke")
	}
}
