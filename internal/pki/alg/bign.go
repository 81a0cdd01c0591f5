package alg

import (
	"crypto"
	"errors"
	"io"

	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

var (
	oidBignPublicKey   = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 2, 1}
	oidBignWithHSpec   = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 11}
	oidBignWithHBelt   = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 12}
	oidBignWithBash256 = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 13}
	oidBignWithBash384 = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 14}
	oidBignWithBash512 = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 15}
)

// addBign registers the signatures of STB 34.101.45 with each of the digests.
func (r *registry) addBign(belt, bash256, bash384, bash512 *Digest) {
	add := func(name string, oid der.OID, d *Digest) {
		r.addScheme(&Scheme{name: name, oid: oid, rule: parametersNull, own: d, verify: verifyBign, options: bignOptions})
	}
	add("bign-with-hbelt", oidBignWithHBelt, belt)
	add("bign-with-bash256", oidBignWithBash256, bash256)
	add("bign-with-bash384", oidBignWithBash384, bash384)
	add("bign-with-bash512", oidBignWithBash512, bash512)
	r.addScheme(&Scheme{name: "bign-with-hspec", oid: oidBignWithHSpec, rule: parametersOwn, resolve: r.resolveHSpec})
	r.families = append(r.families, bignFamily())
}

// resolveHSpec reads the digest from the parameters: its object identifier alone.
func (r *registry) resolveHSpec(a Identifier) (*Scheme, error) {
	s, oid := cryptobyte.String(a.Parameters), der.OID(nil)
	if !s.ReadASN1ObjectIdentifier(&oid) || !s.Empty() {
		return nil, fault.New(fault.BadParameters, "algorithm %s does not name its digest", a.OID)
	}
	d, ok := r.digests[oid.String()]
	if !ok {
		return nil, unknown("digest algorithm", oid)
	}
	return &Scheme{name: "bign-with-hspec", oid: a.OID, rule: parametersOwn, own: d, verify: verifyBign}, nil
}

func bignOptions(d *Digest) crypto.SignerOpts { return bign.SignerOpts{HashOID: d.oidDER} }

func verifyBign(pub crypto.PublicKey, d *Digest, sum, signature []byte) error {
	key, ok := pub.(*bign.PublicKey)
	if !ok {
		return fault.New(fault.KeyMismatch, "a bign signature with a key of another kind")
	}
	err := key.Verify(d.oidDER, sum, signature)
	if errors.Is(err, bign.ErrDigestLength) {
		return fault.New(fault.KeyMismatch, "digest %s does not belong to the curve", d.name)
	}
	if err != nil {
		return fault.New(fault.BadSignature, "bign")
	}
	return nil
}

// bignLevel is a curve with its kind of key and its digest (STB 34.101.78).
type bignLevel struct {
	name   KeyAlgorithm
	scheme der.OID
	// curve is a function because the first use of a curve computes its tables.
	curve func() *bign.Curve
}

func bignLevels() []bignLevel {
	return []bignLevel{
		{KeyBign256, oidBignWithHBelt, bign.Curve256v1},
		{KeyBign384, oidBignWithBash384, bign.Curve384v1},
		{KeyBign512, oidBignWithBash512, bign.Curve512v1},
	}
}

func bignLevelOf(pub crypto.PublicKey) (bignLevel, bool) {
	if key, ok := pub.(*bign.PublicKey); ok {
		for _, l := range bignLevels() {
			if string(l.name) == key.Curve().Name() {
				return l, true
			}
		}
	}
	return bignLevel{}, false
}

func bignFamily() *keyFamily {
	return &keyFamily{
		oid: oidBignPublicKey,
		parse: func(a Identifier, raw []byte) (crypto.PublicKey, error) {
			c, err := bignCurve(a)
			if err != nil {
				return nil, err
			}
			key, err := bign.NewPublicKey(c, raw)
			if err != nil {
				return nil, fault.Wrap(fault.BadKey, err, "public key")
			}
			return key, nil
		},
		marshal: func(pub crypto.PublicKey) ([]byte, []byte, bool) {
			key, ok := pub.(*bign.PublicKey)
			if !ok {
				return nil, nil, false
			}
			return curveIdentifier(oidBignPublicKey, key.Curve().OID()), key.Bytes(), true
		},
		name: func(pub crypto.PublicKey) (KeyAlgorithm, bool) {
			l, ok := bignLevelOf(pub)
			return l.name, ok
		},
		scheme: func(pub crypto.PublicKey) (der.OID, bool) {
			l, ok := bignLevelOf(pub)
			return l.scheme, ok
		},
		parsePrivate: parseBignPrivate,
		marshalPrivate: func(key crypto.Signer) ([]byte, []byte, bool) {
			k, ok := key.(*bign.PrivateKey)
			if !ok {
				return nil, nil, false
			}
			return curveIdentifier(oidBignPublicKey, k.Curve().OID()), k.Bytes(), true
		},
	}
}

func bignCurve(a Identifier) (*bign.Curve, error) {
	oid, err := namedCurve(a)
	if err != nil {
		return nil, err
	}
	c, ok := bign.CurveByOID(oid)
	if !ok {
		return nil, unknown("curve", oid)
	}
	return c, nil
}

func parseBignPrivate(a Identifier, raw []byte) (crypto.Signer, error) {
	c, err := bignCurve(a)
	if err != nil {
		return nil, err
	}
	key, err := bign.NewPrivateKey(c, raw)
	if err != nil {
		return nil, fault.Wrap(fault.BadKey, err, "private key")
	}
	return key, nil
}

func generateBign(kind KeyAlgorithm, random io.Reader) (crypto.Signer, error) {
	for _, l := range bignLevels() {
		if l.name == kind {
			return bign.GenerateKey(l.curve(), random)
		}
	}
	return nil, fault.New(fault.UnknownAlgorithm, "no key of kind %q can be made", kind)
}
