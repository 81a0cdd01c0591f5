package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEveryAlgorithmSignsAndVerifies(t *testing.T) {
	for _, kind := range KeyAlgorithms() {
		if kind == KeyRSA3072 || kind == KeyRSA4096 {
			continue // the same code as 2048 bits, only slower to make
		}
		t.Run(string(kind), func(t *testing.T) {
			key, err := GenerateKey(kind, rand.Reader)
			require.NoError(t, err)
			name, err := KeyAlgorithmOf(key.Public())
			require.NoError(t, err)
			require.Equal(t, kind, name)

			encoded, err := MarshalPrivateKey(key)
			require.NoError(t, err)
			again, err := ParsePrivateKey(encoded)
			require.NoError(t, err)
			require.True(t, SameKey(key.Public(), again.Public()))
			spki, err := MarshalPublicKey(key.Public())
			require.NoError(t, err)
			pub, err := ParsePublicKey(spki)
			require.NoError(t, err)
			require.True(t, SameKey(key.Public(), pub))

			rapid.Check(t, func(t *rapid.T) {
				message := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "message")
				a, sig, err := Sign(again, message)
				require.NoError(t, err)
				require.NoError(t, VerifySignature(a, pub, message, sig))
				bad := bytes.Clone(sig)
				bit := rapid.IntRange(0, 8*len(sig)-1).Draw(t, "bit")
				bad[bit/8] ^= 1 << (bit % 8)
				require.Equal(t, CodeBadSignature, CodeOf(VerifySignature(a, pub, message, bad)))
				bit = rapid.IntRange(0, 8*len(message)-1).Draw(t, "message bit")
				message[bit/8] ^= 1 << (bit % 8)
				require.Equal(t, CodeBadSignature, CodeOf(VerifySignature(a, pub, message, sig)))
			})
		})
	}
	_, err := GenerateKey("rot13", rand.Reader)
	require.Equal(t, CodeUnknownAlgorithm, CodeOf(err))
}

func TestSampleKeysBelongToTheirCertificates(t *testing.T) {
	for key, cert := range map[string]string{
		"keys/emp1.key.pem": "cert/emp1.cer", "keys/ind1.key.pem": "cert/ind1.cer", "keys/mgr1.key.pem": "cert/mgr1.cer",
		"keys/issuing.key.pem": "ca/issuing.cer",
	} {
		signer, err := ParsePrivateKey(sample(t, key))
		require.NoError(t, err, key)
		require.True(t, SameKey(signer.Public(), sampleCertificate(t, cert).PublicKey), key)
	}
	fresh, err := ParsePrivateKey(sample(t, "keys/emp1-new.key.pem"))
	require.NoError(t, err)
	r, err := ParseRequestFile(sample(t, "req/emp1-ok.req"))
	require.NoError(t, err)
	require.True(t, SameKey(fresh.Public(), r.PublicKey))
}

func TestSampleFilesInPEMAreTheSame(t *testing.T) {
	chain, err := ParseCertificates(sample(t, "ca/chain.pem"))
	require.NoError(t, err)
	require.Len(t, chain, 2)
	for pem, der := range map[string]string{"ca/root.pem": "ca/root.cer", "ca/issuing.pem": "ca/issuing.cer", "cert/emp1.pem": "cert/emp1.cer"} {
		list, err := ParseCertificates(sample(t, pem))
		require.NoError(t, err)
		require.Equal(t, sample(t, der), list[0].Raw)
	}
	for _, name := range []string{"crl/issuing", "crl/root"} {
		der, err := ParseCRLFile(sample(t, name+".crl"))
		require.NoError(t, err)
		armored, err := ParseCRLFile(sample(t, name+".pem"))
		require.NoError(t, err)
		require.Equal(t, der.Raw, armored.Raw)
	}
}

func TestNamesComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[А-Яа-яЁёЎўІіA-Za-z0-9"«»№., -]{1,40}`).Draw(t, "text")
		encoding := rapid.SampledFrom([]StringType{UTF8String, BMPString}).Draw(t, "encoding")
		n, err := NewName(encoding, NameAttribute{Type: OIDOrganisation, Value: text}, NameAttribute{Type: OIDCountry, Value: "BY"})
		require.NoError(t, err)
		require.Equal(t, text, n.Get(OIDOrganisation))
		require.Equal(t, PrintableString, n.Attributes[1].Encoding)
		other, err := NewName(BMPString+UTF8String-encoding, n.Attributes[0], n.Attributes[1])
		require.NoError(t, err)
		require.True(t, n.Equal(other))
	})
	_, err := NewName(BMPString, NameAttribute{Type: OIDCommonName, Value: "\U0001F600"})
	require.Equal(t, CodeMalformed, CodeOf(err))
	_, err = NewName(UTF8String, NameAttribute{Type: OIDEmail, Value: "пошта@example.by"})
	require.Equal(t, CodeMalformed, CodeOf(err))
}

func TestTextOfEveryStringType(t *testing.T) {
	for _, c := range []struct {
		kind StringType
		raw  string
		want string
		ok   bool
	}{
		{UTF8String, "Вера", "Вера", true}, {UTF8String, "\xFF", "", false}, {PrintableString, "BY", "BY", true},
		{PrintableString, "\xC0", "", false}, {BMPString, "\x04\x12", "В", true}, {BMPString, "\x04", "", false},
		{BMPString, "\xD8\x00", "", false}, {UniversalString, "\x00\x00\x04\x12", "В", true},
		{UniversalString, "\x00\x11\x00\x00", "", false}, {UniversalString, "\x00", "", false}, {4, "x", "", false},
	} {
		got, ok := decodeText(c.kind, []byte(c.raw))
		require.Equal(t, c.ok, ok, "%d %q", c.kind, c.raw)
		if ok {
			require.Equal(t, c.want, got)
		}
	}
}

func TestCertificatesKeepTheLimitsOfRFC5280(t *testing.T) {
	key, err := GenerateKey(KeyBign256, rand.Reader)
	require.NoError(t, err)
	name, err := NewName(UTF8String, NameAttribute{Type: OIDCommonName, Value: "Test"})
	require.NoError(t, err)
	good := Template{
		SerialNumber: big.NewInt(1), Subject: name, NotBefore: time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC),
		NotAfter: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), PublicKey: key.Public(),
		Extensions: []Extension{KeyUsageExtension(x509.KeyUsageDigitalSignature | x509.KeyUsageDecipherOnly)},
	}
	c, err := BuildCertificate(good, name, key)
	require.NoError(t, err)
	require.True(t, strings.Contains(string(c.RawTBS), "\x17\x0d491231235959Z"), "UTCTime through 2049")
	require.True(t, strings.Contains(string(c.RawTBS), "\x18\x0f20500101000000Z"), "GeneralizedTime from 2050")
	require.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageDecipherOnly, c.KeyUsage)
	one, err := BuildTBS(good, IssuerOf(c))
	require.NoError(t, err)
	two, err := BuildTBS(good, IssuerOf(c))
	require.NoError(t, err)
	require.Equal(t, one, two, "what is stored before signing is what is signed")

	for _, serial := range []*big.Int{nil, big.NewInt(0), big.NewInt(-1), new(big.Int).Lsh(big.NewInt(1), 160)} {
		bad := good
		bad.SerialNumber = serial
		_, err := BuildTBS(bad, IssuerOf(c))
		require.Equal(t, CodeMalformed, CodeOf(err))
	}
	bad := good
	bad.NotAfter = bad.NotBefore
	_, err = BuildTBS(bad, IssuerOf(c))
	require.Equal(t, CodeMalformed, CodeOf(err))
	_, err = BuildTBS(good, Issuer{Name: name, PublicKey: "no key"})
	require.Equal(t, CodeUnknownAlgorithm, CodeOf(err))
}
