package bign

import (
	"encoding/asn1"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/stb/bash"
	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// signedObject is the frame that certificates and requests share.
type signedObject struct {
	Body      asn1.RawValue
	Algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	Signature asn1.BitString
}

type keyInfo struct {
	Algorithm struct{ OID, Curve asn1.ObjectIdentifier }
	Key       asn1.BitString
}

func parseSigned(t testing.TB, der []byte) (o signedObject) {
	t.Helper()
	rest, err := asn1.Unmarshal(der, &o)
	require.NoError(t, err)
	require.Empty(t, rest)
	return o
}

// keyOf reads the public key from the field of the body at the given place.
func keyOf(t testing.TB, o *signedObject, place int) *PublicKey {
	t.Helper()
	rest := o.Body.Bytes
	var field asn1.RawValue
	var err error
	for range place + 1 {
		rest, err = asn1.Unmarshal(rest, &field)
		require.NoError(t, err)
	}
	var info keyInfo
	_, err = asn1.Unmarshal(field.FullBytes, &info)
	require.NoError(t, err)
	curve, ok := CurveByOID(info.Algorithm.Curve)
	require.True(t, ok)
	k, err := NewPublicKey(curve, info.Key.RightAlign())
	require.NoError(t, err)
	return k
}

func TestSTB45_RealCertificatesOfGosSUOK(t *testing.T) {
	const keyPlace = 6 // version, serial, signature, issuer, validity, subject
	var file map[string]json.RawMessage
	loadJSON(t, "gossuok-ca-certs.json", &file)
	read := func(name string) signedObject {
		var v struct {
			DER []byte `json:"der_base64"`
		}
		require.NoError(t, json.Unmarshal(file[name], &v))
		return parseSigned(t, v.DER)
	}
	root, issuing := read("kuc"), read("ruc")
	rootKey, issuingKey := keyOf(t, &root, keyPlace), keyOf(t, &issuing, keyPlace)
	hashOID, err := asn1.Marshal(belt.OIDHash)
	require.NoError(t, err)
	verify := func(k *PublicKey, o *signedObject) error {
		digest := belt.Sum256(o.Body.FullBytes)
		return k.Verify(hashOID, digest[:], o.Signature.RightAlign())
	}
	require.NoError(t, verify(rootKey, &root))
	require.NoError(t, verify(rootKey, &issuing))
	require.ErrorIs(t, verify(issuingKey, &issuing), ErrVerification)
	require.ErrorIs(t, verify(issuingKey, &root), ErrVerification)
}

// Another implementation made this request for an invented person.
func TestSTB45_RequestOfAnotherImplementation(t *testing.T) {
	const keyPlace = 2 // version, subject
	der, err := os.ReadFile("testdata/request-curve384.der")
	require.NoError(t, err)
	request := parseSigned(t, der)
	k := keyOf(t, &request, keyPlace)
	require.Same(t, Curve384v1(), k.Curve())
	hashOID, err := asn1.Marshal(bash.OID384)
	require.NoError(t, err)
	digest := bash.Sum384(request.Body.FullBytes)
	require.NoError(t, k.Verify(hashOID, digest[:], request.Signature.RightAlign()))
	digest[0] ^= 1
	require.ErrorIs(t, k.Verify(hashOID, digest[:], request.Signature.RightAlign()), ErrVerification)
}
