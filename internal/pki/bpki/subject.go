package bpki

import (
	"encoding/binary"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Where a certificate of GosSUOK says what: personal number, UNP, position and unit
// stand in the name or are extensions (STB 34.101.78, annex on GosSUOK).
var (
	oidPersonalNumber = oid{1, 2, 112, 1, 2, 1, 1, 1, 1, 1}
	oidUNP            = oid{1, 2, 112, 1, 2, 1, 1, 1, 1, 2}
	oidPosition       = oid{1, 2, 112, 1, 2, 1, 1, 5, 1}
	oidGosUnit        = oid{1, 2, 112, 1, 2, 1, 1, 5, 2}
	oidTitle          = oid{2, 5, 4, 12}
	oidUnit           = oid{2, 5, 4, 11}
)

const tagBMPString = tags.Tag(30)

const maxField = 255

// nameAttribute is one attribute of a name; text is nil for one that is kept as raw.
type nameAttribute struct {
	id  oid
	tag tags.Tag
	raw []byte
}

// subject copies the name and the extensions that belong to it, with the changes.
func (r Renewal) subject(current *Certificate) ([]byte, []extension, error) {
	rdns, err := readName(current.Subject)
	if err != nil {
		return nil, nil, err
	}
	var extensions []extension
	for _, e := range current.extensions {
		if e.id.Equal(oidPersonalNumber) || e.id.Equal(oidUNP) || e.id.Equal(oidPosition) || e.id.Equal(oidGosUnit) {
			extensions = append(extensions, e)
		}
	}
	// Readers look for a field under the first identifier, then under the second, in
	// the name and then among the extensions.
	for _, change := range []struct {
		text  string
		ids   []oid
		added oid
	}{{r.Position, []oid{oidPosition, oidTitle}, oidTitle}, {r.Unit, []oid{oidUnit, oidGosUnit}, oidUnit}} {
		if change.text == "" {
			continue
		}
		if !textWithin(change.text, maxField) {
			return nil, nil, malformed("position or unit")
		}
		if !replaceInName(rdns, change.ids, change.text) && !replaceExtension(extensions, change.ids, change.text) {
			rdns = append(rdns, []nameAttribute{newAttribute(change.added, tags.UTF8String, change.text)})
		}
	}
	subject, err := build(func(b *cryptobyte.Builder) {
		for _, rdn := range rdns {
			var elements [][]byte
			for _, a := range rdn {
				elements = append(elements, a.raw)
			}
			b.AddASN1(tags.SET, func(b *cryptobyte.Builder) { addSetOf(b, elements...) })
		}
	})
	return subject, extensions, err
}

// readName reads the RDNs of a name.
func readName(der []byte) (rdns [][]nameAttribute, err error) {
	body, err := sequence(der, MaxMessage, "name")
	if err != nil {
		return nil, err
	}
	for !body.Empty() {
		var set cryptobyte.String
		var rdn []nameAttribute
		if !body.ReadASN1(&set, tags.SET) || set.Empty() {
			return nil, malformed("name")
		}
		for !set.Empty() {
			var a nameAttribute
			var pair, value cryptobyte.String
			if !readElement(&set, &a.raw, tags.SEQUENCE) {
				return nil, malformed("name")
			}
			whole := cryptobyte.String(a.raw)
			if !whole.ReadASN1(&pair, tags.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&a.id) ||
				!pair.ReadAnyASN1(&value, &a.tag) || !pair.Empty() {
				return nil, malformed("name")
			}
			rdn = append(rdn, a)
		}
		rdns = append(rdns, rdn)
	}
	return rdns, nil
}

func newAttribute(id oid, tag tags.Tag, text string) nameAttribute {
	der, _ := build(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddBytes(encodeText(tag, text))
	})
	return nameAttribute{id: id, tag: tag, raw: der}
}

func replaceInName(rdns [][]nameAttribute, ids []oid, text string) bool {
	for _, id := range ids {
		for _, rdn := range rdns {
			for i, a := range rdn {
				if a.id.Equal(id) {
					rdn[i] = newAttribute(id, a.tag, text)
					return true
				}
			}
		}
	}
	return false
}

func replaceExtension(list []extension, ids []oid, text string) bool {
	for _, id := range ids {
		for i, e := range list {
			if e.id.Equal(id) && len(e.value) > 0 {
				list[i] = extension{id: id, value: encodeText(tags.Tag(e.value[0]), text)}
				return true
			}
		}
	}
	return false
}

// encodeText writes a string of the type that the old value had if that was
// BMPString and can hold the text, else UTF8String.
func encodeText(tag tags.Tag, text string) []byte {
	raw := []byte(text)
	if tag == tagBMPString {
		var wide []byte
		for _, r := range text {
			if r > 0xFFFF || r == utf8.RuneError {
				tag = tags.UTF8String
			}
			wide = binary.BigEndian.AppendUint16(wide, uint16(r))
		}
		if tag == tagBMPString {
			raw = wide
		}
	} else {
		tag = tags.UTF8String
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(raw) })
	return b.BytesOrPanic()
}
