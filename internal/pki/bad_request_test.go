package pki

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// forge builds a request piece by piece, so that each piece can be wrong. It is
// signed with its own key unless told otherwise.
type forge struct {
	version    int64
	name       []NameAttribute
	spki       []byte
	attributes [][]byte
	algorithm  []byte
	sign       func(info []byte) []byte
}

func newForge(t *testing.T) *forge {
	t.Helper()
	key, err := GenerateKey(KeyBign256, rand.Reader)
	require.NoError(t, err)
	spki, err := MarshalPublicKey(key.Public())
	require.NoError(t, err)
	f := &forge{spki: spki, name: []NameAttribute{{Type: OIDCommonName, Value: "Test"}}}
	f.algorithm = parametersNull.identifier(oidBignWithHBelt).Raw
	f.sign = func(info []byte) []byte {
		_, sig, err := Sign(key, info)
		require.NoError(t, err)
		return sig
	}
	return f
}

func (f *forge) build(t *testing.T) []byte {
	t.Helper()
	name, err := NewName(UTF8String, f.name...)
	require.NoError(t, err)
	info, err := build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(f.version)
			b.AddBytes(name.Raw)
			b.AddBytes(f.spki)
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) {
				for _, a := range f.attributes {
					b.AddBytes(a)
				}
			})
		})
	})
	require.NoError(t, err)
	der, err := Assemble(info, Algorithm{Raw: f.algorithm}, f.sign(info))
	require.NoError(t, err)
	return der
}

func attributeOf(t *testing.T, oid OID, f func(b *cryptobyte.Builder)) []byte {
	t.Helper()
	a, err := attribute(oid, f)
	require.NoError(t, err)
	return a
}

func period(from, to time.Time) func(b *cryptobyte.Builder) {
	return func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			addTime(b, from)
			addTime(b, to)
		})
	}
}

func spkiWith(parameters []byte, raw []byte) []byte {
	return value(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidBignPublicKey)
				b.AddBytes(parameters)
			})
			b.AddASN1BitString(raw)
		})
	})
}

