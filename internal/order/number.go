package order

import (
	"errors"
	"fmt"
	"strconv"
)

// PaymentNumber is the nine-digit number under which something is paid for:
// an order of 6.0.00 or a confirmation of 6.0.02 (номер заказа на оплату).
type PaymentNumber int64

// MaxPaymentNumber is the largest number that fits nine digits.
const MaxPaymentNumber PaymentNumber = 999_999_999

// ErrPaymentNumber is returned for a text that is no payment number.
var ErrPaymentNumber = errors.New("not a payment number: want NOAIS or ROAIS and nine digits")

// NewPaymentNumber checks that the number fits nine digits and is not zero.
func NewPaymentNumber(n int64) (PaymentNumber, error) {
	if n < 1 || n > int64(MaxPaymentNumber) {
		return 0, ErrPaymentNumber
	}
	return PaymentNumber(n), nil
}

// ParsePaymentNumber reads NOAIS000092239 or ROAIS000092239, exactly so spelled.
func ParsePaymentNumber(s string) (PaymentNumber, error) {
	if len(s) != 14 || (s[:5] != "NOAIS" && s[:5] != "ROAIS") {
		return 0, ErrPaymentNumber
	}
	// Unsigned, so that no sign is taken for a digit.
	n, err := strconv.ParseUint(s[5:], 10, 63)
	if err != nil {
		return 0, ErrPaymentNumber
	}
	return NewPaymentNumber(int64(n))
}

// ERIP writes the number as a payer types it in ERIP and pays by card (P2).
func (n PaymentNumber) ERIP() string { return fmt.Sprintf("NOAIS%09d", int64(n)) }

// ClientBank writes the number as it stands in the purpose of a bank payment (P3).
func (n PaymentNumber) ClientBank() string { return fmt.Sprintf("ROAIS%09d", int64(n)) }
