package order

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// ID identifies an order, a confirmation, a payment or a document: a UUID
// (RFC 9562). Its zero value is the identifier of nothing.
type ID [16]byte

// ErrID is returned for a text that is no identifier.
var ErrID = errors.New("not an identifier: want a UUID such as 3f0c5d1e-8a55-4c7e-9d0b-6f1f2a3b4c5d")

// NewID makes a random identifier (version 4).
func NewID() ID {
	var id ID
	// It never fails: the program ends when the system has no randomness.
	_, _ = rand.Read(id[:])
	return id.marked(4)
}

// DerivedID is the identifier that follows from a purpose and its data: the
// same inputs always give the same one (version 8, from SHA-256).
func DerivedID(purpose string, data []byte) ID {
	h := sha256.New()
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(data)
	var id ID
	copy(id[:], h.Sum(nil))
	return id.marked(8)
}

func (id ID) marked(version byte) ID {
	id[6] = id[6]&0x0f | version<<4
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ParseID reads the canonical form, in letters of either case.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, ErrID
	}
	packed := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(packed)); err != nil {
		return ID{}, ErrID
	}
	return id, nil
}

// String is the canonical form in lower case; empty for the zero value.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// IsZero tells the identifier of nothing.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText writes the canonical form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the canonical form; an empty text is the zero value.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	parsed, err := ParseID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}
