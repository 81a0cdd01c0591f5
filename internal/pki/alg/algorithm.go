package alg

import (
	"crypto"
	"crypto/rand"
	"hash"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Identifier is an AlgorithmIdentifier: what stands beside keys, digests and signatures.
type Identifier struct {
	OID der.OID
	// Raw is the whole identifier in DER.
	Raw []byte
	// Parameters is the parameters' DER, nil when they are absent.
	Parameters []byte
}

// ParseIdentifier reads an AlgorithmIdentifier from DER; it does not ask whether it is known.
func ParseIdentifier(encoded []byte) (Identifier, error) {
	if err := der.Check(encoded); err != nil {
		return Identifier{}, err
	}
	s := cryptobyte.String(encoded)
	var a Identifier
	if !ReadIdentifier(&s, &a) {
		return Identifier{}, der.Malformed("algorithm identifier")
	}
	return a, nil
}

// ReadIdentifier reads an AlgorithmIdentifier; false for anything else.
func ReadIdentifier(s *cryptobyte.String, out *Identifier) bool {
	var raw, body cryptobyte.String
	if !s.ReadASN1Element(&raw, asn1.SEQUENCE) {
		return false
	}
	out.Raw = raw
	rest := raw
	if !rest.ReadASN1(&body, asn1.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&out.OID) {
		return false
	}
	out.Parameters = nil
	if !body.Empty() && !der.ReadElement(&body, &out.Parameters) {
		return false
	}
	return body.Empty()
}

// Equal tells whether both are the same identifier with the same parameters.
func (a Identifier) Equal(b Identifier) bool { return string(a.Raw) == string(b.Raw) }

// parameterRule is what may stand in the parameters of an AlgorithmIdentifier.
type parameterRule int

const (
	// parametersNull: NULL and nothing else (STB 34.101.45, 34.101.31).
	parametersNull parameterRule = iota
	// parametersAbsent: nothing (RFC 5758 for ECDSA).
	parametersAbsent
	// parametersEither: NULL or nothing (RFC 4055 for digests and RSA).
	parametersEither
	// parametersOwn: the algorithm reads them itself.
	parametersOwn
)

func (r parameterRule) check(a Identifier) error {
	null := string(a.Parameters) == "\x05\x00"
	switch {
	case r == parametersOwn,
		r == parametersNull && null,
		r == parametersAbsent && a.Parameters == nil,
		r == parametersEither && (null || a.Parameters == nil):
		return nil
	case a.Parameters == nil:
		return fault.New(fault.BadParameters, "algorithm %s without its parameters", a.OID)
	default:
		return fault.New(fault.BadParameters, "algorithm %s with parameters it must not have", a.OID)
	}
}

func (r parameterRule) identifier(oid der.OID) Identifier {
	raw, _ := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			if r == parametersNull || r == parametersEither {
				b.AddASN1NULL()
			}
		})
	})
	a, _ := ParseIdentifier(raw)
	return a
}

// Digest is a hash algorithm of the registry.
type Digest struct {
	name   string
	oid    der.OID
	oidDER []byte
	new    func() hash.Hash
	// std is the standard library's number for it, 0 for the Belarusian ones.
	std   crypto.Hash
	rule  parameterRule
	inCMS Identifier
}

// Identifier names the digest in signed data.
func (d *Digest) Identifier() Identifier { return d.inCMS }

// Sum digests bytes.
func (d *Digest) Sum(data []byte) []byte {
	h := d.new()
	h.Write(data)
	return h.Sum(nil)
}

// Scheme is a signature algorithm of the registry: a digest and a kind of key.
type Scheme struct {
	name string
	oid  der.OID
	rule parameterRule
	own  *Digest
	// verify checks a signature of the digest; the key's type is its first concern.
	verify func(pub crypto.PublicKey, d *Digest, sum, signature []byte) error
	// resolve, where set, makes the scheme from its parameters.
	resolve func(a Identifier) (*Scheme, error)
	// options are handed to the crypto.Signer that signs with the scheme.
	options func(d *Digest) crypto.SignerOpts
}

// Identifier names the algorithm beside a signature.
func (s *Scheme) Identifier() Identifier { return s.rule.identifier(s.oid) }

// Digest is the digest that the algorithm names, nil when it names none.
func (s *Scheme) Digest() *Digest { return s.own }

// Sign signs bytes with the algorithm.
func (s *Scheme) Sign(signer crypto.Signer, signed []byte) ([]byte, error) {
	sig, err := signer.Sign(rand.Reader, s.own.Sum(signed), s.options(s.own))
	if err != nil {
		return nil, fault.Wrap(fault.BadKey, err, "signing")
	}
	return sig, nil
}

// Takes refuses a digest that does not belong to the algorithm.
func (s *Scheme) Takes(d *Digest) error {
	if s.own != nil && s.own != d {
		return fault.New(fault.KeyMismatch, "digest and signature algorithm do not belong together")
	}
	return nil
}

// Verify checks a signature of a digest that was computed apart, as signed
// data has it; the digest must be the algorithm's own where it names one.
func (s *Scheme) Verify(pub crypto.PublicKey, d *Digest, sum, signature []byte) error {
	if err := s.Takes(d); err != nil {
		return err
	}
	return s.verify(pub, d, sum, signature)
}

// keyFamily is a public key algorithm of the registry.
type keyFamily struct {
	oid der.OID
	// parse reads the raw key under the algorithm's parameters.
	parse func(a Identifier, key []byte) (crypto.PublicKey, error)
	// marshal returns false for keys of another family.
	marshal func(pub crypto.PublicKey) (algorithm, key []byte, ok bool)
	// name tells the key's algorithm and strength.
	name func(pub crypto.PublicKey) (KeyAlgorithm, bool)
	// scheme is the object identifier of the default signature algorithm of a key.
	scheme func(pub crypto.PublicKey) (der.OID, bool)
	// private parses and marshals the privateKey field of PKCS#8.
	parsePrivate   func(a Identifier, key []byte) (crypto.Signer, error)
	marshalPrivate func(key crypto.Signer) (algorithm, private []byte, ok bool)
}
