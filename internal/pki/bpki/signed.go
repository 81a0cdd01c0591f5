package bpki

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// ContentType says what signed data is for; signed for one process it serves no other.
type ContentType int

// The content types of STB 34.101.78, appendix A; each is an object identifier
// under bpki-ct.
const (
	ContentEnroll1 ContentType = 1 + iota
	ContentEnroll2
	ContentReenroll
	ContentSpawn
	ContentSetPassword
	ContentRevoke
	ContentResponse
)

// contentData is the data of CMS (RFC 5652, 4), which no process of the standard takes.
const contentData ContentType = 0

func (c ContentType) oid() oid {
	if c == contentData {
		return oid{1, 2, 840, 113549, 1, 7, 1}
	}
	return oid{1, 2, 112, 0, 2, 0, 34, 101, 78, 5, int(c)}
}

func contentTypeOf(id oid) (ContentType, bool) {
	for c := ContentEnroll1; c <= ContentResponse; c++ {
		if c.oid().Equal(id) {
			return c, true
		}
	}
	return 0, false
}

var (
	attributeContentType   = oid{1, 2, 840, 113549, 1, 9, 3}
	attributeMessageDigest = oid{1, 2, 840, 113549, 1, 9, 4}
	attributeSigningTime   = oid{1, 2, 840, 113549, 1, 9, 5}
)

// Signed is SignedData of STB 34.101.78, 8.6, whose signature is of the content by
// the certificate's key. Whether the certificate is good, package pki says.
type Signed struct {
	// Raw is the whole as it was read, to be kept as evidence; nil after [OpenDetached].
	Raw         []byte
	ContentType ContentType
	Content     []byte
	Certificate *Certificate
	// SigningTime is what the signer says, zero when nothing.
	SigningTime time.Time
}

// Sign signs content with the key of a certificate, which goes along. The time is
// signed unless it is zero. The result is a ContentInfo. It fails with
// [ErrMismatch] when the certificate is of another key.
func Sign(kind ContentType, content []byte, cert *Certificate, key *bign.PrivateKey, at time.Time) ([]byte, error) {
	if _, ok := contentTypeOf(kind.oid()); !ok || len(content) == 0 {
		return nil, malformed("content to be signed")
	}
	der, err := signedData(kind, content, cert, key, at)
	if err == nil && len(der) > MaxMessage {
		return nil, ErrTooLarge
	}
	return der, err
}

// signedData signs content; data stays outside, everything else inside (RFC 5652, 5.1
// has the versions).
func signedData(kind ContentType, content []byte, cert *Certificate, key *bign.PrivateKey, at time.Time) ([]byte, error) {
	if !cert.PublicKey.Equal(key.Public()) {
		return nil, fmt.Errorf("%w: the certificate is of another key", ErrMismatch)
	}
	s := suiteOf(key.Curve())
	attributes, err := signedAttributes(kind, s.hash(content), at)
	if err != nil {
		return nil, err
	}
	signature, err := s.sign(key, asSet(attributes))
	if err != nil {
		return nil, err
	}
	return contentInfo(oidSignedData, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(int64(kind.version()))
		b.AddASN1(tags.SET, func(b *cryptobyte.Builder) { b.AddBytes(s.digest) })
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(kind.oid())
			if kind != contentData {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
			}
		})
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(cert.Raw) })
		b.AddASN1(tags.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				cert.addIssuerAndSerial(b)
				b.AddBytes(s.digest)
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
				b.AddBytes(s.signature)
				b.AddASN1OctetString(signature)
			})
		})
	})
}

func (c ContentType) version() int {
	if c == contentData {
		return 1
	}
	return 3
}

// signedAttributes writes the elements of the set.
func signedAttributes(kind ContentType, digest []byte, at time.Time) ([]byte, error) {
	list := [][]byte{
		attribute(attributeContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(kind.oid()) }),
		attribute(attributeMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }),
	}
	if !at.IsZero() {
		list = append(list, attribute(attributeSigningTime, func(b *cryptobyte.Builder) { addTime(b, at) }))
	}
	b := cryptobyte.NewBuilder(nil)
	addSetOf(b, list...)
	return b.Bytes()
}

// attribute writes an Attribute with one value.
func attribute(id oid, value func(b *cryptobyte.Builder)) []byte {
	der, _ := build(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddASN1(tags.SET, value)
	})
	return der
}

// asSet gives the elements the header under which they are signed (RFC 5652, 5.4).
func asSet(elements []byte) []byte {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tags.SET, func(b *cryptobyte.Builder) { b.AddBytes(elements) })
	return b.BytesOrPanic()
}

// OpenSigned reads signed data and verifies its signature. Both forms in which
// requests are enveloped are taken: the ContentInfo of CMS, and the
// EncapsulatedContentInfo of the standard's text, where an OCTET STRING is around
// the SignedData. It fails with [ErrSignature] when the signature does not verify.
func OpenSigned(der []byte) (*Signed, error) {
	der = bytes.Clone(der)
	body, err := openContentInfo(der, oidSignedData, "signed data")
	if err != nil {
		if body, err = openEncapsulated(der); err != nil {
			return nil, err
		}
	}
	out, err := readSigned(body)
	if err == nil {
		out.Raw = der
	}
	return out, err
}

func openEncapsulated(der []byte) (cryptobyte.String, error) {
	s, err := sequence(der, MaxMessage, "signed data")
	if err != nil {
		return nil, err
	}
	var id oid
	var content, inner cryptobyte.String
	if !s.ReadASN1ObjectIdentifier(&id) || !id.Equal(oidSignedData) || !s.ReadASN1(&content, explicit(0)) || !s.Empty() ||
		!content.ReadASN1(&inner, tags.OCTET_STRING) || !content.Empty() {
		return nil, malformed("signed data")
	}
	return sequence(inner, MaxMessage, "signed data")
}
