package pki

import (
	"crypto"
	"crypto/rand"
)

// registry maps object identifiers to algorithms. It is built once and never changes.
type registry struct {
	digests  map[string]*digest
	schemes  map[string]*scheme
	families []*keyFamily
}

var algorithms = newRegistry()

func newRegistry() *registry {
	r := &registry{digests: map[string]*digest{}, schemes: map[string]*scheme{}}
	r.addNIST()
	r.addSTB()
	return r
}

func (r *registry) addDigest(d *digest) *digest {
	d.inCMS = d.rule.identifier(d.oid)
	d.oidDER = oidDER(d.oid)
	r.digests[d.oid.String()] = d
	return d
}

func (r *registry) addScheme(s *scheme) { r.schemes[s.oid.String()] = s }

// obsolete are the trees of algorithms that GosSUOK used before STB 34.101.45:
// they are recognised only to say why they are refused.
func obsolete(oid OID) bool {
	return under(oid, OID{1, 2, 112, 0, 2, 0, 1176, 2}) || under(oid, OID{1, 3, 6, 1, 4, 1, 12656, 1})
}

func unknown(what string, oid OID) error {
	if obsolete(oid) {
		return refuse(CodeObsoleteAlgorithm, "%s %s is no longer in use", what, oid)
	}
	return refuse(CodeUnknownAlgorithm, "%s %s", what, oid)
}

func (r *registry) digest(a Algorithm) (*digest, error) {
	d, ok := r.digests[a.OID.String()]
	if !ok {
		return nil, unknown("digest algorithm", a.OID)
	}
	return d, d.rule.check(a)
}

func (r *registry) scheme(a Algorithm) (*scheme, error) {
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

func (r *registry) family(oid OID) (*keyFamily, error) {
	for _, f := range r.families {
		if f.oid.Equal(oid) {
			return f, nil
		}
	}
	return nil, unknown("key algorithm", oid)
}

// schemeFor finds the default signature algorithm of a key.
func (r *registry) schemeFor(pub crypto.PublicKey) (*scheme, error) {
	for _, f := range r.families {
		if oid, ok := f.scheme(pub); ok {
			return r.schemes[oid.String()], nil
		}
	}
	return nil, refuse(CodeUnknownAlgorithm, "no signature algorithm for a key of type %T", pub)
}

// SignatureAlgorithm gives the AlgorithmIdentifier with which a key signs:
// bign with the hash of its level, ECDSA with the SHA-2 of its curve's size,
// RSA (PKCS#1 v1.5) with SHA-256.
func SignatureAlgorithm(pub crypto.PublicKey) (Algorithm, error) {
	s, err := algorithms.schemeFor(pub)
	if err != nil {
		return Algorithm{}, err
	}
	return s.rule.identifier(s.oid), nil
}

// VerifySignature checks a signature of bytes with a public key, under the
// rules of the algorithm beside it. The error's code says what is wrong:
// the algorithm, its parameters, a key of another kind, or the signature.
func VerifySignature(a Algorithm, pub crypto.PublicKey, signed, signature []byte) error {
	s, err := algorithms.scheme(a)
	if err != nil {
		return err
	}
	if s.digest == nil {
		return refuse(CodeBadParameters, "algorithm %s does not name its digest", a.OID)
	}
	return s.verify(pub, s.digest, s.digest.sum(signed), signature)
}

// Sign signs bytes with the default algorithm of the key, which may live in a
// file, a token or another process.
func Sign(signer crypto.Signer, signed []byte) (Algorithm, []byte, error) {
	s, err := algorithms.schemeFor(signer.Public())
	if err != nil {
		return Algorithm{}, nil, err
	}
	sig, err := signer.Sign(rand.Reader, s.digest.sum(signed), s.options(s.digest))
	if err != nil {
		return Algorithm{}, nil, refuseErr(CodeBadKey, err, "signing")
	}
	return s.rule.identifier(s.oid), sig, nil
}
