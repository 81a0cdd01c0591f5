package pki_test

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

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

func TestEveryAlgorithmSignsAndVerifies(t *testing.T) {
	for _, kind := range alg.KeyAlgorithms() {
		if kind == alg.KeyRSA3072 || kind == alg.KeyRSA4096 {
			continue // the same code as 2048 bits, only slower to make
		}
		t.Run(string(kind), func(t *testing.T) {
			key, err := alg.GenerateKey(kind, rand.Reader)
			require.NoError(t, err)
			name, err := alg.KeyAlgorithmOf(key.Public())
			require.NoError(t, err)
			require.Equal(t, kind, name)

			encoded, err := alg.MarshalPrivateKey(key)
			require.NoError(t, err)
			again, err := alg.ParsePrivateKey(encoded)
			require.NoError(t, err)
			require.True(t, alg.SameKey(key.Public(), again.Public()))
			spki, err := alg.MarshalPublicKey(key.Public())
			require.NoError(t, err)
			pub, err := alg.ParsePublicKey(spki)
			require.NoError(t, err)
			require.True(t, alg.SameKey(key.Public(), pub))

			rapid.Check(t, func(t *rapid.T) {
				message := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "message")
				a, sig, err := alg.Sign(again, message)
				require.NoError(t, err)
				require.NoError(t, alg.Verify(a, pub, message, sig))
				bad := bytes.Clone(sig)
				bit := rapid.IntRange(0, 8*len(sig)-1).Draw(t, "bit")
				bad[bit/8] ^= 1 << (bit % 8)
				require.Equal(t, fault.BadSignature, fault.CodeOf(alg.Verify(a, pub, message, bad)))
				bit = rapid.IntRange(0, 8*len(message)-1).Draw(t, "message bit")
				message[bit/8] ^= 1 << (bit % 8)
				require.Equal(t, fault.BadSignature, fault.CodeOf(alg.Verify(a, pub, message, sig)))
			})
		})
	}
	_, err := alg.GenerateKey("rot13", rand.Reader)
	require.Equal(t, fault.UnknownAlgorithm, fault.CodeOf(err))
}

func TestSampleKeysBelongToTheirCertificates(t *testing.T) {
	for key, cert := range map[string]string{
		"keys/emp1.key.pem": "cert/emp1.cer", "keys/ind1.key.pem": "cert/ind1.cer", "keys/mgr1.key.pem": "cert/mgr1.cer",
		"keys/issuing.key.pem": "ca/issuing.cer",
	} {
		signer, err := alg.ParsePrivateKey(pkitest.Sample(t, key))
		require.NoError(t, err, key)
		require.True(t, alg.SameKey(signer.Public(), pkitest.Certificate(t, cert).PublicKey), key)
	}
	fresh, err := alg.ParsePrivateKey(pkitest.Sample(t, "keys/emp1-new.key.pem"))
	require.NoError(t, err)
	r, err := cms.ParseRequestFile(pkitest.Sample(t, "req/emp1-ok.req"))
	require.NoError(t, err)
	require.True(t, alg.SameKey(fresh.Public(), r.PublicKey))
}

func TestSampleFilesInPEMAreTheSame(t *testing.T) {
	chain, err := cms.ParseCertificates(pkitest.Sample(t, "ca/chain.pem"))
	require.NoError(t, err)
	require.Len(t, chain, 2)
	for pem, encoded := range map[string]string{"ca/root.pem": "ca/root.cer", "ca/issuing.pem": "ca/issuing.cer", "cert/emp1.pem": "cert/emp1.cer"} {
		list, err := cms.ParseCertificates(pkitest.Sample(t, pem))
		require.NoError(t, err)
		require.Equal(t, pkitest.Sample(t, encoded), list[0].Raw)
	}
	for _, name := range []string{"crl/issuing", "crl/root"} {
		plain, err := pki.ParseCRLFile(pkitest.Sample(t, name+".crl"))
		require.NoError(t, err)
		armored, err := pki.ParseCRLFile(pkitest.Sample(t, name+".pem"))
		require.NoError(t, err)
		require.Equal(t, plain.Raw, armored.Raw)
	}
}

func TestNamesComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[А-Яа-яЁёЎўІіA-Za-z0-9"«»№., -]{1,40}`).Draw(t, "text")
		encoding := rapid.SampledFrom([]der.StringType{der.UTF8String, der.BMPString}).Draw(t, "encoding")
		n, err := pki.NewName(encoding, pki.NameAttribute{Type: pki.OIDOrganisation, Value: text}, pki.NameAttribute{Type: pki.OIDCountry, Value: "BY"})
		require.NoError(t, err)
		require.Equal(t, text, n.Get(pki.OIDOrganisation))
		require.Equal(t, der.PrintableString, n.Attributes[1].Encoding)
		other, err := pki.NewName(der.BMPString+der.UTF8String-encoding, n.Attributes[0], n.Attributes[1])
		require.NoError(t, err)
		require.True(t, n.Equal(other))
	})
	_, err := pki.NewName(der.BMPString, pki.NameAttribute{Type: pki.OIDCommonName, Value: "\U0001F600"})
	require.Equal(t, fault.Malformed, fault.CodeOf(err))
	_, err = pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDEmail, Value: "пошта@example.by"})
	require.Equal(t, fault.Malformed, fault.CodeOf(err))
}

func TestTextOfEveryStringType(t *testing.T) {
	for _, c := range []struct {
		kind der.StringType
		raw  string
		want string
		ok   bool
	}{
		{der.UTF8String, "Вера", "Вера", true}, {der.UTF8String, "\xFF", "", false}, {der.PrintableString, "BY", "BY", true},
		{der.PrintableString, "\xC0", "", false}, {der.BMPString, "\x04\x12", "В", true}, {der.BMPString, "\x04", "", false},
		{der.BMPString, "\xD8\x00", "", false}, {der.UniversalString, "\x00\x00\x04\x12", "В", true},
		{der.UniversalString, "\x00\x11\x00\x00", "", false}, {der.UniversalString, "\x00", "", false}, {4, "x", "", false},
	} {
		got, ok := der.DecodeText(c.kind, []byte(c.raw))
		require.Equal(t, c.ok, ok, "%d %q", c.kind, c.raw)
		if ok {
			require.Equal(t, c.want, got)
		}
	}
}

func TestCertificatesKeepTheLimitsOfRFC5280(t *testing.T) {
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	name, err := pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDCommonName, Value: "Test"})
	require.NoError(t, err)
	good := pki.Template{
		SerialNumber: big.NewInt(1), Subject: name, NotBefore: time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC),
		NotAfter: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), PublicKey: key.Public(),
		Extensions: []pki.Extension{pki.KeyUsageExtension(x509.KeyUsageDigitalSignature | x509.KeyUsageDecipherOnly)},
	}
	c, err := pki.BuildCertificate(good, name, key)
	require.NoError(t, err)
	require.True(t, strings.Contains(string(c.RawTBS), "\x17\x0d491231235959Z"), "UTCTime through 2049")
	require.True(t, strings.Contains(string(c.RawTBS), "\x18\x0f20500101000000Z"), "GeneralizedTime from 2050")
	require.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageDecipherOnly, c.KeyUsage)
	one, err := pki.BuildTBS(good, pki.IssuerOf(c))
	require.NoError(t, err)
	two, err := pki.BuildTBS(good, pki.IssuerOf(c))
	require.NoError(t, err)
	require.Equal(t, one, two, "what is stored before signing is what is signed")

	for _, serial := range []*big.Int{nil, big.NewInt(0), big.NewInt(-1), new(big.Int).Lsh(big.NewInt(1), 160)} {
		bad := good
		bad.SerialNumber = serial
		_, err := pki.BuildTBS(bad, pki.IssuerOf(c))
		require.Equal(t, fault.Malformed, fault.CodeOf(err))
	}
	bad := good
	bad.NotAfter = bad.NotBefore
	_, err = pki.BuildTBS(bad, pki.IssuerOf(c))
	require.Equal(t, fault.Malformed, fault.CodeOf(err))
	_, err = pki.BuildTBS(good, pki.Issuer{Name: name, PublicKey: "no key"})
	require.Equal(t, fault.UnknownAlgorithm, fault.CodeOf(err))
}
