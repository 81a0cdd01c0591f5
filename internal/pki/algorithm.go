package pki

import (
	"crypto"
	"hash"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithm is an AlgorithmIdentifier: what stands beside keys, digests and signatures.
type Algorithm struct {
	OID OID
	// Raw is the whole identifier in DER.
	Raw []byte
	// Parameters is the parameters' DER, nil when they are absent.
	Parameters []byte
}

// ParseAlgorithm reads an AlgorithmIdentifier from DER; it does not ask whether it is known.
func ParseAlgorithm(der []byte) (Algorithm, error) {
	if err := checkDER(der); err != nil {
		return Algorithm{}, err
	}
	s := cryptobyte.String(der)
	var a Algorithm
	if !readAlgorithm(&s, &a) {
		return Algorithm{}, malformed("algorithm identifier")
	}
	return a, nil
}

func readAlgorithm(s *cryptobyte.String, out *Algorithm) bool {
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
	if !body.Empty() && !element(&body, &out.Parameters) {
		return false
	}
	return body.Empty()
}

// Equal tells whether both are the same identifier with the same parameters.
func (a Algorithm) Equal(b Algorithm) bool { return string(a.Raw) == string(b.Raw) }

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

func (r parameterRule) check(a Algorithm) error {
	null := string(a.Parameters) == "\x05\x00"
	switch {
	case r == parametersOwn,
		r == parametersNull && null,
		r == parametersAbsent && a.Parameters == nil,
		r == parametersEither && (null || a.Parameters == nil):
		return nil
	case a.Parameters == nil:
		return refuse(CodeBadParameters, "algorithm %s without its parameters", a.OID)
	default:
		return refuse(CodeBadParameters, "algorithm %s with parameters it must not have", a.OID)
	}
}

func (r parameterRule) identifier(oid OID) Algorithm {
	raw, _ := build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			if r == parametersNull || r == parametersEither {
				b.AddASN1NULL()
			}
		})
	})
	a, _ := ParseAlgorithm(raw)
	return a
}

// digest is a hash algorithm of the registry.
type digest struct {
	name   string
	oid    OID
	oidDER []byte
	new    func() hash.Hash
	// std is the standard library's number for it, 0 for the Belarusian ones.
	std   crypto.Hash
	rule  parameterRule
	inCMS Algorithm
}

func (d *digest) sum(data []byte) []byte {
	h := d.new()
	h.Write(data)
	return h.Sum(nil)
}

// scheme is a signature algorithm of the registry: a digest and a kind of key.
type scheme struct {
	name   string
	oid    OID
	rule   parameterRule
	digest *digest
	// verify checks a signature of the digest; the key's type is its first concern.
	verify func(pub crypto.PublicKey, d *digest, sum, signature []byte) error
	// resolve, where set, makes the scheme from its parameters.
	resolve func(a Algorithm) (*scheme, error)
	// options are handed to the crypto.Signer that signs with the scheme.
	options func(d *digest) crypto.SignerOpts
}

// keyFamily is a public key algorithm of the registry.
type keyFamily struct {
	oid OID
	// parse reads the raw key under the algorithm's parameters.
	parse func(a Algorithm, key []byte) (crypto.PublicKey, error)
	// marshal returns false for keys of another family.
	marshal func(pub crypto.PublicKey) (algorithm, key []byte, ok bool)
	// name tells the key's algorithm and strength.
	name func(pub crypto.PublicKey) (KeyAlgorithm, bool)
	// scheme is the object identifier of the default signature algorithm of a key.
	scheme func(pub crypto.PublicKey) (OID, bool)
	// private parses and marshals the privateKey field of PKCS#8.
	parsePrivate   func(a Algorithm, key []byte) (crypto.Signer, error)
	marshalPrivate func(key crypto.Signer) (algorithm, private []byte, ok bool)
}
