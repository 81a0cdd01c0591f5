package bpki

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/stb/bash"
	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

var (
	oidBignPublicKey = oid{1, 2, 112, 0, 2, 0, 34, 101, 45, 2, 1}
	oidBignWithHBelt = oid{1, 2, 112, 0, 2, 0, 34, 101, 45, 12}
	// bign-with-bash384 and bign-with-bash512.
	oidBignWithBash384 = oid{1, 2, 112, 0, 2, 0, 34, 101, 45, 14}
	oidBignWithBash512 = oid{1, 2, 112, 0, 2, 0, 34, 101, 45, 15}
)

// suite is what goes with a curve: hash function and signature algorithm
// (STB 34.101.78, 6.2 and 6.4).
type suite struct {
	hash func(data []byte) []byte
	// digest and signature are AlgorithmIdentifiers, hashOID is the DER of the identifier alone.
	digest, signature, hashOID []byte
}

func suiteOf(c *bign.Curve) suite {
	switch c.Level() {
	case 192:
		h := func(data []byte) []byte { sum := bash.Sum384(data); return sum[:] }
		return newSuite(h, bash.OID384, oidBignWithBash384)
	case 256:
		h := func(data []byte) []byte { sum := bash.Sum512(data); return sum[:] }
		return newSuite(h, bash.OID512, oidBignWithBash512)
	default:
		h := func(data []byte) []byte { sum := belt.Sum256(data); return sum[:] }
		return newSuite(h, belt.OIDHash, oidBignWithHBelt)
	}
}

func newSuite(hash func([]byte) []byte, digest, signature oid) suite {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1ObjectIdentifier(digest)
	return suite{hash, algorithm(digest), algorithm(signature), b.BytesOrPanic()}
}

func (s suite) sign(key *bign.PrivateKey, data []byte) ([]byte, error) {
	return key.SignDigest(s.hashOID, s.hash(data))
}

func (s suite) verify(key *bign.PublicKey, data, signature []byte) error {
	if key.Verify(s.hashOID, s.hash(data), signature) != nil {
		return ErrSignature
	}
	return nil
}

// readPublicKey reads a SubjectPublicKeyInfo of a standard curve.
func readPublicKey(s *cryptobyte.String) (*bign.PublicKey, error) {
	var body, raw cryptobyte.String
	var id, curve oid
	if !s.ReadASN1(&body, sequenceTag) || !body.ReadASN1(&raw, sequenceTag) || !raw.ReadASN1ObjectIdentifier(&id) {
		return nil, malformed("public key")
	}
	if !id.Equal(oidBignPublicKey) || !raw.ReadASN1ObjectIdentifier(&curve) || !raw.Empty() {
		return nil, ErrAlgorithm
	}
	c, ok := bign.CurveByOID(curve)
	if !ok {
		return nil, ErrAlgorithm
	}
	var bits asn1.BitString
	if !body.ReadASN1BitString(&bits) || bits.BitLength%8 != 0 || !body.Empty() {
		return nil, malformed("public key")
	}
	key, err := bign.NewPublicKey(c, bits.Bytes)
	if err != nil {
		return nil, ErrKey
	}
	return key, nil
}

func addPublicKey(b *cryptobyte.Builder, key *bign.PublicKey) {
	b.AddASN1(sequenceTag, func(b *cryptobyte.Builder) {
		b.AddBytes(named(oidBignPublicKey, key.Curve().OID()))
		b.AddASN1BitString(key.Bytes())
	})
}

// publicKey is the public half of a private key.
func publicKey(key *bign.PrivateKey) *bign.PublicKey {
	public, _ := key.Public().(*bign.PublicKey)
	return public
}
