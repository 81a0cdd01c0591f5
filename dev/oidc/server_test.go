package oidc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
)

func sample() Person {
	return Person{ID: "alena", Title: "Applicant <of one>", Claims: Claims{Subject: "portal-1", Scopes: []Scope{Applicant, Manager},
		PersonalNumber: "3010190A001PB9", Name: "Sample Person", UNP: "190000020", Representative: true, Certificate: []byte{0x30, 0xfb, 0xff}}}
}

func startIssuer(t *testing.T, opts Options) *Server {
	t.Helper()
	opts.Listen = "127.0.0.1:0"
	if opts.DataDir == "" {
		opts.DataDir = t.TempDir()
	}
	s, err := Start(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// verify uses the library that the product verifies with.
func verify(t *testing.T, s *Server, token string) (*oidc.IDToken, error) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), s.URL())
	require.NoError(t, err)
	return provider.Verifier(&oidc.Config{ClientID: Audience}).Verify(t.Context(), token)
}

func TestTokensVerifyThroughDiscoveryAndCarryTheClaims(t *testing.T) {
	t.Parallel()
	s := startIssuer(t, Options{Persons: []Person{sample()}})
	token, err := s.Token("alena")
	require.NoError(t, err)
	verified, err := verify(t, s, token)
	require.NoError(t, err)
	require.Equal(t, "portal-1", verified.Subject)
	require.Equal(t, 12*time.Hour, verified.Expiry.Sub(verified.IssuedAt))
	var claims map[string]any
	require.NoError(t, verified.Claims(&claims))
	for name, want := range map[string]any{"iss": s.URL(), "aud": Audience, "scope": "applicant manager", "personal_number": "3010190A001PB9",
		"name": "Sample Person", "unp": "190000020", "representative": true,
		"certificate": base64.StdEncoding.EncodeToString([]byte{0x30, 0xfb, 0xff})} {
		require.Equal(t, want, claims[name], name)
	}
}

func TestForeignAndExpiredTokensDoNotVerify(t *testing.T) {
	t.Parallel()
	s, other := startIssuer(t, Options{}), startIssuer(t, Options{})
	foreign, err := other.Issue(sample().Claims)
	require.NoError(t, err)
	_, err = verify(t, s, foreign)
	require.ErrorContains(t, err, "failed to verify signature")

	old := sample().Claims
	old.Lifetime = -time.Minute
	expired, err := s.Issue(old)
	require.NoError(t, err)
	_, err = verify(t, s, expired)
	require.ErrorContains(t, err, "token is expired")
}

func TestTheKeySurvivesARestart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first, err := Start(Options{Listen: "127.0.0.1:0", DataDir: data, Issuer: "https://issuer.example"})
	require.NoError(t, err)
	require.NoError(t, first.Close())
	second := startIssuer(t, Options{DataDir: data})
	require.Equal(t, first.key.KeyID, second.key.KeyID)
	require.Equal(t, "https://issuer.example", first.URL())
	info, err := os.Stat(filepath.Join(data, "oidc", "key.pem"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestABrokenKeyFileIsAnError(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(data, "oidc"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(data, "oidc", "key.pem"), []byte("no key"), 0o600))
	_, err := Start(Options{Listen: "127.0.0.1:0", DataDir: data})
	require.ErrorContains(t, err, "holds no private key")
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	s := startIssuer(t, Options{})
	s.PutPerson(sample())
	for name, c := range map[string]struct {
		contentType, body string
		status            int
		errorCode         string
	}{
		"json":           {"application/json", `{"person":"alena"}`, http.StatusOK, ""},
		"form":           {"application/x-www-form-urlencoded", url.Values{"person": {"alena"}}.Encode(), http.StatusOK, ""},
		"unknown person": {"application/json", `{"person":"nobody"}`, http.StatusBadRequest, "invalid_grant"},
		"not json":       {"application/json", `person`, http.StatusBadRequest, "invalid_request"},
		"too long":       {"application/json", `{"person":"` + strings.Repeat("a", maxBody) + `"}`, http.StatusBadRequest, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, err := http.Post(s.URL()+"/token", c.contentType, strings.NewReader(c.body))
			require.NoError(t, err)
			defer func() { require.NoError(t, resp.Body.Close()) }()
			require.Equal(t, c.status, resp.StatusCode)
			var out struct {
				AccessToken string `json:"access_token"`
				Error       string `json:"error"`
			}
			require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
			require.Equal(t, c.errorCode, out.Error)
			if c.status == http.StatusOK {
				_, err := verify(t, s, out.AccessToken)
				require.NoError(t, err)
			}
		})
	}
}

func TestPageListsPersonsEscaped(t *testing.T) {
	t.Parallel()
	s := startIssuer(t, Options{})
	require.Contains(t, page(t, s), "There are no sample persons")
	s.PutPerson(sample())
	changed := sample()
	changed.Claims.UNP = "290000030"
	s.PutPerson(changed)
	body := page(t, s)
	require.Contains(t, body, "Applicant &lt;of one&gt;")
	require.Contains(t, body, "290000030")
	require.NotContains(t, body, "190000020", "the second entry replaces the first")
}

func page(t *testing.T, s *Server) string {
	t.Helper()
	resp, err := http.Get(s.URL() + "/")
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	var b bytes.Buffer
	_, err = io.Copy(&b, resp.Body)
	require.NoError(t, err)
	return b.String()
}
