package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
)

// portalAudience is whom the tokens of the portal are meant for.
const portalAudience = "remote-issuance"

// portal issues the tokens of the matrix, good ones and every kind of bad one.
type portal struct {
	t   *testing.T
	url string
	key *ecdsa.PrivateKey
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	p := &portal{t: t, key: newPortalKey(t)}
	mux := http.NewServeMux()
	answer := func(path string, body func() any) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(body())
		})
	}
	answer("/.well-known/openid-configuration", func() any { return map[string]any{"issuer": p.url, "jwks_uri": p.url + "/keys"} })
	answer("/keys", func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func newPortalKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

// verifier is the one that production uses.
func (p *portal) verifier() *auth.Verifier {
	p.t.Helper()
	v, err := auth.NewVerifier(p.url, portalAudience, http.DefaultClient)
	require.NoError(p.t, err)
	return v
}

// claims are what the portal says about a caller.
func (p *portal) claims(c auth.Caller) map[string]any {
	scopes := make([]string, 0, len(c.Scopes))
	for _, s := range c.Scopes {
		scopes = append(scopes, string(s))
	}
	out := map[string]any{
		"iss": p.url, "aud": portalAudience, "sub": c.Subject, "exp": time.Now().Add(time.Hour).Unix(), "scope": strings.Join(scopes, " "),
		"name": c.Name, "representative": c.Representative,
	}
	for claim, value := range map[string]string{
		"personal_number": string(c.PersonalNumber), "unp": string(c.UNP), "certificate": base64.StdEncoding.EncodeToString(c.Certificate),
	} {
		if value != "" {
			out[claim] = value
		}
	}
	return out
}

// token is a good token of a caller.
func (p *portal) token(c auth.Caller) string { return p.signed(p.claims(c)) }

// changed is a token of a caller with a claim changed; nil removes it.
func (p *portal) changed(c auth.Caller, claim string, value any) string {
	claims := p.claims(c)
	if claims[claim] = value; value == nil {
		delete(claims, claim)
	}
	return p.signed(claims)
}

func (p *portal) signed(claims map[string]any) string { return p.signedBy(p.key, jose.ES256, claims) }

// signedBy signs with any key and algorithm.
func (p *portal) signedBy(key any, algorithm jose.SignatureAlgorithm, claims map[string]any) string {
	p.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	require.NoError(p.t, err)
	raw, err := json.Marshal(claims)
	require.NoError(p.t, err)
	object, err := signer.Sign(raw)
	require.NoError(p.t, err)
	compact, err := object.CompactSerialize()
	require.NoError(p.t, err)
	return "Bearer " + compact
}

// unsigned is a token with the algorithm none.
func (p *portal) unsigned(c auth.Caller) string {
	p.t.Helper()
	raw, err := json.Marshal(p.claims(c))
	require.NoError(p.t, err)
	encode := base64.RawURLEncoding.EncodeToString
	return "Bearer " + encode([]byte(`{"alg":"none","kid":"k1"}`)) + "." + encode(raw) + "."
}

// confused is signed by a shared secret that everybody knows: the public key.
func (p *portal) confused(c auth.Caller) string {
	p.t.Helper()
	public, err := x509.MarshalPKIXPublicKey(p.key.Public())
	require.NoError(p.t, err)
	return p.signedBy(public, jose.HS256, p.claims(c))
}

// altered is a good token whose content was exchanged afterwards.
func (p *portal) altered(c, victim auth.Caller) string {
	good, other := strings.Split(p.token(c), "."), strings.Split(p.token(victim), ".")
	return good[0] + "." + other[1] + "." + good[2]
}
