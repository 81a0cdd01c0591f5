package der

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// StringType is the ASN.1 type of a character string.
type StringType uint8

// The string types of names.
const (
	UTF8String      StringType = 12
	NumericString   StringType = 18
	PrintableString StringType = 19
	TeletexString   StringType = 20
	IA5String       StringType = 22
	VisibleString   StringType = 26
	UniversalString StringType = 28
	BMPString       StringType = 30
)

// DecodeText turns the contents of a string type into UTF-8; false for
// contents that the type cannot have and for types that are no strings.
func DecodeText(t StringType, raw []byte) (string, bool) {
	switch t {
	case UTF8String:
		return string(raw), utf8.Valid(raw)
	case NumericString, PrintableString, TeletexString, IA5String, VisibleString:
		// Teletex has no agreed meaning above ASCII.
		for _, b := range raw {
			if b >= 0x80 {
				return "", false
			}
		}
		return string(raw), true
	case BMPString:
		return decodeUTF16(raw)
	case UniversalString:
		return decodeUTF32(raw)
	default:
		return "", false
	}
}

func decodeUTF16(raw []byte) (string, bool) {
	if len(raw)%2 != 0 {
		return "", false
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		units = append(units, binary.BigEndian.Uint16(raw[i:]))
	}
	s := string(utf16.Decode(units))
	// Half a surrogate pair would turn into U+FFFD and make different names equal.
	return s, !strings.ContainsRune(s, utf8.RuneError)
}

func decodeUTF32(raw []byte) (string, bool) {
	if len(raw)%4 != 0 {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(raw); i += 4 {
		r := binary.BigEndian.Uint32(raw[i:])
		if r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
			return "", false
		}
		b.WriteRune(rune(r))
	}
	return b.String(), true
}

// ReadText reads any string type as UTF-8.
func ReadText(s *cryptobyte.String, text *string, t *StringType) bool {
	var raw cryptobyte.String
	var tag asn1.Tag
	if !s.ReadAnyASN1(&raw, &tag) {
		return false
	}
	v, ok := DecodeText(StringType(tag), raw)
	*text, *t = v, StringType(tag)
	return ok
}

// AddText writes a string; it fails the builder for text the type cannot hold.
func AddText(b *cryptobyte.Builder, t StringType, text string) {
	raw, ok := encodeText(t, text)
	if !ok {
		b.SetError(fault.New(fault.Malformed, "text that string type %d cannot hold", t))
		return
	}
	b.AddASN1(asn1.Tag(t), func(b *cryptobyte.Builder) { b.AddBytes(raw) })
}

func encodeText(t StringType, text string) ([]byte, bool) {
	switch t {
	case UTF8String:
		return []byte(text), utf8.ValidString(text)
	case PrintableString:
		return []byte(text), Printable(text)
	case IA5String, NumericString, TeletexString, VisibleString:
		return []byte(text), strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	case BMPString:
		var raw []byte
		for _, r := range text {
			if r > 0xFFFF || r == utf8.RuneError {
				return nil, false
			}
			raw = binary.BigEndian.AppendUint16(raw, uint16(r))
		}
		return raw, true
	case UniversalString:
		return nil, false
	default:
		return nil, false
	}
}

// Printable tells whether a PrintableString can hold the text.
func Printable(s string) bool {
	for _, r := range s {
		alnum := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !alnum && !strings.ContainsRune(" '()+,-./:=?", r) {
			return false
		}
	}
	return true
}