func TestS3_BadRequestsAreRefusedWithTheOneReason(t *testing.T) {
	from := reference
	extension := func(b *cryptobyte.Builder) {
		addExtensions(b, []Extension{{OID: OIDUNP, Value: []byte{0x0C, 0x01, '1'}}})
	}
	twice := func(b *cryptobyte.Builder) {
		addExtensions(b, []Extension{{OID: OIDUNP, Value: []byte{0x0C, 0x01, '1'}}, {OID: OIDUNP, Value: []byte{0x0C, 0x01, '2'}}})
	}
	for name, c := range map[string]struct {
		change func(f *forge)
		want   Code
	}{
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
		t.Run(name, func(t *testing.T) {
			f := newForge(t)
			c.change(f)
			r, err := ParseRequestFile(f.build(t))
			if err == nil {
				err = r.CheckSignature()
			}
			require.Equal(t, c.want, CodeOf(err), "%v", err)
		})
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

func TestRequestFilesInNoKnownFormAreRefused(t *testing.T) {
	der := sample(t, "req/emp1-ok.req")
	armor := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	indefinite := append(append([]byte{0x30, 0x80}, der[4:]...), 0, 0)
	for name, c := range map[string]struct {
		file []byte
		want Code
	}{
		"empty":              {nil, CodeNotRequest},
		"text":               {[]byte("hello, world"), CodeNotRequest},
		"too large":          {make([]byte, MaxRequestFile+1), CodeTooLarge},
		"trailing octet":     {append(bytes.Clone(der), 0), CodeTrailing},
		"truncated":          {der[:len(der)-1], CodeTruncated},
		"indefinite":         {indefinite, CodeIndefinite},
		"certificate":        {sample(t, "cert/emp1.cer"), CodeMalformed},
		"certificate in PEM": {armor("CERTIFICATE", der), CodeNotRequest},
		"two PEM blocks":     {append(armor("CERTIFICATE REQUEST", der), armor("CERTIFICATE REQUEST", der)...), CodeTrailing},
		"broken PEM":         {[]byte("-----BEGIN CERTIFICATE REQUEST-----\nAA"), CodeNotRequest},
		"base64 of text":     {[]byte(base64.StdEncoding.EncodeToString([]byte("hello"))), CodeNotRequest},
		"detached message":   {sample(t, "cms/list.json.p7s"), CodeNotRequest},
		"message of a list":  {sample(t, "cms/list.json.p7m"), CodeNotRequest},
	} {
		_, err := ParseRequestFile(c.file)
		require.Equal(t, c.want, CodeOf(err), "%s: %v", name, err)
	}
	for name, file := range map[string][]byte{
		"base64":              []byte(base64.StdEncoding.EncodeToString(der)),
		"base64 in lines":     bytes.Join(bytes.SplitAfterN([]byte(base64.StdEncoding.EncodeToString(der)), nil, 3), []byte("\r\n")),
		"base64 not padded":   []byte(base64.RawStdEncoding.EncodeToString(der)),
		"PEM of a message":    armor("PKCS7", sample(t, "req/emp1-ok-in-cms.p7")),
		"base64 of a message": []byte(base64.StdEncoding.EncodeToString(sample(t, "req/emp1-ok-in-cms.p7"))),
		"PEM after a mark":    append([]byte("\xEF\xBB\xBF"), armor("NEW CERTIFICATE REQUEST", der)...),
	} {
		r, err := ParseRequestFile(file)
		require.NoError(t, err, name)
		require.Equal(t, der, r.Raw, name)
	}
}

func TestEveryPrefixOfARequestIsRefused(t *testing.T) {
	der := sample(t, "req/emp1-ok.req")
	for n := range len(der) {
		_, err := ParseRequest(der[:n])
		require.Equal(t, CodeTruncated, CodeOf(err), "%d octets", n)
	}
}

func TestEveryFlippedBitOfARequestIsRefused(t *testing.T) {
	der := sample(t, "req/ind1-ok.req")
	for i := range der {
		bad := bytes.Clone(der)
		bad[i] ^= 1 << (i % 8)
		r, err := ParseRequest(bad)
		if err == nil {
			err = r.CheckSignature()
		}
		require.NotEmpty(t, CodeOf(err), "octet %d", i)
	}
}

func TestTagAboveThirtyIsRefused(t *testing.T) {
	require.Equal(t, CodeMalformed, CodeOf(checkDER([]byte{0x3F, 0x81, 0x01, 0x00})))
	require.Equal(t, CodeMalformed, CodeOf(checkDER([]byte{byte(asn1.SEQUENCE), 0x81, 0x01, 0x00})))
	require.Equal(t, CodeMalformed, CodeOf(checkDER([]byte{0x30, 0x85, 1, 1, 1, 1, 1})))
	require.Equal(t, CodeTruncated, CodeOf(checkDER([]byte{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})))
	deep := bytes.Repeat([]byte{0x30, 0x80}, 200)
	require.Equal(t, CodeIndefinite, CodeOf(checkDER(deep)))
	nested := []byte{5, 0}
	for range 60 {
		nested = appendTLV(nil, 0x30, nested)
	}
	require.Equal(t, CodeMalformed, CodeOf(checkDER(nested)))
}

// What a stranger sends must not make the service allocate more than a small
// multiple of what they sent.
func TestHostileFilesCostNoMoreThanTheirSize(t *testing.T) {
	names := make([]NameAttribute, 2000)
	for i := range names {
		names[i] = NameAttribute{Type: OID{2, 5, 4, 1000 + i}, Value: "x"}
	}
	f := newForge(t)
	f.name = names
	many := f.build(t)
	require.Less(t, len(many), MaxRequestFile)
	message := append([]byte{0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02}, bytes.Repeat([]byte{0xA0, 0x80}, 5000)...)
	for name, file := range map[string][]byte{
		"lengths beyond the file": {0x30, 0x84, 0x3F, 0xFF, 0xFF, 0xFF, 0x30, 0x84, 0x3F, 0xFF, 0xFF, 0xF0},
		"many name attributes":    many,
		"nested indefinite":       message,
		"base64 of zeros":         bytes.Repeat([]byte("A"), MaxRequestFile),
		"PEM without end":         append([]byte("-----BEGIN CERTIFICATE REQUEST-----\n"), bytes.Repeat([]byte("A\n"), 20000)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = ParseRequestFile(file)
		runtime.ReadMemStats(&after)
		require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(64*len(file)+64<<10), name)
	}
}
