package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
)

// direct calls the issuer without a network, so that time can be virtual.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestRotatedKeysAreFetched(t *testing.T) {
	b := setup(t)
	old, next := b.key, newKey(t, "k2")
	synctest.Test(t, func(t *testing.T) {
		verifier, err := auth.NewVerifier(b.issuer.URL, audience, &http.Client{Transport: direct{b.issuer.Config.Handler}})
		require.NoError(t, err)
		_, err = verifier.Authenticate(t.Context(), b.header(t, old, "ES256", b.timeless()))
		require.NoError(t, err)

		b.issuer.set(func() { b.issuer.keys = []jose.JSONWebKey{next} })
		time.Sleep(time.Minute)
		_, err = verifier.Authenticate(t.Context(), b.header(t, old, "ES256", b.timeless()))
		require.NoError(t, err, "the old key is known for some minutes")
		_, err = verifier.Authenticate(t.Context(), b.header(t, next, "ES256", b.timeless()))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		_, err = verifier.Authenticate(t.Context(), b.header(t, old, "ES256", b.timeless()))
		require.ErrorIs(t, err, auth.ErrToken)
	})
}

func TestAnIssuerThatComesBackIsAskedAgain(t *testing.T) {
	b := setup(t)
	synctest.Test(t, func(t *testing.T) {
		verifier, err := auth.NewVerifier(b.issuer.URL, audience, &http.Client{Transport: direct{b.issuer.Config.Handler}})
		require.NoError(t, err)
		b.issuer.set(func() { b.issuer.down = true })
		header := b.header(t, b.key, "ES256", b.timeless())
		_, err = verifier.Authenticate(t.Context(), header)
		require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
		b.issuer.set(func() { b.issuer.down = false })
		_, err = verifier.Authenticate(t.Context(), header)
		require.ErrorIs(t, err, auth.ErrIssuerUnavailable, "not at once")
		time.Sleep(10 * time.Second)
		_, err = verifier.Authenticate(t.Context(), header)
		require.NoError(t, err)
	})
}

// timeless are claims whose end suits virtual time, too.
func (b *bench) timeless() map[string]any {
	return b.claims(map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()})
}
