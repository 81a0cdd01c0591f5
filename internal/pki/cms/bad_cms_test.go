package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// selfSigned makes a certificate signed with its own key.
func selfSigned(t *testing.T, kind alg.KeyAlgorithm, extensions ...pki.Extension) (*pki.Certificate, crypto.Signer) {
	t.Helper()
	key, err := alg.GenerateKey(kind, rand.Reader)
	require.NoError(t, err)
	name, err := pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDCommonName, Value: "Test"})
	require.NoError(t, err)
	serial, err := pki.NewSerial()
	require.NoError(t, err)
	c, err := pki.BuildCertificate(pki.Template{
		SerialNumber: serial, Subject: name, NotBefore: reference.AddDate(-1, 0, 0), NotAfter: reference.AddDate(1, 0, 0),
		PublicKey: key.Public(), Extensions: extensions,
	}, name, key)
	require.NoError(t, err)
	return c, key
}

func TestM6_EverySignatureFormVerifies(t *testing.T) {
	content := []byte("the exact bytes of a list")
	for _, kind := range []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyBign384, alg.KeyBign512, alg.KeyECDSAP256, alg.KeyECDSAP384, alg.KeyECDSAP521, alg.KeyRSA2048} {
		cert, key := selfSigned(t, kind)
		other, _ := selfSigned(t, kind)
		for name, o := range map[string]SignOptions{
			"detached": {}, "attached": {Attached: true}, "time": {SigningTime: reference}, "direct": {Direct: true},
			"by key id": {ByKeyID: true}, "without certificate": {OmitCertificate: true}, "more certificates": {Certificates: []*pki.Certificate{other, cert}},
		} {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				der, err := SignData(content, cert, key, o)
				require.NoError(t, err)
				sd, err := ParseSignedData(der)
				require.NoError(t, err)
				if o.OmitCertificate {
					_, err = sd.Verify(content)
					require.Equal(t, fault.NoSignerCertificate, fault.CodeOf(err))
					_, err = sd.Verify(content, other)
					require.Equal(t, fault.NoSignerCertificate, fault.CodeOf(err))
				}
				got, err := sd.Verify(content, other, cert)
				require.NoError(t, err)
				require.Equal(t, cert.Raw, got.Signer.Raw)
				require.Equal(t, content, got.Content)
				require.True(t, got.SigningTime.Equal(o.SigningTime))
				_, err = sd.Verify(append(bytes.Clone(content), '!'), cert)
				require.NotEmpty(t, fault.CodeOf(err))
			})
		}
	}
}

func TestM6_BrokenMessagesAreRefusedWithTheOneReason(t *testing.T) {
	content := []byte("the exact bytes of a list")
	cert, key := selfSigned(t, alg.KeyBign256)
	parse := func(o SignOptions) *SignedData {
		encoded, err := SignData(content, cert, key, o)
		require.NoError(t, err)
		sd, err := ParseSignedData(encoded)
		require.NoError(t, err)
		return sd
	}
	ec, _ := selfSigned(t, alg.KeyECDSAP256)
	for name, c := range map[string]struct {
		change func(sd *SignedData)
		want   fault.Code
	}{
		"nobody":                {func(sd *SignedData) { sd.Signers = nil }, fault.NoSigner},
		"two signers":           {func(sd *SignedData) { sd.Signers = append(sd.Signers, sd.Signers[0]) }, fault.SeveralSigners},
		"no certificate":        {func(sd *SignedData) { sd.Certificates = nil }, fault.NoSignerCertificate},
		"other key":             {func(sd *SignedData) { sd.Certificates[0].PublicKey = ec.PublicKey }, fault.KeyMismatch},
		"unusable key":          {func(sd *SignedData) { sd.Certificates[0].KeyErr = fault.New(fault.BadKey, "x") }, fault.BadKey},
		"other content type":    {func(sd *SignedData) { sd.ContentType = oidSignedData }, fault.SignedAttributes},
		"attributes dropped":    {func(sd *SignedData) { sd.Signers[0].SignedAttributes, sd.Signers[0].rawSigned = nil, nil }, fault.BadSignature},
		"digest attribute gone": {func(sd *SignedData) { sd.Signers[0].SignedAttributes = sd.Signers[0].SignedAttributes[:1] }, fault.SignedAttributes},
		"unknown digest":        {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm.OID = der.OID{1, 2, 3} }, fault.UnknownAlgorithm},
		"obsolete digest":       {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm.OID = der.OID{1, 3, 6, 1, 4, 1, 12656, 1, 42} }, fault.ObsoleteAlgorithm},
		"digest of another": {func(sd *SignedData) {
			sd.Signers[0].DigestAlgorithm = pkitest.Identifier(t, pkitest.OIDSHA256, pkitest.Null())
		}, fault.KeyMismatch},
		"parameters absent":    {func(sd *SignedData) { sd.Signers[0].Algorithm.Parameters = nil }, fault.BadParameters},
		"digest params absent": {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm.Parameters = nil }, fault.BadParameters},
		"signature cut":        {func(sd *SignedData) { sd.Signers[0].Signature = sd.Signers[0].Signature[:47] }, fault.BadSignature},
	} {
		sd := parse(SignOptions{})
		c.change(sd)
		_, err := sd.Verify(content)
		require.Equal(t, c.want, fault.CodeOf(err), "%s: %v", name, err)
	}
}

