package ca

import (
	"encoding/asn1"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/cryptobyte"
	cryptoasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/text/unicode/norm"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// maxText bounds a value of a name; names of organisations are long.
const maxText = 500

// subject writes the request's subject in the profile's string type (I3).
// What the profile does not allow is refused, not dropped: a certificate must
// not say less than the applicant signed.
func (p Profile) subject(k KindProfile, n pki.Name) (pki.Name, error) {
	attributes := make([]pki.NameAttribute, 0, len(n.Attributes))
	for _, a := range n.Attributes {
		if !contains(k.SubjectAttributes, a.Type) {
			return pki.Name{}, fmt.Errorf("%w: subject attribute %s", ErrRefused, a.Type)
		}
		value, ok := text(a.Value)
		if !ok {
			return pki.Name{}, fmt.Errorf("%w: value of subject attribute %s", ErrRefused, a.Type)
		}
		attributes = append(attributes, pki.NameAttribute{Type: a.Type, Value: value})
	}
	name, err := pki.NewName(p.Text.stringType(), attributes...)
	if err != nil {
		return pki.Name{}, fmt.Errorf("%w: subject: %w", ErrRefused, err)
	}
	return name, nil
}

// copied writes the extensions that the profile takes from a request.
func (p Profile) copied(k KindProfile, asked []pki.Extension) ([]pki.Extension, error) {
	var out []pki.Extension
	for _, e := range asked {
		if !contains(k.CopiedExtensions, e.OID) {
			continue
		}
		rewrite := p.copiedText
		if e.OID.Equal(pki.OIDSubjectAltName) {
			rewrite = p.copiedName
		}
		c, err := rewrite(e)
		if err != nil {
			return nil, fmt.Errorf("%w: extension %s of the request", ErrRefused, e.OID)
		}
		out = append(out, c)
	}
	return out, nil
}

func (p Profile) copiedText(e pki.Extension) (pki.Extension, error) {
	var raw string
	rest, err := asn1.Unmarshal(e.Value, &raw)
	value, ok := text(raw)
	if err != nil || len(rest) != 0 || !ok {
		return pki.Extension{}, ErrRefused
	}
	return pki.TextExtension(e.OID, p.Text.stringType(), value)
}

// copiedName keeps a subjectAltName that is one name of a person and nothing
// else: other alternative names were compared with nothing.
func (p Profile) copiedName(e pki.Extension) (pki.Extension, error) {
	s, list, inner := cryptobyte.String(e.Value), cryptobyte.String(nil), cryptobyte.String(nil)
	directory := cryptoasn1.Tag(4).ContextSpecific().Constructed()
	if !s.ReadASN1(&list, cryptoasn1.SEQUENCE) || !s.Empty() || !list.ReadASN1(&inner, directory) || !list.Empty() {
		return pki.Extension{}, ErrRefused
	}
	asked, err := pki.ParseName(inner)
	if err != nil {
		return pki.Extension{}, err
	}
	person := KindProfile{SubjectAttributes: []OID{
		{pki.OIDCommonName}, {pki.OIDSurname}, {pki.OIDName}, {pki.OIDGivenName},
	}}
	name, err := p.subject(person, asked)
	if err != nil {
		return pki.Extension{}, err
	}
	return pki.DirectoryAltNameExtension(name), nil
}

// text composes (NFC) and collapses blanks (STB 34.101.78 forbids doubled and
// outer ones); false for what is empty, too long or not printable.
func text(s string) (string, bool) {
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	return s, s != "" && len(s) <= maxText && strings.IndexFunc(s, unprintable) < 0
}
