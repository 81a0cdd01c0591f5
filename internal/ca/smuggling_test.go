package ca_test

import (
	"crypto"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// trusting finds every certificate good: paths are not the subject here.
type trusting struct{}

func (trusting) Validate(c *pki.Certificate, _ time.Time, _ ...*pki.Certificate) ([]*pki.Certificate, error) {
	return []*pki.Certificate{c}, nil
}

// source is one more place in which a request says something.
type source struct {
	oid  pki.OID
	tag  der.StringType
	raw  []byte
	text string
	// good is set when the octets are text that everybody reads in one way.
	good bool
	// place is 0 for the name, 1 for an extension, 2 for directory attributes, 3
	// for the directory name of an alternative name.
	place int
}

func sourceTypes() []pki.OID {
	return []pki.OID{
		pki.OIDCommonName, pki.OIDSurname, pki.OIDSerialNumber, pki.OIDCountry, pki.OIDLocality, pki.OIDState, pki.OIDStreet,
		pki.OIDOrganisation, pki.OIDUnit, pki.OIDTitle, pki.OIDName, pki.OIDGivenName, pki.OIDOrganisationIdentifier, pki.OIDEmail,
		pki.OIDPersonalNumber, pki.OIDUNP, pki.OIDPosition, pki.OIDGosUnit, {1, 3, 6, 1, 4, 1, 12656, 106, 101}, {1, 3, 6, 1, 4, 1, 12656, 5, 1},
	}
}

func utf16be(s string) []byte {
	var out []byte
	for _, r := range s {
		out = binary.BigEndian.AppendUint16(out, uint16(r))
	}
	return out
}

// drawSource draws a type, a place, a string type and a value that is the
// certificate's own, another one, or nothing that anybody can read.
func drawSource(t *rapid.T, current order.Subject) source {
	s := source{oid: rapid.SampledFrom(sourceTypes()).Draw(t, "type"), place: rapid.IntRange(0, 3).Draw(t, "place")}
	field, _ := pki.FieldOf(s.oid)
	own := current.Value(field)
	if s.oid.Equal(pki.OIDName) {
		own = strings.TrimSpace(current.GivenName + " " + current.Patronymic)
	}
	s.text = rapid.SampledFrom([]string{own, "  " + own, "Директор", "191700161", "x"}).Draw(t, "text")
	s.good = strings.TrimSpace(s.text) != ""
	switch rapid.IntRange(0, 6).Draw(t, "encoding") {
	case 0, 1:
		s.tag, s.raw = der.UTF8String, []byte(s.text)
	case 2:
		s.tag, s.raw = der.BMPString, utf16be(s.text)
	case 3: // GeneralString, GraphicString and types that are no strings
		s.tag, s.raw, s.good = rapid.SampledFrom([]der.StringType{27, 25, 4, 2}).Draw(t, "tag"), []byte(s.text), false
	case 4:
		s.tag, s.raw, s.good = der.TeletexString, []byte("\xc4\xe8\xf0"), false
	case 5:
		bad := rapid.SampledFrom([]string{"\x00", "\u202e", "\u200b", "\x1b", "\ufeff", "\ufffd", "\U0001F600", "\xff"}).Draw(t, "bad")
		s.tag, s.raw, s.good = der.UTF8String, []byte(s.text+bad), false
	default: // half a surrogate pair
		s.tag, s.raw, s.good = der.BMPString, append(utf16be(s.text), 0xD8, 0x3D), false
	}
	return s
}

// smuggle makes a request for the subject with further sources in it.
func smuggle(t require.TestingT, key crypto.Signer, p testca.Profile, s order.Subject, more []source) []byte {
	name, err := p.Name(s)
	require.NoError(t, err)
	extensions, err := p.Extensions(s)
	require.NoError(t, err)
	at := func(place int) (out []source) {
		return slices.DeleteFunc(slices.Clone(more), func(x source) bool { return x.place != place })
	}
	raw := cryptobyte.String(name.Raw)
	var rdns cryptobyte.String
	require.True(t, raw.ReadASN1(&rdns, asn1.SEQUENCE))
	name.Raw = der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddBytes(rdns)
			for _, x := range at(0) {
				pkitest.AddRDN(b, x.oid, x.tag, x.raw)
			}
		})
	})
	text := func(x source) func(b *cryptobyte.Builder) {
		return func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.Tag(x.tag), func(b *cryptobyte.Builder) { b.AddBytes(x.raw) })
		}
	}
	for _, x := range at(1) {
		extensions = append(extensions, pki.Extension{OID: x.oid, Value: der.Value(text(x))})
	}
	if list := at(2); len(list) > 0 {
		extensions = append(extensions, pki.Extension{OID: pki.OIDDirectoryAttributes, Value: der.Value(func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				for _, x := range list {
					der.AddSequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(x.oid)
						b.AddASN1(asn1.SET, text(x))
					})
				}
			})
		})})
	}
	if list := at(3); len(list) > 0 {
		alternative := pki.Name{Raw: der.Value(func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				for _, x := range list {
					pkitest.AddRDN(b, x.oid, x.tag, x.raw)
				}
			})
		})}
		extensions = append(extensions, pki.DirectoryAltNameExtension(alternative))
	}
	r, err := pki.BuildRequest(pki.RequestTemplate{
		Subject: name, Extensions: extensions, Validity: request.Period(order.Date{Year: 2026, Month: 12, Day: 3}, 1),
	}, key)
	if err != nil {
		return nil // an extension that stands twice is refused with the file
	}
	return r.Raw
}