// A signature over signed attributes must not pass as one over content that
// happens to be those attributes.
func TestM6_SignedAttributesDoNotPassAsContent(t *testing.T) {
	cert, key := selfSigned(t, alg.KeyBign256)
	der, err := SignData([]byte("list"), cert, key, SignOptions{})
	require.NoError(t, err)
	sd, err := ParseSignedData(der)
	require.NoError(t, err)
	si := &sd.Signers[0]
	forged := bytes.Clone(si.rawSigned)
	si.rawSigned, si.SignedAttributes = nil, nil
	_, err = sd.Verify(forged)
	require.Equal(t, fault.SignedAttributes, fault.CodeOf(err))
}

func TestSigningWithAnotherKeyThanTheCertificatesIsRefused(t *testing.T) {
	cert, _ := selfSigned(t, alg.KeyBign256)
	_, key := selfSigned(t, alg.KeyBign256)
	_, err := SignData(nil, cert, key, SignOptions{})
	require.Equal(t, fault.KeyMismatch, fault.CodeOf(err))
}

// indefinite rewrites the outer layers of a message as BER programs do.
func indefinite(t *testing.T, encoded []byte) []byte {
	t.Helper()
	s, body := cryptobyte.String(encoded), cryptobyte.String(nil)
	require.True(t, s.ReadASN1(&body, asn1.SEQUENCE))
	var oid, content, sd cryptobyte.String
	require.True(t, body.ReadASN1Element(&oid, asn1.OBJECT_IDENTIFIER))
	require.True(t, body.ReadASN1(&content, der.ExplicitTag(0)))
	require.True(t, content.ReadASN1(&sd, asn1.SEQUENCE))
	out := append([]byte{0x30, 0x80}, oid...)
	out = append(out, 0xA0, 0x80, 0x30, 0x80)
	out = append(out, sd...)
	return append(out, 0, 0, 0, 0, 0, 0)
}

func TestSignedDataToleratesIndefiniteLengthsOutside(t *testing.T) {
	ber := indefinite(t, pkitest.Sample(t, "cms/list.json.p7m"))
	sd, err := ReadSignedData(ber)
	require.NoError(t, err)
	_, err = sd.Verify(pkitest.Sample(t, "cms/list.json"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		in   []byte
		want fault.Code
	}{
		"without end":   {ber[:len(ber)-2], fault.Truncated},
		"trailing":      {append(bytes.Clone(ber), 1), fault.Trailing},
		"primitive":     {[]byte{0x04, 0x80, 0, 0}, fault.Malformed},
		"nested deep":   {bytes.Repeat([]byte{0x30, 0x80}, 50), fault.Malformed},
		"wrong pieces":  {[]byte{0x30, 0x80, 0x24, 0x80, 0x02, 1, 1, 0, 0, 0, 0}, fault.Malformed},
		"other message": {[]byte{0x30, 0x80, 0x06, 1, 0x2A, 0, 0}, fault.Malformed},
	} {
		_, err := ParseSignedData(c.in)
		require.Equal(t, c.want, fault.CodeOf(err), "%s: %v", name, err)
	}
	joined, err := der.Definite([]byte{0x24, 0x80, 0x04, 1, 'a', 0x04, 2, 'b', 'c', 0, 0})
	require.NoError(t, err)
	require.Equal(t, []byte{0x04, 3, 'a', 'b', 'c'}, joined)
}

func TestUnreadableAttributeCertificateBreaksNothing(t *testing.T) {
	der := pkitest.Sample(t, "cms/list.withattrcert.p7s")
	// The version number of the attribute certificate, as its first element.
	i := bytes.Index(der, []byte{0xA2, 0x82, 0x02, 0x86})
	require.Positive(t, i)
	bad := bytes.Clone(der)
	require.Equal(t, []byte{0x02, 0x01, 0x01}, bad[i+8:i+11])
	bad[i+10] = 7
	sd, err := ParseSignedData(bad)
	require.NoError(t, err)
	require.Len(t, sd.UnreadAttributeCertificates, 1)
	got, err := sd.Verify(pkitest.Sample(t, "cms/list.json"))
	require.NoError(t, err)
	require.Empty(t, got.AttributeCertificates)
}

func TestRSASignatureNeedsADigestOfItsOwnKind(t *testing.T) {
	cert, key := selfSigned(t, alg.KeyRSA2048)
	der, err := SignData([]byte("x"), cert, key, SignOptions{})
	require.NoError(t, err)
	sd, err := ParseSignedData(der)
	require.NoError(t, err)
	si := &sd.Signers[0]
	si.Algorithm = pkitest.Identifier(t, pkitest.OIDRSA, pkitest.Null())
	_, err = sd.Verify([]byte("x"))
	require.NoError(t, err, "rsaEncryption with the digest beside it")
	si.DigestAlgorithm = pkitest.Identifier(t, pkitest.OIDBelt, pkitest.Null())
	si.rawSigned, si.SignedAttributes = nil, nil
	_, err = sd.Verify([]byte("x"))
	require.Equal(t, fault.KeyMismatch, fault.CodeOf(err))
	require.Equal(t, fault.BadParameters, fault.CodeOf(alg.Verify(si.Algorithm, cert.PublicKey, nil, nil)))
}
