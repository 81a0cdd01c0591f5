package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/seal"
)

const redacted = "[redacted]"

// Secret is a text that is never printed, logged or marshalled. Its zero
// value is "not set".
type Secret struct {
	// A pointer, because fmt prints the fields of unexported structs without
	// asking their methods: an address tells nothing.
	value *string
}

// NewSecret hides a text; the empty one is "not set".
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{value: nil}
	}
	return Secret{value: &value}
}

// UnmarshalText takes any text.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// Reveal is the text itself, or nothing when it is not set.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Set tells whether there is a value.
func (s Secret) Set() bool { return s.value != nil }

// String hides the value.
func (s Secret) String() string {
	if !s.Set() {
		return ""
	}
	return redacted
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the value from every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value from JSON, YAML and XML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MasterKeys are the named keys that seal secrets at rest, primary first.
type MasterKeys struct{ ring *seal.Keyring }

// UnmarshalText reads name:base64,name2:base64.
func (m *MasterKeys) UnmarshalText(text []byte) error {
	ring, err := seal.ParseKeyring(string(text))
	if err != nil {
		return err
	}
	m.ring = ring
	return nil
}

// Keyring seals and opens; it is nil only in a configuration that was not loaded.
func (m MasterKeys) Keyring() *seal.Keyring { return m.ring }

// String names the keys and hides them.
func (m MasterKeys) String() string { return m.ring.String() }

// MarshalText hides the keys.
func (m MasterKeys) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// minHashKey is the least length of a HashKey in bytes.
const minHashKey = 32

// HashKey keys the hash that makes workflow ids of persons. Changing it makes
// open orders unreachable.
type HashKey struct{ secret Secret }

// UnmarshalText reads at least 32 bytes in base64.
func (k *HashKey) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) < minHashKey {
		// The decoder's own error would quote the key.
		return errors.New("want at least 32 bytes in base64")
	}
	k.secret = NewSecret(string(raw))
	return nil
}

// Reveal is the key itself.
func (k HashKey) Reveal() []byte { return []byte(k.secret.Reveal()) }

// String hides the key.
func (k HashKey) String() string { return k.secret.String() }

// MarshalText hides the key.
func (k HashKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
