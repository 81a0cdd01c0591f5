package api

import (
	"crypto/rand"
	"net/http"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// spoken is a text of a string type.
type spoken struct {
	oid pki.OID
	tag der.StringType
	raw string
}

// The string types beside those that certificates have today.
const (
	numericString   der.StringType = 18
	visibleString   der.StringType = 26
	generalString   der.StringType = 27
	universalString der.StringType = 28
)

func utf8(oid pki.OID, s string) spoken { return spoken{oid, der.UTF8String, s} }

func bmp(oid pki.OID, s string) spoken {
	raw := make([]byte, 0, 2*len(s))
	for _, unit := range utf16.Encode([]rune(s)) {
		raw = append(raw, byte(unit>>8), byte(unit))
	}
	return spoken{oid, der.BMPString, string(raw)}
}

func universal(oid pki.OID, s string) spoken {
	var raw []byte
	for _, r := range s {
		raw = append(raw, byte(r>>24), byte(r>>16), byte(r>>8), byte(r))
	}
	return spoken{oid, universalString, string(raw)}
}

// smuggled is what a request says beside what it should.
type smuggled struct {
	// rdns are further parts of the name, each with one value or several.
	rdns [][]spoken
	// extensions carry a text each; whole ones are taken as they are.
	extensions []spoken
	whole      []pki.Extension
	// without drops the extension that the profile has for it.
	without pki.OID
}

func (s smuggled) file(t *testing.T, b *bundle, token string) []byte {
	t.Helper()
	service, subject, profile := serviceOf(token), testca.SampleIndividual(), testca.ProfileIndividual
	if service.NeedsApproval() {
		subject, profile = testca.SampleEmployee(), testca.ProfileExtensions
	}
	name, err := profile.Name(subject)
	require.NoError(t, err)
	extensions, err := profile.Extensions(subject)
	require.NoError(t, err)
	var kept []pki.Extension
	for _, e := range extensions {
		if !e.OID.Equal(s.without) {
			kept = append(kept, e)
		}
	}
	raw, rdns := cryptobyte.String(name.Raw), cryptobyte.String{}
	require.True(t, raw.ReadASN1(&rdns, asn1.SEQUENCE))
	name.Raw = der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddBytes(rdns)
			for _, values := range s.rdns {
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
					for _, v := range values {
						der.AddSequence(b, func(b *cryptobyte.Builder) {
							b.AddASN1ObjectIdentifier(v.oid)
							b.AddASN1(asn1.Tag(v.tag), func(b *cryptobyte.Builder) { b.AddBytes([]byte(v.raw)) })
						})
					}
				})
			}
		})
	})
	for _, e := range s.extensions {
		kept = append(kept, pki.Extension{OID: e.oid, Value: der.Value(func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.Tag(e.tag), func(b *cryptobyte.Builder) { b.AddBytes([]byte(e.raw)) })
		})})
	}
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	r, err := pki.BuildRequest(pki.RequestTemplate{
		Subject: name, Extensions: append(kept, s.whole...), Validity: request.Period(request.StartOf(service, order.DefaultPolicy(), b.now), 1),
	}, key)
	require.NoError(t, err)
	return r.Raw
}

func rdn(values ...spoken) [][]spoken { return [][]spoken{values} }

// sanOther is an alternative name of a form of its own, as Windows writes accounts.
func sanOther(value string) pki.Extension {
	return pki.Extension{OID: pki.OIDSubjectAltName, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier([]int{1, 3, 6, 1, 4, 1, 311, 20, 2, 3})
				b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { der.AddText(b, der.UTF8String, value) })
			})
		})
	})}
}

func sanDirectory(oid pki.OID, value string) pki.Extension {
	return pki.DirectoryAltNameExtension(pki.Name{Raw: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) { pkitest.AddRDN(b, oid, der.UTF8String, []byte(value)) })
	})})
}

