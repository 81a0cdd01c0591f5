package web

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"
)

var errTooLarge = errors.New("the session does not fit into cookies")

const (
	sessionCookie = "portal"
	// maxSession bounds a session when it is unpacked, in octets.
	maxSession = 64 << 10
	secretSize = 32
)

// Session is a person who is signed in. It travels sealed in a cookie, so that
// any replica of the portal answers and a restart signs nobody out.
type Session struct {
	// Token is the bearer token for the API.
	Token string `json:"t"`
	// Name is how the issuer calls the person; shown, never decided upon.
	Name string `json:"n"`
	// Scopes are what the issuer says the token is good for; the API decides.
	Scopes []string `json:"s"`
	// Expires is when the token does.
	Expires time.Time `json:"e"`
	// Secret makes the form tokens.
	Secret []byte `json:"c"`
}

// Has tells whether the token was issued for a scope.
func (s *Session) Has(scope string) bool { return s != nil && slices.Contains(s.Scopes, scope) }

// NewSession begins a session.
func NewSession(token, name string, scopes []string, expires time.Time) *Session {
	secret := make([]byte, secretSize)
	// It never fails: the program ends when the system has no randomness.
	_, _ = rand.Read(secret)
	return &Session{Token: token, Name: name, Scopes: scopes, Expires: expires, Secret: secret}
}

func (j jar) putSession(w http.ResponseWriter, r *http.Request, s *Session, now time.Time) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	// A token is base64, which shrinks by a quarter.
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return err
	}
	_, err = z.Write(raw)
	if err = errors.Join(err, z.Close()); err != nil {
		return err
	}
	return j.put(w, r, sessionCookie, packed.Bytes(), s.Expires.Sub(now))
}

// session is the one of a request; nil when nobody is signed in any more.
func (j jar) session(r *http.Request, now time.Time) *Session {
	packed, ok := j.get(r, sessionCookie)
	if !ok {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxSession))
	if err != nil {
		return nil
	}
	s := &Session{}
	if json.Unmarshal(raw, s) != nil || len(s.Secret) != secretSize || !now.Before(s.Expires) {
		return nil
	}
	return s
}

// FormToken is a token for the forms of the session. It differs each time, so
// that a compressed page does not tell it (BREACH).
func (s *Session) FormToken() string {
	token := make([]byte, 2*secretSize)
	_, _ = rand.Read(token[:secretSize])
	subtle.XORBytes(token[secretSize:], token[:secretSize], s.Secret)
	return base64.RawURLEncoding.EncodeToString(token)
}

// Made tells whether a form token is of this session.
func (s *Session) Made(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 2*secretSize {
		return false
	}
	subtle.XORBytes(raw[secretSize:], raw[secretSize:], raw[:secretSize])
	return subtle.ConstantTimeCompare(raw[secretSize:], s.Secret) == 1
}
