package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
)

const audience = "remote-issuance"

// certificate is any DER SEQUENCE: what is in it is not this package's matter.
var certificate = []byte{0x30, 0x03, 0x02, 0x01, 0x07}

// issuer is an OpenID Connect issuer with discovery and a key set.
type issuer struct {
	*httptest.Server
	mu       sync.Mutex
	keys     []jose.JSONWebKey
	down     bool
	requests int
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, func() any { return map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"} })
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, func() any {
			set := jose.JSONWebKeySet{}
			for _, k := range i.keys {
				set.Keys = append(set.Keys, k.Public())
			}
			return set
		})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) answer(w http.ResponseWriter, body func() any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.requests++
	if i.down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body())
}

func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests
}

func newKey(t testing.TB, id string) jose.JSONWebKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return jose.JSONWebKey{Key: private, KeyID: id, Algorithm: "ES256", Use: "sig"}
}

type bench struct {
	issuer   *issuer
	key      jose.JSONWebKey
	verifier *auth.Verifier
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{issuer: newIssuer(t), key: newKey(t, "k1")}
	b.issuer.keys = []jose.JSONWebKey{b.key}
	verifier, err := auth.NewVerifier(b.issuer.URL, audience, b.issuer.Client())
	require.NoError(t, err)
	b.verifier = verifier
	return b
}

// claims are those of an applicant, with changes; a nil value removes one.
func (b *bench) claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": b.issuer.URL, "aud": audience, "sub": "person-1", "exp": time.Now().Add(time.Hour).Unix(),
		"scope": "openid applicant", "personal_number": "3010190A001PB8", "name": "Тестовый Заявитель",
		"certificate": base64.StdEncoding.EncodeToString(certificate),
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// header signs the claims and gives the Authorization header.
func (b *bench) header(t *testing.T, key any, algorithm string, content any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: key}, nil)
	require.NoError(t, err)
	raw, err := json.Marshal(content)
	require.NoError(t, err)
	signed, err := signer.Sign(raw)
	require.NoError(t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(t, err)
	return "Bearer " + compact
}

func (b *bench) token(t *testing.T, changes map[string]any) string {
	t.Helper()
	return b.header(t, b.key, "ES256", b.claims(changes))
}
