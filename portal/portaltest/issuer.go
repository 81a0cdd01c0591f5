package portaltest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Issuer is an issuer of OpenID Connect that lets everybody in as one person.
type Issuer struct {
	*httptest.Server
	// Name is the person; Scope is what tokens are good for.
	Name, Scope string
	// Token is the access token; Lifetime that of both tokens.
	Token    string
	Lifetime time.Duration
	// Nonce, when set, takes the place of the one asked for.
	Nonce string

	signer jose.Signer
	key    jose.JSONWebKey
	mu     sync.Mutex
	codes  map[string]url.Values
}

// NewIssuer starts an issuer.
func NewIssuer() (*Issuer, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	i := &Issuer{
		Name: "Образцова Вера Петровна", Scope: "openid profile applicant manager", Token: "access", Lifetime: time.Hour,
		key: jose.JSONWebKey{Key: private, KeyID: "1", Algorithm: string(jose.RS256), Use: "sig"}, codes: map[string]url.Values{},
	}
	if i.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, nil); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.key.Public()}})
	})
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewServer(mux)
	return i, nil
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	code := rand.Text()
	i.mu.Lock()
	i.codes[code] = query
	i.mu.Unlock()
	back := query.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {query.Get("state")}}.Encode()
	http.Redirect(w, r, back, http.StatusFound)
}

// token takes a code once, from whoever knows its verifier (RFC 7636).
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	asked, ok := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	i.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) || asked.Get("code_challenge_method") != "S256" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	nonce := asked.Get("nonce")
	if i.Nonce != "" {
		nonce = i.Nonce
	}
	now := time.Now()
	id, err := jwt.Signed(i.signer).Claims(jwt.Claims{
		Issuer: i.URL, Subject: "person", Audience: jwt.Audience{asked.Get("client_id")}, IssuedAt: jwt.NewNumericDate(now),
		Expiry: jwt.NewNumericDate(now.Add(i.Lifetime)),
	}).Claims(map[string]any{"nonce": nonce, "name": i.Name}).Serialize()
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": i.Token, "token_type": "Bearer", "id_token": id, "scope": i.Scope, "expires_in": int(i.Lifetime / time.Second),
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
