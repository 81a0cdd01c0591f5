package bpki

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

var (
	oidData          = oid{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = oid{1, 2, 840, 113549, 1, 7, 2}
	oidEnvelopedData = oid{1, 2, 840, 113549, 1, 7, 3}
	oidBeltCFB256    = oid{1, 2, 112, 0, 2, 0, 34, 101, 31, 33}
	oidBeltCTR256    = oid{1, 2, 112, 0, 2, 0, 34, 101, 31, 43}
	keyTransport     = algorithm(oid{1, 2, 112, 0, 2, 0, 34, 101, 45, 41})
)

// Envelope is EnvelopedData of STB 34.101.78, 8.7: content that one recipient can
// read. It hides the content and does not protect it: whoever alters the octets of
// the encrypted content alters those that come out. What comes out must carry a
// signature that is checked, as all the contents of the standard do.
type Envelope struct {
	// Issuer and Serial name the recipient's certificate, both in DER.
	Issuer, Serial []byte

	token, encrypted []byte
	cipher           oid
	iv               [belt.BlockOctets]byte
}

// Envelop encrypts content, at most [MaxMessage] less some 2 KiB, for the holder
// of a certificate: belt-cfb256 under a new key, which bign-keytransport carries.
// The result is a ContentInfo. Random octets come from random, or from crypto/rand
// if it is nil.
func Envelop(content []byte, to *Certificate, random io.Reader) ([]byte, error) {
	return envelop(content, to, oidBeltCFB256, random)
}

func envelop(content []byte, to *Certificate, cipher oid, random io.Reader) ([]byte, error) {
	if len(content) == 0 {
		return nil, malformed("empty content")
	}
	if random == nil {
		random = rand.Reader
	}
	var key [belt.KeyOctets]byte
	defer clear(key[:])
	e := Envelope{Issuer: to.Issuer, Serial: to.Serial, cipher: cipher}
	for _, field := range [][]byte{key[:], e.iv[:]} {
		if _, err := io.ReadFull(random, field); err != nil {
			return nil, fmt.Errorf("bpki: read random octets: %w", err)
		}
	}
	var err error
	if e.token, err = to.PublicKey.WrapKey(key[:], &noHeader, random); err != nil {
		return nil, err
	}
	e.encrypted = make([]byte, len(content))
	e.stream(&key, e.encrypted, content, true)
	der, err := e.marshal()
	if err == nil && len(der) > MaxMessage {
		return nil, ErrTooLarge
	}
	return der, err
}

func (e *Envelope) stream(key *[belt.KeyOctets]byte, dst, src []byte, encrypt bool) {
	c := belt.NewGuardedCipher(key)
	switch {
	case e.cipher.Equal(oidBeltCTR256):
		c.CTR(dst, src, &e.iv)
	case encrypt:
		c.EncryptCFB(dst, src, &e.iv)
	default:
		c.DecryptCFB(dst, src, &e.iv)
	}
}

func (e *Envelope) marshal() ([]byte, error) {
	return contentInfo(oidEnvelopedData, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddASN1(tags.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(0)
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddBytes(e.Issuer)
					b.AddBytes(e.Serial)
				})
				b.AddBytes(keyTransport)
				b.AddASN1OctetString(e.token)
			})
		})
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidData)
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(e.cipher)
				b.AddASN1OctetString(e.iv[:])
			})
			b.AddASN1(implicit(0), func(b *cryptobyte.Builder) { b.AddBytes(e.encrypted) })
		})
	})
}

// contentInfo writes ContentInfo with a SEQUENCE inside (RFC 5652, 3).
func contentInfo(id oid, f func(b *cryptobyte.Builder)) ([]byte, error) {
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1(tags.SEQUENCE, f) })
	})
}

// openContentInfo is the inverse of contentInfo.
func openContentInfo(der []byte, id oid, what string) (body cryptobyte.String, err error) {
	s, err := sequence(der, MaxMessage, what)
	if err != nil {
		return nil, err
	}
	var found oid
	var content cryptobyte.String
	if !s.ReadASN1ObjectIdentifier(&found) || !found.Equal(id) || !s.ReadASN1(&content, explicit(0)) || !s.Empty() ||
		!content.ReadASN1(&body, tags.SEQUENCE) || !content.Empty() {
		return nil, malformed(what)
	}
	return body, nil
}

// ParseEnvelope reads what [Envelop] writes, with either of the standard's ciphers.
func ParseEnvelope(der []byte) (*Envelope, error) {
	body, err := openContentInfo(bytes.Clone(der), oidEnvelopedData, "enveloped data")
	if err != nil {
		return nil, err
	}
	var e Envelope
	var recipients, one, content, parameters, encrypted cryptobyte.String
	var version, recipientVersion int
	var kind oid
	if !body.ReadASN1Integer(&version) || version != 0 || !body.ReadASN1(&recipients, tags.SET) ||
		!recipients.ReadASN1(&one, tags.SEQUENCE) || !recipients.Empty() ||
		!one.ReadASN1Integer(&recipientVersion) || recipientVersion != 0 || !readIssuerAndSerial(&one, &e.Issuer, &e.Serial) {
		return nil, malformed("enveloped data: recipient")
	}
	if !readExact(&one, keyTransport) {
		return nil, ErrAlgorithm
	}
	if !one.ReadASN1Bytes(&e.token, tags.OCTET_STRING) || !one.Empty() ||
		!body.ReadASN1(&content, tags.SEQUENCE) || !body.Empty() ||
		!content.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidData) || !content.ReadASN1(&parameters, tags.SEQUENCE) ||
		!content.ReadASN1(&encrypted, implicit(0)) || encrypted.Empty() || !content.Empty() {
		return nil, malformed("enveloped data: content")
	}
	e.encrypted = encrypted
	if !parameters.ReadASN1ObjectIdentifier(&e.cipher) || !(e.cipher.Equal(oidBeltCFB256) || e.cipher.Equal(oidBeltCTR256)) ||
		!readFixed(&parameters, e.iv[:]) || !parameters.Empty() {
		return nil, ErrAlgorithm
	}
	return &e, nil
}

// For says whether the envelope names the certificate as its recipient's.
func (e *Envelope) For(c *Certificate) bool { return c.isNamed(e.Issuer, e.Serial) }

// Open decrypts the content with the recipient's key. It fails with [ErrRecipient]
// when the envelope is for another key.
func (e *Envelope) Open(key *bign.PrivateKey) ([]byte, error) {
	raw, err := key.UnwrapKey(e.token, &noHeader)
	if err != nil || len(raw) != belt.KeyOctets {
		return nil, ErrRecipient
	}
	defer clear(raw)
	content := make([]byte, len(e.encrypted))
	e.stream((*[belt.KeyOctets]byte)(raw), content, e.encrypted, false)
	return content, nil
}
