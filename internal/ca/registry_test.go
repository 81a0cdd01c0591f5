package ca

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

func TestRegistryPicksTheFamilyOfTheKey(t *testing.T) {
	t.Parallel()
	bign := newAuthority(t, "bign", alg.KeyBign256, alg.KeyBign256)
	nist := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256, alg.KeyRSA2048)
	r, err := NewRegistry(bign, nist)
	require.NoError(t, err)
	require.Len(t, r.All(), 2)
	for kind, want := range map[alg.KeyAlgorithm]string{
		alg.KeyBign256: "bign", alg.KeyECDSAP256: "ecdsa", alg.KeyRSA2048: "ecdsa",
	} {
		i, err := r.For(newKey(t, kind).Public())
		require.NoError(t, err)
		require.Equal(t, want, i.Name())
	}
	_, err = r.For(newKey(t, alg.KeyECDSAP384).Public())
	require.ErrorIs(t, err, ErrNoIssuer)
	_, err = r.For("no key")
	require.Error(t, err)
	_, err = r.Named("other")
	require.ErrorIs(t, err, ErrNoIssuer)

	_, err = NewRegistry()
	require.ErrorIs(t, err, ErrNoIssuer)
	_, err = NewRegistry(bign, bign)
	require.ErrorIs(t, err, ErrIssuer)
	_, err = NewRegistry(bign, newAuthority(t, "other", alg.KeyBign256, alg.KeyBign256))
	require.ErrorIs(t, err, ErrIssuer)
}

func TestAuthoritiesThatCannotWork(t *testing.T) {
	t.Parallel()
	key := newKey(t, alg.KeyECDSAP256)
	profile := gosProfile(alg.KeyECDSAP256)
	good := newRoot(t, key)
	leaf := func(tm *pki.Template) { tm.Extensions[1] = pki.BasicConstraintsExtension(false, -1) }
	noCRL := func(tm *pki.Template) { tm.Extensions[2] = pki.KeyUsageExtension(x509.KeyUsageCertSign) }
	noID := func(tm *pki.Template) { tm.Extensions = tm.Extensions[1:] }
	for name, make := range map[string]func() (*Authority, error){
		"name": func() (*Authority, error) {
			return NewAuthority("../x", []*pki.Certificate{good}, key, profile, rand.Reader)
		},
		"no chain": func() (*Authority, error) { return NewAuthority("x", nil, key, profile, rand.Reader) },
		"no profile": func() (*Authority, error) {
			return NewAuthority("x", []*pki.Certificate{good}, key, Profile{}, rand.Reader)
		},
		"other key": func() (*Authority, error) {
			return NewAuthority("x", []*pki.Certificate{newRoot(t, newKey(t, alg.KeyECDSAP256))}, key, profile, rand.Reader)
		},
		"not a CA": func() (*Authority, error) {
			return NewAuthority("x", []*pki.Certificate{newRoot(t, key, leaf)}, key, profile, rand.Reader)
		},
		"no list": func() (*Authority, error) {
			return NewAuthority("x", []*pki.Certificate{newRoot(t, key, noCRL)}, key, profile, rand.Reader)
		},
		"no key id": func() (*Authority, error) {
			return NewAuthority("x", []*pki.Certificate{newRoot(t, key, noID)}, key, profile, rand.Reader)
		},
		"broken chain": func() (*Authority, error) {
			return NewAuthority("x", []*pki.Certificate{good, newRoot(t, newKey(t, alg.KeyECDSAP256))}, key, profile, rand.Reader)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := make()
			require.ErrorIs(t, err, ErrIssuer)
		})
	}
}

func folder(t *testing.T, a *Authority) fstest.MapFS {
	t.Helper()
	key, err := encryptKey(a.signer, []byte("secret of "+a.name), minIterations)
	require.NoError(t, err)
	return fstest.MapFS{
		a.name + "/" + FileCertificate: {Data: pki.EncodeCertificates(a.certificate)},
		a.name + "/" + FileKey:         {Data: key},
		a.name + "/" + FileProfile:     {Data: profileJSON(t, a.profile)},
	}
}

func secrets(_ context.Context, issuer string) ([]byte, error) {
	return []byte("secret of " + issuer), nil
}

func TestDirectoryHoldsAFolderPerIssuer(t *testing.T) {
	t.Parallel()
	bign := newAuthority(t, "bign", alg.KeyBign256, alg.KeyBign256)
	nist := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	all := folder(t, bign)
	for name, file := range folder(t, nist) {
		all[name] = file
	}
	all["README"] = &fstest.MapFile{Data: []byte("not a folder")}
	r, err := LoadDirectory(t.Context(), all, secrets, rand.Reader)
	require.NoError(t, err)
	require.Len(t, r.All(), 2)
	c, err := newService(t, newFakeStore(), r.All()...).Issue(t.Context(), individual(t, alg.KeyBign256))
	require.NoError(t, err)
	require.Equal(t, "bign", c.Issuer)
	require.Equal(t, [][]byte{bign.certificate.Raw}, r.All()[0].Chain())
}

func TestFoldersThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "x", alg.KeyECDSAP256, alg.KeyECDSAP256)
	noSecret := func(context.Context, string) ([]byte, error) { return nil, errors.New("vault is sealed") }
	wrong := func(context.Context, string) ([]byte, error) { return []byte("x"), nil }
	for name, c := range map[string]struct {
		spoil  func(fstest.MapFS)
		secret Secret
	}{
		"no profile":      {func(f fstest.MapFS) { delete(f, "x/"+FileProfile) }, secrets},
		"bad profile":     {func(f fstest.MapFS) { f["x/"+FileProfile].Data = []byte("{}") }, secrets},
		"no certificate":  {func(f fstest.MapFS) { delete(f, "x/"+FileCertificate) }, secrets},
		"bad certificate": {func(f fstest.MapFS) { f["x/"+FileCertificate].Data = []byte("x") }, secrets},
		"no key":          {func(f fstest.MapFS) { delete(f, "x/"+FileKey) }, secrets},
		"no secret":       {func(fstest.MapFS) {}, noSecret},
		"wrong secret":    {func(fstest.MapFS) {}, wrong},
		"token's place": {func(f fstest.MapFS) {
			delete(f, "x/"+FileKey)
			f["x/"+FileToken] = &fstest.MapFile{Data: []byte(`{"module":"softhsm.so","tokenLabel":"a","keyLabel":"b"}`)}
		}, secrets},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := folder(t, a)
			c.spoil(files)
			_, err := LoadDirectory(t.Context(), files, c.secret, rand.Reader)
			require.ErrorContains(t, err, "issuer x")
		})
	}
}
