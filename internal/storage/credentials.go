package storage

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Login names one set of credentials: RC-XXXX-XXXX.
type Login string

// Password is a secret in the clear. It prints and logs as [redacted]; Reveal
// gives the text for the one who may see it.
type Password struct{ text string }

// ErrLogin is returned for a text that cannot be a login.
var ErrLogin = errors.New("not a login: want RC-XXXX-XXXX")

const (
	loginPrefix  = "RC"
	loginBytes   = 5  // 8 characters
	secretBytes  = 10 // 16 characters: 80 bits
	groupSize    = 4
	redacted     = "[redacted]"
	maxTypedText = 64
)

// alphabet has no I, L, O and U: 0 and 1 cannot be misread, and what is typed
// as one of the left-out letters is still understood.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCredentials draws a login (40 bits) and a password (80 bits) from a
// source of secure random octets, such as crypto/rand.Reader.
func NewCredentials(random io.Reader) (Login, Password, error) {
	raw := make([]byte, loginBytes+secretBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", Password{}, fmt.Errorf("draw credentials: %w", err)
	}
	encoding := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)
	login := loginPrefix + "-" + grouped(encoding.EncodeToString(raw[:loginBytes]))
	return Login(login), Password{grouped(encoding.EncodeToString(raw[loginBytes:]))}, nil
}

// ParseLogin reads a login as people type it: any case, with or without
// hyphens and the prefix, Cyrillic look-alikes included. It returns ErrLogin.
func ParseLogin(s string) (Login, error) {
	n := normal(s)
	if len(n) == 2*groupSize+len(loginPrefix) {
		n = strings.TrimPrefix(n, loginPrefix)
	}
	if len(n) != 2*groupSize || strings.Trim(n, alphabet) != "" {
		return "", ErrLogin
	}
	return Login(loginPrefix + "-" + grouped(n)), nil
}

// TypedPassword reads a password as people type it. Any text gives a password:
// a wrong one is found out by its hash, at the same cost as a right one.
func TypedPassword(s string) Password { return Password{grouped(normal(s))} }

// Reveal gives the password in the clear.
func (p Password) Reveal() string { return p.text }

// String hides the password.
func (p Password) String() string { return redacted }

// Format keeps every verb of fmt from printing the password.
func (p Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue keeps slog from printing the password.
func (p Password) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON keeps the password out of JSON.
func (p Password) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

func normal(s string) string {
	if len(s) > maxTypedText {
		s = s[:maxTypedText]
	}
	s = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u2013", "", "\u2014", "").Replace(order.Latin(s))
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s)
}

func grouped(s string) string {
	var b strings.Builder
	for i, r := range []byte(s) {
		if i > 0 && i%groupSize == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(r)
	}
	return b.String()
}
