package bpki

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// sample is an invented person with a certificate.
func sample(t testing.TB) Holder {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ca, err := testca.New(testca.Options{Algorithm: pki.KeyBign256, From: from})
	require.NoError(t, err)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	issued, err := ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), from, from.AddDate(1, 0, 0))
	require.NoError(t, err)
	cert, err := ParseCertificate(issued.Raw)
	require.NoError(t, err)
	return Holder{cert, key}
}

func TestSTB78_BothCiphersOfEnvelopes(t *testing.T) {
	h := sample(t)
	for _, cipher := range []oid{oidBeltCFB256, oidBeltCTR256} {
		content := bytes.Repeat([]byte("content"), 100)
		der, err := envelop(content, h.Certificate, cipher, nil)
		require.NoError(t, err)
		e, err := ParseEnvelope(der)
		require.NoError(t, err)
		require.True(t, e.cipher.Equal(cipher))
		got, err := e.Open(h.Key)
		require.NoError(t, err)
		require.Equal(t, content, got)
		again, err := e.marshal()
		require.NoError(t, err)
		require.Equal(t, der, again)
	}
	der, err := envelop([]byte("content"), h.Certificate, oid{1, 2, 112, 0, 2, 0, 34, 101, 31, 32}, nil)
	require.NoError(t, err)
	_, err = ParseEnvelope(der)
	require.ErrorIs(t, err, ErrAlgorithm)
}

// TestSTB78_SignedDataInTheFormOfTheText has an OCTET STRING around SignedData.
func TestSTB78_SignedDataInTheFormOfTheText(t *testing.T) {
	h := sample(t)
	der, err := Sign(ContentSpawn, []byte("content"), h.Certificate, h.Key, h.Certificate.NotBefore)
	require.NoError(t, err)
	inner, err := openContentInfo(der, oidSignedData, "signed data")
	require.NoError(t, err)
	text, err := build(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(tags.OCTET_STRING, func(b *cryptobyte.Builder) {
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(inner) })
			})
		})
	})
	require.NoError(t, err)
	for _, form := range [][]byte{der, text} {
		got, err := OpenSigned(form)
		require.NoError(t, err)
		require.Equal(t, []byte("content"), got.Content)
	}
}

// TestSTB78_SignedAttributes signs attributes that contradict the rest.
func TestSTB78_SignedAttributes(t *testing.T) {
	h := sample(t)
	s := suiteOf(h.Key.Curve())
	content := []byte("content")
	kind := attribute(attributeContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(ContentSpawn.oid()) })
	other := attribute(attributeContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(ContentRevoke.oid()) })
	digest := attribute(attributeMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(s.hash(content)) })
	wrong := attribute(attributeMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(s.hash(nil)) })
	twice := attribute(attributeMessageDigest, func(b *cryptobyte.Builder) {
		b.AddASN1OctetString(s.hash(content))
		b.AddASN1OctetString(s.hash(content))
	})
	foreign := attribute(oidTitle, func(b *cryptobyte.Builder) { b.AddASN1NULL() })
	zoned := attribute(attributeSigningTime, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.UTCTime, func(b *cryptobyte.Builder) { b.AddBytes([]byte("261123120000+0300")) })
	})
	for name, tc := range map[string]struct {
		list [][]byte
		want error
	}{
		"good":                  {[][]byte{kind, digest}, nil},
		"out of order":          {[][]byte{digest, kind}, ErrMalformed},
		"none":                  {nil, ErrMalformed},
		"no content type":       {[][]byte{digest}, ErrMalformed},
		"no digest":             {[][]byte{kind}, ErrMalformed},
		"another content type":  {[][]byte{other, digest}, ErrMalformed},
		"two content types":     {[][]byte{kind, other, digest}, ErrMalformed},
		"twice the same":        {[][]byte{kind, digest, digest}, ErrMalformed},
		"another digest":        {[][]byte{kind, wrong}, ErrSignature},
		"two values":            {[][]byte{kind, twice}, ErrMalformed},
		"a foreign attribute":   {[][]byte{foreign, kind, digest}, ErrMalformed},
		"time with a time zone": {[][]byte{kind, zoned, digest}, ErrMalformed},
	} {
		set := bytes.Join(tc.list, nil)
		signature, err := s.sign(h.Key, asSet(set))
		require.NoError(t, err)
		info := cryptobyte.NewBuilder(nil)
		info.AddASN1Int64(1)
		h.Certificate.addIssuerAndSerial(info)
		info.AddBytes(s.digest)
		info.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(set) })
		info.AddBytes(s.signature)
		info.AddASN1OctetString(signature)
		out := Signed{ContentType: ContentSpawn, Content: content, Certificate: h.Certificate}
		err = out.readSignerInfo(info.BytesOrPanic(), s)
		if tc.want == nil {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, tc.want, name)
	}
}

func FuzzEnvelope(f *testing.F) {
	h := sample(f)
	der, err := Envelop([]byte("content"), h.Certificate, nil)
	require.NoError(f, err)
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		e, err := ParseEnvelope(der)
		if err != nil {
			return
		}
		again, err := e.marshal()
		require.NoError(t, err)
		require.Equal(t, der, again)
		_, _ = e.Open(h.Key)
	})
}

func FuzzSigned(f *testing.F) {
	h := sample(f)
	der, err := Sign(ContentSpawn, []byte("content"), h.Certificate, h.Key, h.Certificate.NotBefore)
	require.NoError(f, err)
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		s, err := OpenSigned(der)
		if err != nil {
			return
		}
		require.NotEmpty(t, s.Content)
		require.NotNil(t, s.Certificate.PublicKey)
	})
}

func FuzzCertificate(f *testing.F) {
	f.Add(sample(f).Certificate.Raw)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := ParseCertificate(der)
		if err != nil {
			return
		}
		r := Renewal{Position: "Position", Unit: "Unit", NotBefore: c.NotBefore, NotAfter: c.NotAfter}
		if csr, err := r.Request(c, key); err == nil {
			got, err := requestKey(csr)
			require.NoError(t, err)
			require.True(t, got.Equal(key.Public()))
		}
	})
}
