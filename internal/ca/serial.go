package ca

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
)

const (
	// minSerialOctets leaves 64 random bits beside the two fixed ones.
	minSerialOctets = 9
	maxSerialOctets = 20
)

// Serial is a certificate's serial number: lower-case hexadecimal, two digits an octet.
type Serial string

// ErrSerial is returned for a text or a number that is no serial number.
var ErrSerial = errors.New("not a serial number: want a positive number of at most 20 octets in hexadecimal")

// NewSerial draws a positive number of exactly so many octets. The two top
// bits are 01: positive, and never shorter; all others are random.
func NewSerial(random io.Reader, octets int) (Serial, error) {
	if octets < minSerialOctets || octets > maxSerialOctets {
		return "", fmt.Errorf("%w: %d octets", ErrSerial, octets)
	}
	raw := make([]byte, octets)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw serial number: %w", err)
	}
	raw[0] = raw[0]&0x3f | 0x40
	return Serial(hex.EncodeToString(raw)), nil
}

// SerialOf writes a number as a Serial. It returns ErrSerial for a number that
// is not positive or too long.
func SerialOf(n *big.Int) (Serial, error) {
	if n == nil || n.Sign() <= 0 || len(n.Bytes()) > maxSerialOctets {
		return "", ErrSerial
	}
	return Serial(hex.EncodeToString(n.Bytes())), nil
}

// ParseSerial reads hexadecimal in either case, with or without leading zeros.
func ParseSerial(s string) (Serial, error) {
	n, ok := new(big.Int).SetString(s, 16)
	if !ok || len(s) > 2*maxSerialOctets+2 {
		return "", ErrSerial
	}
	return SerialOf(n)
}

// Int is the serial number as a number; nil for a text that is none.
func (s Serial) Int() *big.Int {
	n, ok := new(big.Int).SetString(string(s), 16)
	if !ok {
		return nil
	}
	return n
}
