package pki_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// saying makes a request of name attributes and extensions, sound or not.
func saying(t *testing.T, rdns func(b *cryptobyte.Builder), extensions ...pki.Extension) *pki.Request {
	t.Helper()
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	name := pki.Name{Raw: der.Value(func(b *cryptobyte.Builder) { der.AddSequence(b, rdns) })}
	r, err := pki.BuildRequest(pki.RequestTemplate{Subject: name, Extensions: extensions}, key)
	require.NoError(t, err)
	return r
}

func utf8Text(oid pki.OID, value string) pki.Extension {
	return pki.Extension{OID: oid, Value: der.Value(func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.Tag(der.UTF8String), func(b *cryptobyte.Builder) { b.AddBytes([]byte(value)) })
	})}
}

func TestS4_EverySourceOfAFieldIsRead(t *testing.T) {
	rdn := func(oid pki.OID, tag der.StringType, value string) func(b *cryptobyte.Builder) {
		return func(b *cryptobyte.Builder) { pkitest.AddRDN(b, oid, tag, []byte(value)) }
	}
	both := func(a, b func(*cryptobyte.Builder)) func(*cryptobyte.Builder) {
		return func(x *cryptobyte.Builder) { a(x); b(x) }
	}
	directory := func(oid pki.OID, value string) pki.Extension {
		return pki.Extension{OID: pki.OIDDirectoryAttributes, Value: der.Value(func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oid)
					b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { der.AddText(b, der.UTF8String, value) })
				})
			})
		})}
	}
	title := rdn(pki.OIDTitle, der.UTF8String, "Бухгалтер")
	none := func(*cryptobyte.Builder) {}
	mail := pki.Extension{OID: pki.OIDSubjectAltName, Value: []byte("\x30\x05\x81\x03a@b")}
	for name, c := range map[string]struct {
		request *pki.Request
		field   order.Field
		value   string
		fault   fault.Code
	}{
		"one":                       {saying(t, title), order.FieldPosition, "Бухгалтер", ""},
		"name and extension agree":  {saying(t, title, utf8Text(pki.OIDPosition, " Бухгалтер ")), order.FieldPosition, "Бухгалтер", ""},
		"name and extension differ": {saying(t, title, utf8Text(pki.OIDPosition, "Директор")), order.FieldPosition, "", fault.Contradictory},
		"two extensions differ":     {saying(t, none, utf8Text(pki.OIDPosition, "a"), utf8Text(pki.OIDTitle, "b")), order.FieldPosition, "", fault.Contradictory},
		"directory attributes":      {saying(t, none, directory(pki.OIDUNP, "190000018")), order.FieldUNP, "190000018", ""},
		"directory attributes too":  {saying(t, title, directory(pki.OIDTitle, "Директор")), order.FieldPosition, "", fault.Contradictory},
		"the UNP of before":         {saying(t, none, utf8Text(pki.OID{1, 3, 6, 1, 4, 1, 12656, 106, 101}, "190000018")), order.FieldUNP, "190000018", ""},
		"the register's name":       {saying(t, rdn(pki.OIDOrganisationIdentifier, der.UTF8String, "VATBY-190000018"), utf8Text(pki.OIDUNP, "190000018")), order.FieldUNP, "190000018", ""},
		"number on a keyboard":      {saying(t, none, utf8Text(pki.OIDPersonalNumber, "4010190а002рв9")), order.FieldPersonalNumber, "4010190A002PB9", ""},
		"alternative e-mail":        {saying(t, rdn(pki.OIDEmail, der.IA5String, "a@c"), mail), order.FieldEmail, "", fault.Contradictory},
		"alternative e-mail alone":  {saying(t, none, mail), order.FieldEmail, "a@b", ""},
		"alternative host":          {saying(t, none, pki.Extension{OID: pki.OIDSubjectAltName, Value: []byte("\x30\x05\x82\x03a.b")}), order.FieldBelarusianName, "", fault.NotAllowed},
		"alternative broken":        {saying(t, none, pki.Extension{OID: pki.OIDSubjectAltName, Value: []byte("\x30\x05\xa4\x03a.b")}), order.FieldBelarusianName, "", fault.Malformed},
		"repeated":                  {saying(t, both(title, title)), order.FieldPosition, "", fault.Repeated},
		"general string":            {saying(t, rdn(pki.OIDTitle, 27, "x")), order.FieldPosition, "", fault.Malformed},
		"teletex above ASCII":       {saying(t, rdn(pki.OIDTitle, der.TeletexString, "\xe4")), order.FieldPosition, "", fault.Malformed},
		"half a letter":             {saying(t, rdn(pki.OIDTitle, der.BMPString, "\x04")), order.FieldPosition, "", fault.Malformed},
		"half a pair":               {saying(t, rdn(pki.OIDTitle, der.BMPString, "\xd8\x3d")), order.FieldPosition, "", fault.Malformed},
		"a pair":                    {saying(t, rdn(pki.OIDTitle, der.BMPString, "\xd8\x3d\xde\x00")), order.FieldPosition, "", fault.Malformed},
		"no text at all":            {saying(t, rdn(pki.OIDTitle, 5, "")), order.FieldPosition, "", fault.Malformed},
		"empty":                     {saying(t, rdn(pki.OIDTitle, der.UTF8String, "")), order.FieldPosition, "", fault.Malformed},
		"blank":                     {saying(t, rdn(pki.OIDTitle, der.UTF8String, " \u00a0")), order.FieldPosition, "", fault.Malformed},
		"NUL":                       {saying(t, rdn(pki.OIDTitle, der.UTF8String, "a\x00")), order.FieldPosition, "", fault.Malformed},
		"not UTF-8":                 {saying(t, rdn(pki.OIDTitle, der.UTF8String, "\xff")), order.FieldPosition, "", fault.Malformed},
		"unreadable beside a good":  {saying(t, both(title, rdn(pki.OIDPosition, 27, "x"))), order.FieldPosition, "", fault.Malformed},
		"as long as may be":         {saying(t, rdn(pki.OIDOrganisation, der.UTF8String, strings.Repeat("щ", 500))), order.FieldOrganisation, strings.Repeat("щ", 500), ""},
		"too long":                  {saying(t, rdn(pki.OIDOrganisation, der.UTF8String, strings.Repeat("щ", 501))), order.FieldOrganisation, "", fault.TooLong},
		"both given names in one":   {saying(t, rdn(pki.OIDName, der.UTF8String, "Вера Петровна")), order.FieldPatronymic, "Петровна", ""},
		"given names unreadable":    {saying(t, rdn(pki.OIDName, 27, "Вера")), order.FieldPatronymic, "", fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			read := c.request.Read()
			require.Equal(t, c.value, read.Subject.Value(c.field))
			f, bad := read.Fault(c.field)
			require.Equal(t, c.fault != "", bad)
			require.Equal(t, c.fault, f.Cause)
			require.True(t, read.Says(c.field), "what cannot be read is not absent")
		})
	}
	broken := pki.Extension{OID: pki.OIDDirectoryAttributes, Value: []byte{0x30, 2, 5, 0}}
	require.Equal(t, []pki.OID{pki.OIDDirectoryAttributes}, saying(t, none, broken).Read().Unknown)
	read := saying(t, rdn(pki.OID{2, 5, 4, 17}, der.UTF8String, "220030")).Read()
	require.Equal(t, []pki.OID{{2, 5, 4, 17}}, read.Unknown)
}

