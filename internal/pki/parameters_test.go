package pki

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

func TestBignWithTheDigestInItsParameters(t *testing.T) {
	key, err := GenerateKey(KeyBign256, rand.Reader)
	require.NoError(t, err)
	belt := algorithms.digests["1.2.112.0.2.0.34.101.31.81"]
	message := []byte("message")
	sig, err := key.Sign(rand.Reader, belt.sum(message), bign.SignerOpts{HashOID: belt.oidDER})
	require.NoError(t, err)
	with := func(parameters []byte) Algorithm {
		a, err := ParseAlgorithm(value(func(b *cryptobyte.Builder) {
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidBignWithHSpec)
				b.AddBytes(parameters)
			})
		}))
		require.NoError(t, err)
		return a
	}
	for name, c := range map[string]struct {
		parameters []byte
		want       Code
	}{
		"belt":     {belt.oidDER, ""},
		"bash512":  {oidDER(OID{1, 2, 112, 0, 2, 0, 34, 101, 77, 13}), CodeKeyMismatch},
		"bash256":  {oidDER(OID{1, 2, 112, 0, 2, 0, 34, 101, 77, 11}), CodeBadSignature},
		"null":     {[]byte{5, 0}, CodeBadParameters},
		"absent":   {nil, CodeBadParameters},
		"unknown":  {oidDER(OID{1, 2, 3}), CodeUnknownAlgorithm},
		"obsolete": {oidDER(OID{1, 3, 6, 1, 4, 1, 12656, 1, 42}), CodeObsoleteAlgorithm},
	} {
		err := VerifySignature(with(c.parameters), key.Public(), message, sig)
		require.Equal(t, c.want, CodeOf(err), name)
	}
}

func TestPSSParametersAreRead(t *testing.T) {
	r, err := ParseRequestFile(fixture(t, "rsa-pss.req"))
	require.NoError(t, err)
	good := r.Algorithm
	require.NoError(t, r.CheckSignature())
	for i := range good.Parameters {
		r.Algorithm.Parameters = append([]byte{}, good.Parameters...)
		r.Algorithm.Parameters[i] ^= 0x11
		require.NotEmpty(t, CodeOf(r.CheckSignature()), "octet %d", i)
	}
	for _, parameters := range [][]byte{nil, {5, 0}, {0x30, 0}} {
		r.Algorithm.Parameters = parameters
		require.Equal(t, CodeBadParameters, CodeOf(r.CheckSignature()))
	}
}

func TestRSASignatureNeedsADigestOfItsOwnKind(t *testing.T) {
	cert, key := selfSigned(t, KeyRSA2048)
	der, err := SignData([]byte("x"), cert, key, SignOptions{})
	require.NoError(t, err)
	sd, err := ParseSignedData(der)
	require.NoError(t, err)
	si := &sd.Signers[0]
	si.Algorithm = parametersNull.identifier(oidRSA)
	_, err = sd.Verify([]byte("x"))
	require.NoError(t, err, "rsaEncryption with the digest beside it")
	si.DigestAlgorithm = algorithms.digests["1.2.112.0.2.0.34.101.31.81"].inCMS
	si.rawSigned, si.SignedAttributes = nil, nil
	_, err = sd.Verify([]byte("x"))
	require.Equal(t, CodeKeyMismatch, CodeOf(err))
	require.Equal(t, CodeBadParameters, CodeOf(VerifySignature(si.Algorithm, cert.PublicKey, nil, nil)))
}

func TestErrorsKeepTheirCauseAndCode(t *testing.T) {
	_, err := ParsePublicKey(spkiWith(oidDER(OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 1}), []byte{1}))
	require.ErrorIs(t, err, bign.ErrKeyLength)
	require.Equal(t, CodeBadKey, CodeOf(err))
	require.Contains(t, err.Error(), "bad-key: public key: ")
	require.Empty(t, CodeOf(errors.New("other")))
	require.Empty(t, CodeOf(nil))
	require.True(t, PathCode(CodeRevoked))
	require.False(t, PathCode(CodeBadSignature))
}
