package pki

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
)

// badRequest is a request with one fault.
type badRequest struct {
	change func(f *forge)
	want   Code
}

func (c badRequest) run(t *testing.T) {
	t.Helper()
	f := newForge(t)
	c.change(f)
	r, err := ParseRequestFile(f.build(t))
	if err == nil {
		err = r.CheckSignature()
	}
	require.Equal(t, c.want, CodeOf(err), "%v", err)
}

func TestS3_BadRequestsAreRefusedWithTheOneReason(t *testing.T) {
	from := reference
	extension := func(b *cryptobyte.Builder) {
		addExtensions(b, []Extension{{OID: OIDUNP, Value: []byte{0x0C, 0x01, '1'}}})
	}
	twice := func(b *cryptobyte.Builder) {
		addExtensions(b, []Extension{{OID: OIDUNP, Value: []byte{0x0C, 0x01, '1'}}, {OID: OIDUNP, Value: []byte{0x0C, 0x01, '2'}}})
	}
	for name, c := range map[string]badRequest{
		"good":    {func(*forge) {}, ""},
		"version": {func(f *forge) { f.version = 1 }, CodeMalformed},
		"repeated attribute": {func(f *forge) {
			a := attributeOf(t, OIDCertificateValidity, period(from, from.AddDate(1, 0, 0)))
			f.attributes = [][]byte{a, a}
		}, CodeRepeated},
		"repeated extension": {func(f *forge) { f.attributes = [][]byte{attributeOf(t, OIDExtensionRequest, twice)} }, CodeRepeated},
		"extensions under two attributes": {func(f *forge) {
			f.attributes = [][]byte{attributeOf(t, OIDExtensionRequest, extension), attributeOf(t, OIDMSExtensionRequest, extension)}
		}, CodeRepeated},
		"two sets of extensions": {func(f *forge) {
			f.attributes = [][]byte{attributeOf(t, OIDExtensionRequest, func(b *cryptobyte.Builder) { extension(b); extension(b) })}
		}, CodeMalformed},
		"repeated name attribute": {func(f *forge) { f.name = append(f.name, f.name[0]) }, CodeRepeated},
	} {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

func TestS3_BadKeysAndSignaturesAreRefusedWithTheOneReason(t *testing.T) {
	for name, c := range map[string]badRequest{
		"parameters absent": {func(f *forge) {
			f.algorithm = parametersAbsent.identifier(oidBignWithHBelt).Raw
		}, CodeBadParameters},
		"unknown algorithm":  {func(f *forge) { f.algorithm = parametersNull.identifier(OID{1, 2, 3, 4}).Raw }, CodeUnknownAlgorithm},
		"obsolete algorithm": {func(f *forge) { f.algorithm = parametersNull.identifier(OID{1, 3, 6, 1, 4, 1, 12656, 1, 36}).Raw }, CodeObsoleteAlgorithm},
		"another family":     {func(f *forge) { f.algorithm = parametersAbsent.identifier(oidECDSASHA256).Raw }, CodeKeyMismatch},
		"digest of another level": {func(f *forge) {
			f.algorithm = parametersNull.identifier(oidBignWithBash512).Raw
		}, CodeKeyMismatch},
		"signed by another key": {func(f *forge) { f.sign = newForge(t).sign }, CodeBadSignature},
		"signature cut":         {func(f *forge) { s := f.sign; f.sign = func(b []byte) []byte { return s(b)[:47] } }, CodeBadSignature},
		"no signature":          {func(f *forge) { f.sign = func([]byte) []byte { return nil } }, CodeBadSignature},
		"curve inherited":       {func(f *forge) { f.spki = spkiWith([]byte{5, 0}, f.spki[len(f.spki)-64:]) }, CodeBadParameters},
		"curve absent":          {func(f *forge) { f.spki = spkiWith(nil, f.spki[len(f.spki)-64:]) }, CodeBadParameters},
		"curve spelt out":       {func(f *forge) { f.spki = spkiWith([]byte{0x30, 0}, f.spki[len(f.spki)-64:]) }, CodeBadParameters},
		"curve unknown":         {func(f *forge) { f.spki = spkiWith(oidDER(oidP256), f.spki[len(f.spki)-64:]) }, CodeUnknownAlgorithm},
		"point with a prefix": {func(f *forge) {
			f.spki = spkiWith(oidDER(OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 1}), append([]byte{4}, f.spki[len(f.spki)-64:]...))
		}, CodeBadKey},
		"point off the curve": {func(f *forge) { f.spki[len(f.spki)-1] ^= 1 }, CodeBadKey},
		"obsolete key": {func(f *forge) {
			f.spki = bytes.Replace(f.spki, oidDER(oidBignPublicKey), oidDER(OID{1, 2, 112, 0, 2, 0, 1176, 2, 1}), 1)
			f.spki[1] = byte(len(f.spki) - 2)
			f.spki[3] = byte(int(f.spki[3]) + len(oidDER(OID{1, 2, 112, 0, 2, 0, 1176, 2, 1})) - len(oidDER(oidBignPublicKey)))
		}, CodeObsoleteAlgorithm},
	} {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

func TestS5_UnreadablePeriodsAreRefused(t *testing.T) {
	year := reference.AddDate(1, 0, 0)
	for name, c := range map[string]struct {
		f    func(b *cryptobyte.Builder)
		want Code
	}{
		"good":      {period(reference, year), ""},
		"reversed":  {period(year, reference), CodeMalformed},
		"empty":     {period(year, year), CodeMalformed},
		"no period": {func(b *cryptobyte.Builder) { b.AddASN1NULL() }, CodeMalformed},
		"two":       {func(b *cryptobyte.Builder) { period(reference, year)(b); period(reference, year)(b) }, CodeMalformed},
		"three times": {func(b *cryptobyte.Builder) {
			addSequence(b, func(b *cryptobyte.Builder) { addTime(b, reference); addTime(b, year); addTime(b, year) })
		}, CodeMalformed},
	} {
		f := newForge(t)
		f.attributes = [][]byte{attributeOf(t, OIDCertificateValidity, c.f)}
		r, err := ParseRequest(f.build(t))
		require.NoError(t, err, name)
		_, err = r.RequestedValidity()
		require.Equal(t, c.want, CodeOf(err), name)
	}
}

func TestS5_PeriodIsFoundInEveryKnownPlace(t *testing.T) {
	key, err := GenerateKey(KeyBign256, rand.Reader)
	require.NoError(t, err)
	name, err := NewName(UTF8String, NameAttribute{Type: OIDCommonName, Value: "Test"})
	require.NoError(t, err)
	asked := &Validity{NotBefore: reference, NotAfter: reference.AddDate(1, 0, 0)}
	for form, source := range map[ValidityForm]OID{
		ValidityAttribute: OIDCertificateValidity, ValidityUsagePeriod: OIDPrivateKeyUsagePeriod, ValidityKeyAttributes: OIDKeyAttributes,
	} {
		for _, microsoft := range []bool{false, true} {
			r, err := BuildRequest(RequestTemplate{Subject: name, Validity: asked, ValidityForm: form, Microsoft: microsoft}, key)
			require.NoError(t, err)
			require.NoError(t, r.CheckSignature())
			v, err := r.RequestedValidity()
			require.NoError(t, err)
			require.Equal(t, &Validity{NotBefore: asked.NotBefore, NotAfter: asked.NotAfter, Source: source}, v)
		}
	}
	vendor := OID{1, 3, 6, 1, 4, 1, 12656, 9, 9}
	f := newForge(t)
	f.attributes = [][]byte{attributeOf(t, vendor, period(asked.NotBefore, asked.NotAfter))}
	r, err := ParseRequest(f.build(t))
	require.NoError(t, err)
	v, err := r.RequestedValidity()
	require.NoError(t, err)
	require.Nil(t, v)
	v, err = r.RequestedValidity(vendor)
	require.NoError(t, err)
	require.Equal(t, vendor, v.Source)
}
