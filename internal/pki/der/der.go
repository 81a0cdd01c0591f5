package der

import (
	"bytes"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// maxDepth bounds how deep structures may nest; real ones stay below 20.
const maxDepth = 40

const lowTagMask = 0x1f

// Check tells precisely why bytes are not one DER element: truncated,
// followed by others, or with a length that DER does not have.
func Check(der []byte) error {
	rest, err := skipDER(der, 0)
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		return fault.New(fault.Trailing, "%d octets follow the structure", len(rest))
	}
	return nil
}

func skipDER(in []byte, depth int) (rest []byte, err error) {
	if depth > maxDepth {
		return nil, fault.New(fault.Malformed, "nested too deep")
	}
	head, length, err := Header(in)
	if err != nil {
		return nil, err
	}
	if length > len(in)-head {
		return nil, fault.New(fault.Truncated, "an element is longer than what is left")
	}
	body := in[head : head+length]
	if in[0]&0x20 != 0 {
		for len(body) > 0 {
			if body, err = skipDER(body, depth+1); err != nil {
				return nil, err
			}
		}
	}
	return in[head+length:], nil
}

// Header reads tag and length; the length is at most an int32, so that no
// sum of it overflows.
func Header(in []byte) (head, length int, err error) {
	if len(in) < 2 {
		return 0, 0, fault.New(fault.Truncated, "an element without a length")
	}
	if in[0]&lowTagMask == lowTagMask {
		return 0, 0, fault.New(fault.Malformed, "a tag number above 30")
	}
	first := int(in[1])
	switch {
	case first < 0x80:
		return 2, first, nil
	case first == 0x80:
		return 0, 0, fault.New(fault.Indefinite, "an element of indefinite length")
	case first > 0x84:
		return 0, 0, fault.New(fault.Malformed, "a length of more than four octets")
	}
	n := first & 0x7f
	if len(in) < 2+n {
		return 0, 0, fault.New(fault.Truncated, "a length that is cut off")
	}
	var v uint32
	for _, b := range in[2 : 2+n] {
		v = v<<8 | uint32(b)
	}
	if v < 0x80 || n > 1 && v>>(8*(n-1)) == 0 {
		return 0, 0, fault.New(fault.Malformed, "a length that is not minimal")
	}
	if v > 1<<30 {
		return 0, 0, fault.New(fault.Truncated, "an element is longer than what is left")
	}
	return 2 + n, int(v), nil
}

// Open checks the bytes as one DER element, copies them so that later changes
// of the caller's slice cannot reach the parsed result, and enters the SEQUENCE.
func Open(der []byte, what string) (raw []byte, body cryptobyte.String, err error) {
	if err := Check(der); err != nil {
		return nil, nil, fault.Within(what, err)
	}
	raw = bytes.Clone(der)
	s := cryptobyte.String(raw)
	if !s.ReadASN1(&body, asn1.SEQUENCE) {
		return nil, nil, fault.New(fault.Malformed, "%s: not a sequence", what)
	}
	return raw, body, nil
}

// Malformed refuses what is not the structure wanted.
func Malformed(what string) error { return fault.New(fault.Malformed, "%s", what) }

// ReadTime reads a Time of RFC 5280: UTCTime or GeneralizedTime.
func ReadTime(s *cryptobyte.String, out *time.Time) bool {
	if s.PeekASN1Tag(asn1.UTCTime) {
		return s.ReadASN1UTCTime(out)
	}
	return s.ReadASN1GeneralizedTime(out)
}

// AddTime writes UTCTime through 2049 and GeneralizedTime after (RFC 5280, 4.1.2.5).
func AddTime(b *cryptobyte.Builder, t time.Time) {
	t = t.UTC().Truncate(time.Second)
	if t.Year() >= 1950 && t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// ContextTag is an implicit context-specific tag of a primitive type.
func ContextTag(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific() }

// ExplicitTag is an explicit context-specific tag.
func ExplicitTag(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

// ReadElement reads any one element, header included.
func ReadElement(s *cryptobyte.String, out *[]byte) bool {
	var e cryptobyte.String
	if !s.ReadAnyASN1Element(&e, nil) {
		return false
	}
	*out = e
	return true
}

// Build runs a builder for one structure; the continuation fails by SetError.
func Build(f func(b *cryptobyte.Builder)) ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	f(b)
	out, err := b.Bytes()
	if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "building")
	}
	return out, nil
}

// AddSequence writes a SEQUENCE.
func AddSequence(b *cryptobyte.Builder, f func(b *cryptobyte.Builder)) { b.AddASN1(asn1.SEQUENCE, f) }

// Value runs a builder whose content cannot fail for valid Go values; what
// cannot be encoded gives no octets, which the parsers refuse.
func Value(f func(b *cryptobyte.Builder)) []byte {
	encoded, _ := Build(f)
	return encoded
}
