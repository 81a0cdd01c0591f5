package cms

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// MaxSignedData is the greatest length of signed data in octets.
const MaxSignedData = 16 << 20

// SignedData is parsed CMS SignedData (RFC 5652, 5) or PKCS#7.
type SignedData struct {
	Version     int
	ContentType der.OID
	// Content is what was signed, nil when it is detached.
	Content               []byte
	Certificates          []*pki.Certificate
	AttributeCertificates []*pki.AttributeCertificate
	// UnreadAttributeCertificates are those in a form not known here; they break nothing.
	UnreadAttributeCertificates [][]byte
	// UnreadCertificates are those that cannot be read, such as foreign ones
	// that a program sends along; the signer's own must be readable.
	UnreadCertificates [][]byte
	CRLs               []*pki.CRL
	Signers            []SignerInfo
}

// ReadSignedData reads signed data from DER, PEM "PKCS7" or "CMS", or bare base64.
func ReadSignedData(file []byte) (*SignedData, error) {
	if len(file) > MaxSignedData {
		return nil, fault.New(fault.TooLarge, "signed data has at most %d octets", MaxSignedData)
	}
	if pki.IsDER(file) {
		return ParseSignedData(file)
	}
	blocks, err := pki.Unarmor(file)
	if err != nil {
		return nil, err
	}
	switch len(blocks) {
	case 0:
	case 1:
		if t := blocks[0].Type; t != "PKCS7" && t != "CMS" {
			return nil, fault.New(fault.Malformed, "a PEM block of another kind")
		}
		return ParseSignedData(blocks[0].Bytes)
	default:
		return nil, fault.New(fault.Trailing, "something follows the PEM block")
	}
	encoded, ok := pki.DecodeBase64(file)
	if !ok {
		return nil, fault.New(fault.Malformed, "signed data is neither DER nor PEM nor base64")
	}
	return ParseSignedData(encoded)
}

// isContentInfo tells whether bytes begin like ContentInfo: a sequence that
// begins with an object identifier.
func isContentInfo(encoded []byte) bool {
	if len(encoded) > 2 && encoded[0] == 0x30 && encoded[1] == 0x80 {
		return encoded[2] == 0x06
	}
	head, _, err := der.Header(encoded)
	return err == nil && encoded[0] == 0x30 && len(encoded) > head && encoded[head] == 0x06
}

// ParseSignedData reads ContentInfo with SignedData. Indefinite lengths are
// tolerated in the layers outside of what is signed and of certificates.
func ParseSignedData(ber []byte) (*SignedData, error) {
	if fault.CodeOf(der.Check(ber)) == fault.Indefinite {
		encoded, err := der.Definite(ber)
		if err != nil {
			return nil, fault.Within("signed data", err)
		}
		ber = encoded
	}
	_, s, err := der.Open(ber, "signed data")
	if err != nil {
		return nil, err
	}
	var t der.OID
	var content, body cryptobyte.String
	if !s.ReadASN1ObjectIdentifier(&t) || !t.Equal(oidSignedData) || !s.ReadASN1(&content, der.ExplicitTag(0)) ||
		!s.Empty() || !content.ReadASN1(&body, asn1.SEQUENCE) || !content.Empty() {
		return nil, der.Malformed("not signed data")
	}
	sd := &SignedData{}
	var digests, inner cryptobyte.String
	if !body.ReadASN1Integer(&sd.Version) || !body.ReadASN1(&digests, asn1.SET) ||
		!body.ReadASN1(&inner, asn1.SEQUENCE) || !sd.readContent(inner) {
		return nil, der.Malformed("signed data: content")
	}
	if err := sd.readSets(&body); err != nil {
		return nil, err
	}
	var signers cryptobyte.String
	if !body.ReadASN1(&signers, asn1.SET) || !body.Empty() {
		return nil, der.Malformed("signed data: signers")
	}
	for !signers.Empty() {
		si, err := readSigner(&signers)
		if err != nil {
			return nil, err
		}
		sd.Signers = append(sd.Signers, si)
	}
	return sd, nil
}

// readContent reads EncapsulatedContentInfo. PKCS#7 allows any element as
// content; then what is signed is its contents without the header.
func (sd *SignedData) readContent(s cryptobyte.String) bool {
	var tagged, value cryptobyte.String
	var present bool
	var tag asn1.Tag
	if !s.ReadASN1ObjectIdentifier(&sd.ContentType) || !s.ReadOptionalASN1(&tagged, &present, der.ExplicitTag(0)) || !s.Empty() {
		return false
	}
	if !present {
		return true
	}
	if !tagged.ReadAnyASN1(&value, &tag) || !tagged.Empty() {
		return false
	}
	if tag == asn1.OCTET_STRING|0x20 {
		joined, _, err := der.JoinOctets(value, nil)
		s := cryptobyte.String(joined)
		if err != nil || !s.ReadASN1(&value, asn1.OCTET_STRING) {
			return false
		}
	}
	sd.Content = value
	if sd.Content == nil {
		sd.Content = []byte{}
	}
	return true
}

func (sd *SignedData) readSets(s *cryptobyte.String) error {
	var set cryptobyte.String
	var present bool
	if !s.ReadOptionalASN1(&set, &present, der.ExplicitTag(0)) {
		return der.Malformed("signed data: certificates")
	}
	for !set.Empty() {
		if err := sd.readCertificate(&set); err != nil {
			return err
		}
	}
	if !s.ReadOptionalASN1(&set, &present, der.ExplicitTag(1)) {
		return der.Malformed("signed data: revocation lists")
	}
	for present && !set.Empty() {
		var raw []byte
		if !der.ReadElement(&set, &raw) {
			return der.Malformed("signed data: revocation lists")
		}
		// Other revocation information ([1]) and lists we cannot use are passed over:
		// trust never rests on what the signer sends along.
		if crl, err := pki.ParseCRL(raw); err == nil {
			sd.CRLs = append(sd.CRLs, crl)
		}
	}
	return nil
}

// readCertificate reads one CertificateChoices (RFC 5652, 10.2.2).
func (sd *SignedData) readCertificate(set *cryptobyte.String) error {
	var raw []byte
	if !der.ReadElement(set, &raw) {
		return der.Malformed("signed data: certificates")
	}
	switch asn1.Tag(raw[0]) {
	case asn1.SEQUENCE:
		c, err := pki.ParseCertificate(raw)
		if err != nil {
			sd.UnreadCertificates = append(sd.UnreadCertificates, raw)
			return nil
		}
		sd.Certificates = append(sd.Certificates, c)
	case der.ExplicitTag(1), der.ExplicitTag(2):
		// The tag is implicit: it stands in the place of SEQUENCE.
		plain := bytes.Clone(raw)
		plain[0] = byte(asn1.SEQUENCE)
		a, err := pki.ParseAttributeCertificate(plain)
		if err != nil {
			sd.UnreadAttributeCertificates = append(sd.UnreadAttributeCertificates, plain)
			return nil
		}
		sd.AttributeCertificates = append(sd.AttributeCertificates, a)
	case der.ExplicitTag(0), der.ExplicitTag(3):
	default:
		return der.Malformed("signed data: certificates")
	}
	return nil
}
