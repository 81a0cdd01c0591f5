package cms

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// badRequest is a request with one fault.
type badRequest struct {
	change func(f *forge)
	want   fault.Code
}

func (c badRequest) run(t *testing.T) {
	t.Helper()
	f := newForge(t)
	c.change(f)
	r, err := ParseRequestFile(f.build(t))
	if err == nil {
		err = r.CheckSignature()
	}
	require.Equal(t, c.want, fault.CodeOf(err), "%v", err)
}

func TestS3_BadRequestsAreRefusedWithTheOneReason(t *testing.T) {
	from := reference
	extension := func(b *cryptobyte.Builder) {
		pkitest.AddExtensions(b, []pki.Extension{{OID: pki.OIDUNP, Value: []byte{0x0C, 0x01, '1'}}})
	}
	other := func(b *cryptobyte.Builder) {
		pkitest.AddExtensions(b, []pki.Extension{{OID: pki.OIDUNP, Value: []byte{0x0C, 0x01, '2'}}})
	}
	twice := func(b *cryptobyte.Builder) {
		pkitest.AddExtensions(b, []pki.Extension{{OID: pki.OIDUNP, Value: []byte{0x0C, 0x01, '1'}}, {OID: pki.OIDUNP, Value: []byte{0x0C, 0x01, '2'}}})
	}
	for name, c := range map[string]badRequest{
		"good":    {func(*forge) {}, ""},
		"version": {func(f *forge) { f.version = 1 }, fault.Malformed},
		"repeated attribute": {func(f *forge) {
			a := attributeOf(t, pki.OIDCertificateValidity, period(from, from.AddDate(1, 0, 0)))
			f.attributes = [][]byte{a, a}
		}, fault.Repeated},
		"repeated extension": {func(f *forge) { f.attributes = [][]byte{attributeOf(t, pki.OIDExtensionRequest, twice)} }, fault.Repeated},
		"extensions under both identifiers": {func(f *forge) {
			f.attributes = [][]byte{attributeOf(t, pki.OIDExtensionRequest, extension), attributeOf(t, pki.OIDMSExtensionRequest, extension)}
		}, ""},
		"other extensions under the other identifier": {func(f *forge) {
			f.attributes = [][]byte{attributeOf(t, pki.OIDExtensionRequest, extension), attributeOf(t, pki.OIDMSExtensionRequest, other)}
		}, fault.Repeated},
		"two sets of extensions": {func(f *forge) {
			f.attributes = [][]byte{attributeOf(t, pki.OIDExtensionRequest, func(b *cryptobyte.Builder) { extension(b); extension(b) })}
		}, fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

func TestS3_BadKeysAndSignaturesAreRefusedWithTheOneReason(t *testing.T) {
	for name, c := range map[string]badRequest{
		"parameters absent": {func(f *forge) {
			f.algorithm = pkitest.Identifier(t, pkitest.OIDBignWithHBelt, nil).Raw
		}, fault.BadParameters},
		"unknown algorithm": {func(f *forge) { f.algorithm = pkitest.Identifier(t, der.OID{1, 2, 3, 4}, pkitest.Null()).Raw }, fault.UnknownAlgorithm},
		"obsolete algorithm": {func(f *forge) {
			f.algorithm = pkitest.Identifier(t, der.OID{1, 3, 6, 1, 4, 1, 12656, 1, 36}, pkitest.Null()).Raw
		}, fault.ObsoleteAlgorithm},
		"another family": {func(f *forge) { f.algorithm = pkitest.Identifier(t, pkitest.OIDECDSASHA256, nil).Raw }, fault.KeyMismatch},
		"digest of another level": {func(f *forge) {
			f.algorithm = pkitest.Identifier(t, pkitest.OIDBignWithBash512, pkitest.Null()).Raw
		}, fault.KeyMismatch},
		"signed by another key": {func(f *forge) { f.sign = newForge(t).sign }, fault.BadSignature},
		"signature cut":         {func(f *forge) { s := f.sign; f.sign = func(b []byte) []byte { return s(b)[:47] } }, fault.BadSignature},
		"no signature":          {func(f *forge) { f.sign = func([]byte) []byte { return nil } }, fault.BadSignature},
		"curve inherited":       {func(f *forge) { f.spki = pkitest.BignKey([]byte{5, 0}, f.spki[len(f.spki)-64:]) }, fault.BadParameters},
		"curve absent":          {func(f *forge) { f.spki = pkitest.BignKey(nil, f.spki[len(f.spki)-64:]) }, fault.BadParameters},
		"curve spelt out":       {func(f *forge) { f.spki = pkitest.BignKey([]byte{0x30, 0}, f.spki[len(f.spki)-64:]) }, fault.BadParameters},
		"curve unknown":         {func(f *forge) { f.spki = pkitest.BignKey(der.MarshalOID(pkitest.OIDP256), f.spki[len(f.spki)-64:]) }, fault.UnknownAlgorithm},
		"point with a prefix": {func(f *forge) {
			f.spki = pkitest.BignKey(der.MarshalOID(der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 1}), append([]byte{4}, f.spki[len(f.spki)-64:]...))
		}, fault.BadKey},
		"point off the curve": {func(f *forge) { f.spki[len(f.spki)-1] ^= 1 }, fault.BadKey},
		"obsolete key": {func(f *forge) {
			f.spki = bytes.Replace(f.spki, der.MarshalOID(pkitest.OIDBignPublicKey), der.MarshalOID(der.OID{1, 2, 112, 0, 2, 0, 1176, 2, 1}), 1)
			f.spki[1] = byte(len(f.spki) - 2)
			f.spki[3] = byte(int(f.spki[3]) + len(der.MarshalOID(der.OID{1, 2, 112, 0, 2, 0, 1176, 2, 1})) - len(der.MarshalOID(pkitest.OIDBignPublicKey)))
		}, fault.ObsoleteAlgorithm},
	} {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

func TestS5_UnreadablePeriodsAreRefused(t *testing.T) {
	year := reference.AddDate(1, 0, 0)
	for name, c := range map[string]struct {
		f    func(b *cryptobyte.Builder)
		want fault.Code
	}{
		"good":      {period(reference, year), ""},
		"reversed":  {period(year, reference), fault.Malformed},
		"empty":     {period(year, year), fault.Malformed},
		"no period": {func(b *cryptobyte.Builder) { b.AddASN1NULL() }, fault.Malformed},
		"two":       {func(b *cryptobyte.Builder) { period(reference, year)(b); period(reference, year)(b) }, fault.Malformed},
		"three times": {func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) { der.AddTime(b, reference); der.AddTime(b, year); der.AddTime(b, year) })
		}, fault.Malformed},
	} {
		f := newForge(t)
		f.attributes = [][]byte{attributeOf(t, pki.OIDCertificateValidity, c.f)}
		r, err := pki.ParseRequest(f.build(t))
		require.NoError(t, err, name)
		_, err = r.RequestedValidity()
		require.Equal(t, c.want, fault.CodeOf(err), name)
	}
}

func TestS5_PeriodIsFoundInEveryKnownPlace(t *testing.T) {
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	name, err := pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDCommonName, Value: "Test"})
	require.NoError(t, err)
	asked := &pki.Validity{NotBefore: reference, NotAfter: reference.AddDate(1, 0, 0)}
	for form, source := range map[pki.ValidityForm]der.OID{
		pki.ValidityAttribute: pki.OIDCertificateValidity, pki.ValidityUsagePeriod: pki.OIDPrivateKeyUsagePeriod, pki.ValidityKeyAttributes: pki.OIDKeyAttributes,
	} {
		for _, microsoft := range []bool{false, true} {
			r, err := pki.BuildRequest(pki.RequestTemplate{Subject: name, Validity: asked, ValidityForm: form, Microsoft: microsoft}, key)
			require.NoError(t, err)
			require.NoError(t, r.CheckSignature())
			v, err := r.RequestedValidity()
			require.NoError(t, err)
			require.Equal(t, &pki.Validity{NotBefore: asked.NotBefore, NotAfter: asked.NotAfter, Source: source}, v)
		}
	}
	vendor := der.OID{1, 3, 6, 1, 4, 1, 12656, 9, 9}
	f := newForge(t)
	f.attributes = [][]byte{attributeOf(t, vendor, period(asked.NotBefore, asked.NotAfter))}
	r, err := pki.ParseRequest(f.build(t))
	require.NoError(t, err)
	v, err := r.RequestedValidity()
	require.NoError(t, err)
	require.Nil(t, v)
	v, err = r.RequestedValidity(vendor)
	require.NoError(t, err)
	require.Equal(t, vendor, v.Source)
}
