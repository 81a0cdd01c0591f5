package bpki

import (
	"bytes"
	"encoding/asn1"
	"sort"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// MaxMessage is the longest message and certificate that is read, in octets.
const MaxMessage = 128 << 10

const sequenceTag = tags.SEQUENCE

type oid = asn1.ObjectIdentifier

// sequence enters the one SEQUENCE that der must be.
func sequence(der []byte, limit int, what string) (body cryptobyte.String, err error) {
	if len(der) > limit {
		return nil, ErrTooLarge
	}
	s := cryptobyte.String(der)
	if !s.ReadASN1(&body, tags.SEQUENCE) || !s.Empty() {
		return nil, malformed(what)
	}
	return body, nil
}

// readExact reads an element that can have one encoding only.
func readExact(s *cryptobyte.String, want []byte) bool {
	if !bytes.HasPrefix(*s, want) {
		return false
	}
	return s.Skip(len(want))
}

// readElement reads an element with its header.
func readElement(s *cryptobyte.String, out *[]byte, tag tags.Tag) bool {
	var e cryptobyte.String
	if !s.ReadASN1Element(&e, tag) {
		return false
	}
	*out = e
	return true
}

func readFixed(s *cryptobyte.String, out []byte) bool {
	var raw cryptobyte.String
	return s.ReadASN1(&raw, tags.OCTET_STRING) && len(raw) == len(out) && copy(out, raw) == len(out)
}

func readUTF8(s *cryptobyte.String, out *string) bool {
	var raw cryptobyte.String
	if !s.ReadASN1(&raw, tags.UTF8String) || !utf8.Valid(raw) {
		return false
	}
	*out = string(raw)
	return true
}

// readTime reads a Time of RFC 5280.
func readTime(s *cryptobyte.String, out *time.Time) bool {
	if s.PeekASN1Tag(tags.UTCTime) {
		// The library takes times without seconds and with zones, which DER has not.
		return len(*s) >= 15 && (*s)[14] == 'Z' && (*s)[1] == 13 && s.ReadASN1UTCTime(out)
	}
	return readGeneralizedTime(s, out)
}

func readGeneralizedTime(s *cryptobyte.String, out *time.Time) bool {
	return len(*s) >= 17 && (*s)[16] == 'Z' && (*s)[1] == 15 && s.ReadASN1GeneralizedTime(out)
}

// addTime writes a Time of RFC 5280.
func addTime(b *cryptobyte.Builder, t time.Time) {
	t = t.UTC().Truncate(time.Second)
	if t.Year() >= 1950 && t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

func addUTF8(b *cryptobyte.Builder, text string) {
	if !utf8.ValidString(text) {
		b.SetError(malformed("text that is not UTF-8"))
		return
	}
	b.AddASN1(tags.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
}

// addSetOf writes elements in the order that DER demands of SET OF.
func addSetOf(b *cryptobyte.Builder, elements ...[]byte) {
	sort.Slice(elements, func(i, j int) bool { return bytes.Compare(elements[i], elements[j]) < 0 })
	for _, e := range elements {
		b.AddBytes(e)
	}
}

// inOrder says whether elements of a SET OF stand as DER demands, none twice.
func inOrder(previous, next []byte) bool { return bytes.Compare(previous, next) < 0 }

func explicit(n uint8) tags.Tag { return tags.Tag(n).ContextSpecific().Constructed() }

func implicit(n uint8) tags.Tag { return tags.Tag(n).ContextSpecific() }

// build runs the builder of one SEQUENCE.
func build(f func(b *cryptobyte.Builder)) ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tags.SEQUENCE, f)
	return b.Bytes()
}

// mustBuild is for structures made of constants.
func mustBuild(f func(b *cryptobyte.Builder)) []byte {
	der, err := build(f)
	if err != nil {
		panic(err)
	}
	return der
}

// algorithm writes an AlgorithmIdentifier whose parameters are NULL.
func algorithm(id oid) []byte {
	return mustBuild(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddASN1NULL()
	})
}

// named writes an AlgorithmIdentifier whose parameters are an object identifier.
func named(id, parameters oid) []byte {
	return mustBuild(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddASN1ObjectIdentifier(parameters)
	})
}