// Whatever a request says, wherever and in whichever string type: it is
// refused, or every readable source says what the certificate says.
func TestI3_NoSecondSourceGetsIntoACertificate(t *testing.T) {
	now := pkitest.Reference()
	made, err := testca.New(testca.Options{Algorithm: alg.KeyECDSAP256, From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	old, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	authority, err := ca.NewAuthority("test", made.Chain(), made.Issuing.Key, ca.StandardProfile(), rand.Reader)
	require.NoError(t, err)
	issued, withMore := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		profile := rapid.SampledFrom([]testca.Profile{testca.ProfileExtensions, testca.ProfileName, testca.ProfileIndividual}).Draw(t, "profile")
		subject, service := testca.SampleEmployee(), order.ServiceEmployee
		at := now
		if profile == testca.ProfileIndividual {
			subject, service = testca.SampleIndividual(), order.ServiceIndividual
			at = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)
		}
		current, err := made.Issue(profile, subject, old.Public(), now.AddDate(0, -6, 0), now.AddDate(1, 0, 0))
		require.NoError(t, err)
		more := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) source { return drawSource(t, subject) }), 0, 3).Draw(t, "sources")
		file := smuggle(t, key, profile, subject, more)
		if file == nil {
			return
		}
		got := request.Verify(request.Input{
			File: file, Current: current, Service: service, Now: at, Policy: order.DefaultPolicy(),
		}, trusting{})
		if !got.Report.Passed() {
			named := slices.ContainsFunc(got.Report.Failed(), func(c order.Check) bool {
				return c.Field != order.FieldNone || c.Code == order.CheckFile
			})
			require.True(t, named, "refused without saying what: %v", got.Report.Failed())
			return
		}
		app := ca.Application{
			OrderID: "1", Request: got.Request, Subject: got.Subject, Service: service, Kind: got.Kind, Years: got.Years,
			RequestedStart: got.RequestedStart.Start(), Now: at,
		}
		prepared, err := authority.Prepare(app)
		require.NoError(t, err, "what passes the first check is issuable")
		require.NoError(t, ca.Rehearse(ca.StandardProfile(), app))
		whole, err := pki.SignTBS(prepared.TBS, made.Issuing.Key)
		require.NoError(t, err)
		c, err := pki.ParseCertificate(whole)
		require.NoError(t, err)
		require.Equal(t, got.Subject, c.Subject())
		require.Empty(t, c.Read().Faults)
		issued++
		if len(more) > 0 {
			withMore++
		}
		for _, x := range more {
			agree(t, x, c.Subject())
		}
	})
	t.Logf("%d certificates, %d of them with further sources", issued, withMore)
	require.Positive(t, issued, "the property was never about a certificate")
}

// agree holds a source that was let through against what was certified.
func agree(t require.TestingT, x source, s order.Subject) {
	require.True(t, x.good, "a source that nobody can read was passed over: %s", x.oid)
	field, _ := pki.FieldOf(x.oid)
	want := s.Value(field)
	if x.place == 3 {
		switch field {
		case order.FieldSurname, order.FieldGivenName, order.FieldPatronymic, order.FieldCommonName:
			want = s.BelarusianName
		}
	} else if field == order.FieldGivenName || field == order.FieldPatronymic {
		want = s.GivenName + " " + s.Patronymic
	}
	require.Contains(t, want, strings.TrimSpace(x.text), x.oid.String())
}
