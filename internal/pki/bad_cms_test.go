package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// selfSigned makes a certificate signed with its own key.
func selfSigned(t *testing.T, kind KeyAlgorithm, extensions ...Extension) (*Certificate, crypto.Signer) {
	t.Helper()
	key, err := GenerateKey(kind, rand.Reader)
	require.NoError(t, err)
	name, err := NewName(UTF8String, NameAttribute{Type: OIDCommonName, Value: "Test"})
	require.NoError(t, err)
	serial, err := NewSerial()
	require.NoError(t, err)
	c, err := BuildCertificate(Template{
		SerialNumber: serial, Subject: name, NotBefore: reference.AddDate(-1, 0, 0), NotAfter: reference.AddDate(1, 0, 0),
		PublicKey: key.Public(), Extensions: extensions,
	}, name, key)
	require.NoError(t, err)
	return c, key
}

func TestM6_EverySignatureFormVerifies(t *testing.T) {
	content := []byte("the exact bytes of a list")
	for _, kind := range []KeyAlgorithm{KeyBign256, KeyBign384, KeyBign512, KeyECDSAP256, KeyECDSAP384, KeyECDSAP521, KeyRSA2048} {
		cert, key := selfSigned(t, kind)
		other, _ := selfSigned(t, kind)
		for name, o := range map[string]SignOptions{
			"detached": {}, "attached": {Attached: true}, "time": {SigningTime: reference}, "direct": {Direct: true},
			"by key id": {ByKeyID: true}, "without certificate": {OmitCertificate: true}, "more certificates": {Certificates: []*Certificate{other, cert}},
		} {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				der, err := SignData(content, cert, key, o)
				require.NoError(t, err)
				sd, err := ParseSignedData(der)
				require.NoError(t, err)
				if o.OmitCertificate {
					_, err = sd.Verify(content)
					require.Equal(t, CodeNoSignerCertificate, CodeOf(err))
					_, err = sd.Verify(content, other)
					require.Equal(t, CodeNoSignerCertificate, CodeOf(err))
				}
				got, err := sd.Verify(content, other, cert)
				require.NoError(t, err)
				require.Equal(t, cert.Raw, got.Signer.Raw)
				require.Equal(t, content, got.Content)
				require.True(t, got.SigningTime.Equal(o.SigningTime))
				_, err = sd.Verify(append(bytes.Clone(content), '!'), cert)
				require.NotEmpty(t, CodeOf(err))
			})
		}
	}
}

func TestM6_BrokenMessagesAreRefusedWithTheOneReason(t *testing.T) {
	content := []byte("the exact bytes of a list")
	cert, key := selfSigned(t, KeyBign256)
	parse := func(o SignOptions) *SignedData {
		der, err := SignData(content, cert, key, o)
		require.NoError(t, err)
		sd, err := ParseSignedData(der)
		require.NoError(t, err)
		return sd
	}
	ec, _ := selfSigned(t, KeyECDSAP256)
	for name, c := range map[string]struct {
		change func(sd *SignedData)
		want   Code
	}{
		"nobody":                {func(sd *SignedData) { sd.Signers = nil }, CodeNoSigner},
		"two signers":           {func(sd *SignedData) { sd.Signers = append(sd.Signers, sd.Signers[0]) }, CodeSeveralSigners},
		"no certificate":        {func(sd *SignedData) { sd.Certificates = nil }, CodeNoSignerCertificate},
		"other key":             {func(sd *SignedData) { sd.Certificates[0].PublicKey = ec.PublicKey }, CodeKeyMismatch},
		"unusable key":          {func(sd *SignedData) { sd.Certificates[0].KeyErr = refuse(CodeBadKey, "x") }, CodeBadKey},
		"other content type":    {func(sd *SignedData) { sd.ContentType = oidSignedData }, CodeSignedAttributes},
		"attributes dropped":    {func(sd *SignedData) { sd.Signers[0].SignedAttributes, sd.Signers[0].rawSigned = nil, nil }, CodeBadSignature},
		"digest attribute gone": {func(sd *SignedData) { sd.Signers[0].SignedAttributes = sd.Signers[0].SignedAttributes[:1] }, CodeSignedAttributes},
		"unknown digest":        {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm.OID = OID{1, 2, 3} }, CodeUnknownAlgorithm},
		"obsolete digest":       {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm.OID = OID{1, 3, 6, 1, 4, 1, 12656, 1, 42} }, CodeObsoleteAlgorithm},
		"digest of another":     {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm = algorithms.digests[oidSHA256.String()].inCMS }, CodeKeyMismatch},
		"parameters absent":     {func(sd *SignedData) { sd.Signers[0].Algorithm.Parameters = nil }, CodeBadParameters},
		"digest params absent":  {func(sd *SignedData) { sd.Signers[0].DigestAlgorithm.Parameters = nil }, CodeBadParameters},
		"signature cut":         {func(sd *SignedData) { sd.Signers[0].Signature = sd.Signers[0].Signature[:47] }, CodeBadSignature},
	} {
		sd := parse(SignOptions{})
		c.change(sd)
		_, err := sd.Verify(content)
		require.Equal(t, c.want, CodeOf(err), "%s: %v", name, err)
	}
}