func sanEmail(address string) pki.Extension {
	return pki.Extension{OID: pki.OIDSubjectAltName, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(der.ContextTag(1), func(b *cryptobyte.Builder) { b.AddBytes([]byte(address)) })
		})
	})}
}

func directoryAttribute(v spoken) pki.Extension {
	return pki.Extension{OID: pki.OIDDirectoryAttributes, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(v.oid)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.Tag(v.tag), func(b *cryptobyte.Builder) { b.AddBytes([]byte(v.raw)) })
				})
			})
		})
	})}
}

// Two values for one field, in every way that a request can have them: each is
// refused at the upload, for its reason and with its field; the same value
// twice is let through.
func TestS4_I3_TwoValuesForOneField(t *testing.T) {
	own, boss := testca.SampleEmployee(), "Директор"
	before := pki.OID{1, 3, 6, 1, 4, 1, 12656, 106, 101}
	for name, c := range map[string]struct {
		as    string
		says  smuggled
		field order.Field
		// cause is "passes" for what is let through.
		cause string
	}{
		// The field cases.
		"e2e-smuggle-individual": {asIndividual, smuggled{extensions: []spoken{{pki.OIDPosition, generalString, boss}, {pki.OIDUNP, generalString, unp}}}, order.FieldPosition, "malformed"},
		"e2e-smuggle-position":   {asEmployee, smuggled{rdns: rdn(utf8(pki.OIDTitle, boss))}, order.FieldPosition, "contradictory"},
		"e2e-nul-file":           {asEmployee, smuggled{without: pki.OIDPosition, extensions: []spoken{utf8(pki.OIDPosition, "Бухгалтер\x00")}}, order.FieldPosition, "malformed"},

		// An individual who says what only organisations have.
		"individual: UNP in the name":               {asIndividual, smuggled{rdns: rdn(utf8(pki.OIDUNP, unp))}, order.FieldUNP, "differs"},
		"individual: UNP of the register":           {asIndividual, smuggled{rdns: rdn(utf8(pki.OIDOrganisationIdentifier, "VATBY-"+unp))}, order.FieldUNP, "differs"},
		"individual: UNP under its old number":      {asIndividual, smuggled{extensions: []spoken{bmp(before, unp)}}, order.FieldUNP, "differs"},
		"individual: UNP as directory attribute":    {asIndividual, smuggled{whole: []pki.Extension{directoryAttribute(utf8(pki.OIDUNP, unp))}}, order.FieldUNP, "differs"},
		"individual: position as UniversalString":   {asIndividual, smuggled{extensions: []spoken{universal(pki.OIDPosition, boss)}}, order.FieldPosition, "differs"},
		"individual: organisation in the name":      {asIndividual, smuggled{rdns: rdn(utf8(pki.OIDOrganisation, own.Organisation))}, order.FieldOrganisation, "differs"},
		"individual: empty position":                {asIndividual, smuggled{extensions: []spoken{utf8(pki.OIDPosition, "")}}, order.FieldPosition, "malformed"},
		"individual: another number beside his own": {asIndividual, smuggled{extensions: []spoken{bmp(pki.OIDPersonalNumber, own.PersonalNumber)}}, order.FieldPersonalNumber, "contradictory"},
		"individual: a second surname":              {asIndividual, smuggled{rdns: rdn(utf8(pki.OIDSurname, "Другая"))}, order.FieldSurname, "repeated-attribute"},

		// An employee with a second value, in every string type and place.
		"two values in one part of the name": {asEmployee, smuggled{rdns: rdn(utf8(pki.OIDTitle, own.Position), utf8(pki.OIDTitle, boss))}, order.FieldPosition, "repeated-attribute"},
		"as BMPString":                       {asEmployee, smuggled{rdns: rdn(bmp(pki.OIDTitle, boss))}, order.FieldPosition, "contradictory"},
		"as GeneralString":                   {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDTitle, generalString, boss})}, order.FieldPosition, "malformed"},
		"as Teletex":                         {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDTitle, der.TeletexString, "\xc4\xe8"})}, order.FieldPosition, "malformed"},
		"as half of a UniversalString":       {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDTitle, universalString, "\x00\x00\x04"})}, order.FieldPosition, "malformed"},
		"UNP as NumericString":               {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDUNP, numericString, otherUNP})}, order.FieldUNP, "contradictory"},
		"UNP as VisibleString":               {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDUNP, visibleString, otherUNP})}, order.FieldUNP, "contradictory"},
		"UNP under its old number":           {asEmployee, smuggled{extensions: []spoken{utf8(before, otherUNP)}}, order.FieldUNP, "contradictory"},
		"UNP of the register":                {asEmployee, smuggled{rdns: rdn(utf8(pki.OIDOrganisationIdentifier, "VATBY-"+otherUNP))}, order.FieldUNP, "contradictory"},
		"as directory attribute":             {asEmployee, smuggled{whole: []pki.Extension{directoryAttribute(bmp(pki.OIDTitle, boss))}}, order.FieldPosition, "contradictory"},
		"a second country":                   {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDCountry, der.PrintableString, "RU"})}, order.FieldCountry, "repeated-attribute"},
		"another e-mail as alternative":      {asEmployee, smuggled{whole: []pki.Extension{sanEmail("boss@example.by")}}, order.FieldEmail, "contradictory"},
		"an account as alternative":          {asEmployee, smuggled{whole: []pki.Extension{sanOther("administrator@example.by")}}, order.FieldBelarusianName, "not-allowed"},
		"a UNP in the alternative":           {asEmployee, smuggled{whole: []pki.Extension{sanDirectory(pki.OIDUNP, otherUNP)}}, order.FieldUNP, "contradictory"},
		"a Belarusian name of somebody":      {asEmployee, smuggled{whole: []pki.Extension{sanDirectory(pki.OIDSurname, "Іншая")}}, order.FieldBelarusianName, "differs"},
		"a bidi override":                    {asEmployee, smuggled{without: pki.OIDPosition, extensions: []spoken{utf8(pki.OIDPosition, "\u202eротакод")}}, order.FieldPosition, "malformed"},
		"half a surrogate pair":              {asEmployee, smuggled{without: pki.OIDPosition, extensions: []spoken{{pki.OIDPosition, der.BMPString, "\xd8\x3d"}}}, order.FieldPosition, "malformed"},
		"a unit that nobody reads":           {asEmployee, smuggled{rdns: rdn(spoken{pki.OIDGosUnit, generalString, "x"})}, order.FieldUnit, "malformed"},

		// The same once more is the same.
		"the same position as UTF8String": {asEmployee, smuggled{rdns: rdn(utf8(pki.OIDTitle, " "+own.Position+" "))}, order.FieldNone, "passes"},
		"the same UNP in the name":        {asEmployee, smuggled{rdns: rdn(bmp(pki.OIDUNP, own.UNP))}, order.FieldNone, "passes"},
		"the same e-mail as alternative":  {asEmployee, smuggled{whole: []pki.Extension{sanEmail(own.Email)}}, order.FieldNone, "passes"},
		"the same number as attribute":    {asIndividual, smuggled{extensions: []spoken{bmp(pki.OIDPersonalNumber, testca.SampleIndividual().PersonalNumber)}}, order.FieldNone, "passes"},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			s := b.at(order.StageRequest, c.as)
			r := b.sendFile(s, c.as, c.says.file(t, b, c.as), goodFields...)
			if c.cause == "passes" {
				r.is(http.StatusOK)
				return
			}
			p := r.problem(web.ProblemRequestRejected)
			causes := map[string]string{}
			for _, check := range p.Checks {
				causes[check.Field] = check.Cause
			}
			require.Contains(t, causes, string(c.field), "%v", causes)
			require.Equal(t, c.cause, causes[string(c.field)], "%v", causes)
		})
	}
}
