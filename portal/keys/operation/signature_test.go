package operation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

func TestM6_ADocumentIsSignedWithTheKeyOfItsCertificateOnly(t *testing.T) {
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyBign256, From: now.AddDate(-3, 0, 0)})
	require.NoError(t, err)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	cert, err := ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	require.NoError(t, err)
	container, err := bpki.SealKey(key, []byte("двенадцать знаков"), bpki.Protection{})
	require.NoError(t, err)
	good := operation.Signature{
		Document: []byte("the list"), Container: container, Certificate: cert.Raw, Password: "двенадцать знаков", Now: now,
	}
	der, err := good.Make()
	require.NoError(t, err)
	_, err = bpki.OpenDetached(good.Document, der)
	require.NoError(t, err)
	_, err = bpki.OpenDetached([]byte("another list"), der)
	require.Error(t, err, "the signature is over these octets only")

	other := good
	other.Certificate = person(t, testca.ProfileExtensions, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)).Raw
	_, err = other.Make()
	require.ErrorIs(t, err, bpki.ErrMismatch)
	wrong := good
	wrong.Password = "другой пароль тут"
	_, err = wrong.Make()
	require.ErrorIs(t, err, bpki.ErrPassword)
	rubbish := good
	rubbish.Container = []byte("rubbish")
	_, err = rubbish.Make()
	require.ErrorIs(t, err, operation.ErrContainer)
}
