package alg

import (
	"crypto"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// registry maps object identifiers to algorithms. It is built once and never changes.
type registry struct {
	digests  map[string]*Digest
	schemes  map[string]*Scheme
	families []*keyFamily
}

var algorithms = newRegistry()

func newRegistry() *registry {
	r := &registry{digests: map[string]*Digest{}, schemes: map[string]*Scheme{}}
	r.addNIST()
	r.addSTB()
	return r
}

func (r *registry) addDigest(d *Digest) *Digest {
	d.inCMS = d.rule.identifier(d.oid)
	d.oidDER = der.MarshalOID(d.oid)
	r.digests[d.oid.String()] = d
	return d
}

func (r *registry) addScheme(s *Scheme) { r.schemes[s.oid.String()] = s }

// obsolete are the trees of algorithms that GosSUOK used before STB 34.101.45:
// they are recognised only to say why they are refused.
func obsolete(oid der.OID) bool {
	return der.Under(oid, der.OID{1, 2, 112, 0, 2, 0, 1176, 2}) || der.Under(oid, der.OID{1, 3, 6, 1, 4, 1, 12656, 1})
}

func unknown(what string, oid der.OID) error {
	if obsolete(oid) {
		return fault.New(fault.ObsoleteAlgorithm, "%s %s is no longer in use", what, oid)
	}
	return fault.New(fault.UnknownAlgorithm, "%s %s", what, oid)
}

func (r *registry) digestOf(a Identifier) (*Digest, error) {
	d, ok := r.digests[a.OID.String()]
	if !ok {
		return nil, unknown("digest algorithm", a.OID)
	}
	return d, d.rule.check(a)
}

func (r *registry) schemeOf(a Identifier) (*Scheme, error) {
	s, ok := r.schemes[a.OID.String()]
	if !ok {
		return nil, unknown("signature algorithm", a.OID)
	}
	if err := s.rule.check(a); err != nil {
		return nil, err
	}
	if s.resolve != nil {
		return s.resolve(a)
	}
	return s, nil
}

func (r *registry) family(oid der.OID) (*keyFamily, error) {
	for _, f := range r.families {
		if f.oid.Equal(oid) {
			return f, nil
		}
	}
	return nil, unknown("key algorithm", oid)
}

// DigestOf finds the digest that an identifier names.
func DigestOf(a Identifier) (*Digest, error) { return algorithms.digestOf(a) }

// SchemeOf finds the signature algorithm that an identifier names.
func SchemeOf(a Identifier) (*Scheme, error) { return algorithms.schemeOf(a) }

// SchemeFor finds the default signature algorithm of a key.
func SchemeFor(pub crypto.PublicKey) (*Scheme, error) {
	for _, f := range algorithms.families {
		if oid, ok := f.scheme(pub); ok {
			return algorithms.schemes[oid.String()], nil
		}
	}
	return nil, fault.New(fault.UnknownAlgorithm, "no signature algorithm for a key of type %T", pub)
}

// SignatureAlgorithm gives the AlgorithmIdentifier with which a key signs:
// bign with the hash of its level, ECDSA with the SHA-2 of its curve's size,
// RSA (PKCS#1 v1.5) with SHA-256.
func SignatureAlgorithm(pub crypto.PublicKey) (Identifier, error) {
	s, err := SchemeFor(pub)
	if err != nil {
		return Identifier{}, err
	}
	return s.Identifier(), nil
}

// Verify checks a signature of bytes with a public key, under the
// rules of the algorithm beside it. The error's code says what is wrong:
// the algorithm, its parameters, a key of another kind, or the signature.
func Verify(a Identifier, pub crypto.PublicKey, signed, signature []byte) error {
	s, err := SchemeOf(a)
	if err != nil {
		return err
	}
	if s.own == nil {
		return fault.New(fault.BadParameters, "algorithm %s does not name its digest", a.OID)
	}
	return s.verify(pub, s.own, s.own.Sum(signed), signature)
}

// Sign signs bytes with the default algorithm of the key, which may live in a
// file, a token or another process.
func Sign(signer crypto.Signer, signed []byte) (Identifier, []byte, error) {
	s, err := SchemeFor(signer.Public())
	if err != nil {
		return Identifier{}, nil, err
	}
	sig, err := s.Sign(signer, signed)
	return s.Identifier(), sig, err
}
