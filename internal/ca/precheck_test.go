package ca

import (
	"crypto/rand"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// keylessFolder is the folder of an issuer without its key.
func keylessFolder(t *testing.T, kind alg.KeyAlgorithm) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		"issuing/" + FileCertificate: {Data: pki.EncodeCertificates(newRoot(t, newKey(t, kind)))},
		"issuing/" + FileProfile:     {Data: profileJSON(t, gosProfile(kind))},
		"readme.txt":                 {Data: []byte("no folder")},
	}
}

func TestS3_ThePrecheckNeedsNoKeyAndRefusesWhatTheIssuerWould(t *testing.T) {
	precheck, err := LoadPrecheck(keylessFolder(t, alg.KeyBign256), rand.Reader)
	require.NoError(t, err)
	require.NoError(t, precheck.Check(individual(t, alg.KeyBign256)))
	require.NoError(t, precheck.Check(employee(t, alg.KeyBign256)))
	for name, tc := range map[string]struct {
		change func(*Application)
		want   error
	}{
		"a key that nobody certifies": {func(a *Application) { *a = individual(t, alg.KeyECDSAP256) }, ErrNoIssuer},
		"a term too long":             {func(a *Application) { a.Years = 4 }, ErrTerm},
		"an attribute too much": {func(a *Application) {
			a.Request = newRequest(t, newKey(t, alg.KeyBign256), der.UTF8String,
				append(individualName(), pki.NameAttribute{Type: pki.OIDOrganisation, Value: "Пример"}))
		}, ErrRefused},
		"a kind that is not served": {func(a *Application) { a.Kind = order.Kind("other") }, ErrRefused},
	} {
		a := individual(t, alg.KeyBign256)
		tc.change(&a)
		require.ErrorIs(t, precheck.Check(a), tc.want, name)
	}
}

func TestThePrecheckSignsNothing(t *testing.T) {
	precheck, err := LoadPrecheck(keylessFolder(t, alg.KeyBign256), rand.Reader)
	require.NoError(t, err)
	issuer, err := precheck.issuers.Named("issuing")
	require.NoError(t, err)
	prepared, err := issuer.Prepare(individual(t, alg.KeyBign256))
	require.NoError(t, err)
	_, err = issuer.Sign(t.Context(), MarkStored(prepared))
	require.ErrorContains(t, err, "key is not here")
}

func TestAFolderThatIsNoIssuerIsToldByName(t *testing.T) {
	for _, missing := range []string{FileCertificate, FileProfile} {
		folder := keylessFolder(t, alg.KeyBign256)
		delete(folder, "issuing/"+missing)
		_, err := LoadPrecheck(folder, rand.Reader)
		require.ErrorContains(t, err, "issuer issuing")
	}
	for file, content := range map[string]string{FileCertificate: "no PEM", FileProfile: `{"unknown":1}`} {
		folder := keylessFolder(t, alg.KeyBign256)
		folder["issuing/"+file].Data = []byte(content)
		_, err := LoadPrecheck(folder, rand.Reader)
		require.Error(t, err)
	}
	_, err := LoadPrecheck(fstest.MapFS{}, rand.Reader)
	require.ErrorIs(t, err, ErrNoIssuer)
}
