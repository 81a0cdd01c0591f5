package alg_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

func TestBignWithTheDigestInItsParameters(t *testing.T) {
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	belt, err := alg.DigestOf(pkitest.Identifier(t, pkitest.OIDBelt, pkitest.Null()))
	require.NoError(t, err)
	oid := der.MarshalOID(pkitest.OIDBelt)
	message := []byte("message")
	sig, err := key.Sign(rand.Reader, belt.Sum(message), bign.SignerOpts{HashOID: oid})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		parameters []byte
		want       fault.Code
	}{
		"belt":     {oid, ""},
		"bash512":  {der.MarshalOID(der.OID{1, 2, 112, 0, 2, 0, 34, 101, 77, 13}), fault.KeyMismatch},
		"bash256":  {der.MarshalOID(der.OID{1, 2, 112, 0, 2, 0, 34, 101, 77, 11}), fault.BadSignature},
		"null":     {[]byte{5, 0}, fault.BadParameters},
		"absent":   {nil, fault.BadParameters},
		"unknown":  {der.MarshalOID(der.OID{1, 2, 3}), fault.UnknownAlgorithm},
		"obsolete": {der.MarshalOID(der.OID{1, 3, 6, 1, 4, 1, 12656, 1, 42}), fault.ObsoleteAlgorithm},
	} {
		err := alg.Verify(pkitest.Identifier(t, pkitest.OIDBignWithHSpec, c.parameters), key.Public(), message, sig)
		require.Equal(t, c.want, fault.CodeOf(err), name)
	}
}

func TestPSSParametersAreRead(t *testing.T) {
	r, err := cms.ParseRequestFile(pkitest.OpenSSL(t, "rsa-pss.req"))
	require.NoError(t, err)
	good := r.Algorithm
	require.NoError(t, r.CheckSignature())
	for i := range good.Parameters {
		r.Algorithm.Parameters = append([]byte{}, good.Parameters...)
		r.Algorithm.Parameters[i] ^= 0x11
		require.NotEmpty(t, fault.CodeOf(r.CheckSignature()), "octet %d", i)
	}
	for _, parameters := range [][]byte{nil, {5, 0}, {0x30, 0}} {
		r.Algorithm.Parameters = parameters
		require.Equal(t, fault.BadParameters, fault.CodeOf(r.CheckSignature()))
	}
}

func TestErrorsKeepTheirCauseAndCode(t *testing.T) {
	_, err := alg.ParsePublicKey(pkitest.BignKey(der.MarshalOID(der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 1}), []byte{1}))
	require.ErrorIs(t, err, bign.ErrKeyLength)
	require.Equal(t, fault.BadKey, fault.CodeOf(err))
	require.Contains(t, err.Error(), "bad-key: public key: ")
	require.Empty(t, fault.CodeOf(errors.New("other")))
	require.Empty(t, fault.CodeOf(nil))
	require.True(t, fault.PathCode(fault.Revoked))
	require.False(t, fault.PathCode(fault.BadSignature))
}
