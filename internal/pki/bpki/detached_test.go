package bpki_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

func TestM6_DetachedSignaturePassesTheServicesVerifier(t *testing.T) {
	for _, c := range curves() {
		h := holder(t, c)
		rapid.Check(t, func(rt *rapid.T) {
			document := rapid.SliceOfN(rapid.Byte(), 1, 4096).Draw(rt, "document")
			der, err := bpki.SignDetached(document, h.Certificate, h.Key, now)
			require.NoError(rt, err)
			sd, err := cms.ReadSignedData(der)
			require.NoError(rt, err)
			require.Nil(rt, sd.Content)
			got, err := sd.Verify(document)
			require.NoError(rt, err)
			require.Equal(rt, h.Certificate.Raw, got.Signer.Raw)
			require.True(rt, got.SigningTime.Equal(now))
			own, err := bpki.OpenDetached(document, der)
			require.NoError(rt, err)
			require.Equal(rt, h.Certificate.Raw, own.Certificate.Raw)
			_, err = bpki.OpenDetached(append(bytes.Clone(document), 0), der)
			require.ErrorIs(rt, err, bpki.ErrSignature)
		})
	}
}

func TestM6_DetachedSignatureWithOneBitFlippedIsRefused(t *testing.T) {
	h := holder(t, bign.Curve256v1())
	document := []byte("list")
	der, err := bpki.SignDetached(document, h.Certificate, h.Key, now)
	require.NoError(t, err)
	inCertificate := bytes.Index(der, h.Certificate.Raw)
	for i := range der {
		bad := bytes.Clone(der)
		bad[i] ^= 1
		signed, err := bpki.OpenDetached(document, bad)
		if i >= inCertificate && i < inCertificate+len(h.Certificate.Raw) && err == nil {
			// Which certificate is good is not for this package: what it names is not signed here.
			require.NotEqual(t, h.Certificate.Raw, signed.Certificate.Raw)
			continue
		}
		require.Error(t, err, "octet %d", i)
	}
	for i := range der {
		_, err := bpki.OpenDetached(document, der[:i])
		require.Error(t, err)
	}
	_, err = bpki.OpenDetached(document, append(bytes.Clone(der), 0))
	require.ErrorIs(t, err, bpki.ErrMalformed)
}

func TestM6_DetachedSignatureServesNoProcess(t *testing.T) {
	h := holder(t, bign.Curve256v1())
	der, err := bpki.SignDetached([]byte("list"), h.Certificate, h.Key, now)
	require.NoError(t, err)
	_, err = bpki.OpenSigned(der)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	process, err := bpki.Sign(bpki.ContentEnroll1, []byte("list"), h.Certificate, h.Key, now)
	require.NoError(t, err)
	_, err = bpki.OpenDetached([]byte("list"), process)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.Sign(0, []byte("list"), h.Certificate, h.Key, now)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.SignDetached(nil, h.Certificate, h.Key, now)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.SignDetached([]byte("list"), h.Certificate, newKey(t, bign.Curve256v1()), now)
	require.ErrorIs(t, err, bpki.ErrMismatch)
}

func TestPersonIsWhomTheWholeReaderFinds(t *testing.T) {
	for name, p := range people(t) {
		got, err := p.light.Person()
		require.NoError(t, err)
		want := p.whole.Subject()
		require.Equal(t, want.Surname, got.Surname, name)
		require.Contains(t, got.GivenNames, want.GivenName, name)
		require.Contains(t, got.GivenNames, want.Patronymic, name)
		require.Equal(t, want.PersonalNumber, got.PersonalNumber, name)
		require.Equal(t, []string{want.Organisation, want.UNP, want.Unit, want.Position}, []string{got.Organisation, got.UNP, got.Unit, got.Position}, name)
		require.False(t, got.IDCard, name)
	}
}