func TestS4_RequestAttributesAreSources(t *testing.T) {
	r := saying(t, func(b *cryptobyte.Builder) { pkitest.AddRDN(b, pki.OIDSurname, der.UTF8String, []byte("Тестов")) })
	r.Attributes = append(r.Attributes, pki.Attribute{OID: pki.OIDUNP, Values: [][]byte{utf8Text(pki.OIDUNP, "190000018").Value}})
	require.Equal(t, "190000018", r.Read().Subject.UNP)
	r.Attributes[len(r.Attributes)-1].Values = [][]byte{{5, 0}}
	require.True(t, r.Read().Says(order.FieldUNP))
}

func TestNamesThatCannotBeReadAreEqualByTheirOctets(t *testing.T) {
	name := func(tag der.StringType, raw string) pki.Name {
		n, err := pki.ParseName(der.Value(func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) { pkitest.AddRDN(b, pki.OIDCommonName, tag, []byte(raw)) })
		}))
		require.NoError(t, err)
		return n
	}
	require.True(t, name(der.TeletexString, "\xe4").Equal(name(der.TeletexString, "\xe4")))
	require.False(t, name(der.TeletexString, "\xe4").Equal(name(der.TeletexString, "\xe5")))
	require.False(t, name(der.TeletexString, "\xe4").Equal(name(27, "\xe4")))
	require.False(t, name(der.TeletexString, "\xe4").Equal(name(der.UTF8String, "")))
	require.True(t, name(der.UTF8String, "A  b").Equal(name(der.BMPString, "\x00a\x00 \x00B")))
}