// A signature over signed attributes must not pass as one over content that
// happens to be those attributes.
func TestM6_SignedAttributesDoNotPassAsContent(t *testing.T) {
	cert, key := selfSigned(t, KeyBign256)
	der, err := SignData([]byte("list"), cert, key, SignOptions{})
	require.NoError(t, err)
	sd, err := ParseSignedData(der)
	require.NoError(t, err)
	si := &sd.Signers[0]
	forged := bytes.Clone(si.rawSigned)
	si.rawSigned, si.SignedAttributes = nil, nil
	_, err = sd.Verify(forged)
	require.Equal(t, CodeSignedAttributes, CodeOf(err))
}

func TestSigningWithAnotherKeyThanTheCertificatesIsRefused(t *testing.T) {
	cert, _ := selfSigned(t, KeyBign256)
	_, key := selfSigned(t, KeyBign256)
	_, err := SignData(nil, cert, key, SignOptions{})
	require.Equal(t, CodeKeyMismatch, CodeOf(err))
}

// indefinite rewrites the outer layers of a message as BER programs do.
func indefinite(t *testing.T, der []byte) []byte {
	t.Helper()
	s, body := cryptobyte.String(der), cryptobyte.String(nil)
	require.True(t, s.ReadASN1(&body, asn1.SEQUENCE))
	var oid, content, sd cryptobyte.String
	require.True(t, body.ReadASN1Element(&oid, asn1.OBJECT_IDENTIFIER))
	require.True(t, body.ReadASN1(&content, explicitTag(0)))
	require.True(t, content.ReadASN1(&sd, asn1.SEQUENCE))
	out := append([]byte{0x30, 0x80}, oid...)
	out = append(out, 0xA0, 0x80, 0x30, 0x80)
	out = append(out, sd...)
	return append(out, 0, 0, 0, 0, 0, 0)
}

func TestSignedDataToleratesIndefiniteLengthsOutside(t *testing.T) {
	ber := indefinite(t, sample(t, "cms/list.json.p7m"))
	sd, err := ReadSignedData(ber)
	require.NoError(t, err)
	_, err = sd.Verify(sample(t, "cms/list.json"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		in   []byte
		want Code
	}{
		"without end":   {ber[:len(ber)-2], CodeTruncated},
		"trailing":      {append(bytes.Clone(ber), 1), CodeTrailing},
		"primitive":     {[]byte{0x04, 0x80, 0, 0}, CodeMalformed},
		"nested deep":   {bytes.Repeat([]byte{0x30, 0x80}, 50), CodeMalformed},
		"wrong pieces":  {[]byte{0x30, 0x80, 0x24, 0x80, 0x02, 1, 1, 0, 0, 0, 0}, CodeMalformed},
		"other message": {[]byte{0x30, 0x80, 0x06, 1, 0x2A, 0, 0}, CodeMalformed},
	} {
		_, err := ParseSignedData(c.in)
		require.Equal(t, c.want, CodeOf(err), "%s: %v", name, err)
	}
	joined, err := definite([]byte{0x24, 0x80, 0x04, 1, 'a', 0x04, 2, 'b', 'c', 0, 0})
	require.NoError(t, err)
	require.Equal(t, []byte{0x04, 3, 'a', 'b', 'c'}, joined)
}

func TestUnreadableAttributeCertificateBreaksNothing(t *testing.T) {
	der := sample(t, "cms/list.withattrcert.p7s")
	// The version number of the attribute certificate, as its first element.
	i := bytes.Index(der, []byte{0xA2, 0x82, 0x02, 0x86})
	require.Positive(t, i)
	bad := bytes.Clone(der)
	require.Equal(t, []byte{0x02, 0x01, 0x01}, bad[i+8:i+11])
	bad[i+10] = 7
	sd, err := ParseSignedData(bad)
	require.NoError(t, err)
	require.Len(t, sd.UnreadAttributeCertificates, 1)
	got, err := sd.Verify(sample(t, "cms/list.json"))
	require.NoError(t, err)
	require.Empty(t, got.AttributeCertificates)
}

func TestM6_DocumentNamesWhomTheSignerSpeaksFor(t *testing.T) {
	v := NewValidator(sampleTrust(t), Options{Revocation: RevocationAll, KeyUsage: x509.KeyUsageDigitalSignature})
	d, err := v.VerifyDocument(sample(t, "cms/list.withattrcert.p7s"), sample(t, "cms/list.json"), reference)
	require.NoError(t, err)
	require.Len(t, d.Organisations, 1)
	require.Empty(t, d.AttributeErrors)
	require.Equal(t, "190000018", d.Subject().UNP)
	require.True(t, d.SpeaksFor("190000018"))
	require.False(t, d.SpeaksFor("100000001"))
	require.False(t, d.SpeaksFor(""))
	require.Len(t, d.Chain, 3)

	later := reference.Add(5 * 365 * 24 * time.Hour)
	_, err = v.VerifyDocument(sample(t, "cms/list.json.p7s"), sample(t, "cms/list.json"), later)
	require.Equal(t, CodeExpired, CodeOf(err))
	_, err = v.VerifyDocument([]byte("no message"), nil, reference)
	require.Equal(t, CodeMalformed, CodeOf(err))
}
