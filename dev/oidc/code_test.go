package oidc

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

const home = "http://127.0.0.1:1/sign-in/callback"

func client(t *testing.T, s *Server) (*oidc.Provider, *oauth2.Config) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), s.URL())
	require.NoError(t, err)
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	return provider, &oauth2.Config{ClientID: "portal", Endpoint: endpoint, RedirectURL: home, Scopes: []string{"openid"}}
}

// follow chooses a person and gives where the browser is sent.
func follow(t *testing.T, address, person string) (int, url.Values) {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := browser.PostForm(address, url.Values{"person": {person}})
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	to, err := r.Location()
	if err != nil {
		return r.StatusCode, nil
	}
	require.Equal(t, home, "http://"+to.Host+to.Path)
	return r.StatusCode, to.Query()
}

func TestTheCodeFlowWithPKCE(t *testing.T) {
	t.Parallel()
	s := startIssuer(t, Options{Persons: []Person{sample()}})
	s.Register("portal", home)
	provider, config := client(t, s)
	verifier := oauth2.GenerateVerifier()
	address := config.AuthCodeURL("the-state", oidc.Nonce("the-nonce"), oauth2.S256ChallengeOption(verifier))

	r, err := http.Get(address)
	require.NoError(t, err)
	page, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Contains(t, string(page), `value="alena"`)
	require.Contains(t, string(page), "Applicant &lt;of one&gt;")

	// A browser sends the form to where the page says.
	action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(string(page))
	require.Len(t, action, 2)
	status, query := follow(t, s.URL()+html.UnescapeString(action[1]), "alena")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "the-state", query.Get("state"))
	token, err := config.Exchange(t.Context(), query.Get("code"), oauth2.VerifierOption(verifier))
	require.NoError(t, err)
	_, err = verify(t, s, token.AccessToken)
	require.NoError(t, err)
	require.Contains(t, token.Extra("scope"), "applicant")
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: "portal"}).Verify(t.Context(), raw)
	require.NoError(t, err)
	require.Equal(t, "the-nonce", id.Nonce)

	_, err = config.Exchange(t.Context(), query.Get("code"), oauth2.VerifierOption(verifier))
	require.ErrorContains(t, err, "invalid_grant", "a code is taken once")
}

// Operators sign in for a page of theirs, people for the others; programs never.
func TestTheScopeThatIsAskedForChoosesWhoIsOffered(t *testing.T) {
	t.Parallel()
	s := startIssuer(t, Options{Persons: []Person{
		sample(), {ID: "operator", Claims: Claims{Subject: "operator", Scopes: []Scope{Operator}}},
		{ID: "gateway", Claims: Claims{Subject: "gateway", Scopes: []Scope{Gateway}}},
	}})
	s.Register("portal", home)
	_, config := client(t, s)
	for scope, want := range map[string]string{"applicant": "alena", "operator": "operator", "gateway": "alena"} {
		config.Scopes = []string{"openid", scope}
		r, err := http.Get(config.AuthCodeURL("the-state", oidc.Nonce("n"), oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
		require.NoError(t, err)
		page, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		offered := regexp.MustCompile(`name="person" value="([^"]+)"`).FindAllStringSubmatch(string(page), -1)
		require.Len(t, offered, 1, scope)
		require.Equal(t, want, offered[0][1], scope)
	}
}

func TestCodesAreGivenOnlyToWhoBeganTheSignIn(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := startIssuer(t, Options{Persons: []Person{sample()}, Now: func() time.Time { return now }})
	s.Register("portal", home)
	_, config := client(t, s)
	verifier := oauth2.GenerateVerifier()
	address := config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))
	code := func() string { _, query := follow(t, address, "alena"); return query.Get("code") }

	_, err := config.Exchange(t.Context(), code(), oauth2.VerifierOption(oauth2.GenerateVerifier()))
	require.ErrorContains(t, err, "invalid_grant", "another verifier")
	other := *config
	other.ClientID = "other"
	_, err = other.Exchange(t.Context(), code(), oauth2.VerifierOption(verifier))
	require.ErrorContains(t, err, "invalid_grant", "another client")
	late := code()
	now = now.Add(codeLives + time.Second)
	_, err = config.Exchange(t.Context(), late, oauth2.VerifierOption(verifier))
	require.ErrorContains(t, err, "invalid_grant", "too late")

	_, query := follow(t, address, "nobody")
	require.Equal(t, "access_denied", query.Get("error"))
	r, err := http.Get(config.AuthCodeURL("s"))
	require.Error(t, err, "without PKCE the browser is sent back, where nobody listens")
	if err == nil {
		require.NoError(t, r.Body.Close())
	}
	elsewhere := *config
	elsewhere.RedirectURL = "http://elsewhere.example/"
	status, query := follow(t, elsewhere.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), "alena")
	require.Equal(t, http.StatusBadRequest, status)
	require.Empty(t, query)
}

// Who comes with the scope of operators chooses among operators, everybody else among citizens.
func TestOperatorsSignInWhereTheirScopeIsAskedFor(t *testing.T) {
	s := startIssuer(t, Options{Persons: []Person{
		sample(), {ID: "operator", Title: "operator", Claims: Claims{Subject: "operator", Scopes: []Scope{Operator}}},
		{ID: "gateway", Title: "gateway", Claims: Claims{Subject: "gateway", Scopes: []Scope{Gateway}}},
	}})
	for scope, want := range map[string][]string{
		"openid profile operator": {"operator"}, "openid applicant manager": {sample().ID}, "": {sample().ID}, "openid operators": {sample().ID},
	} {
		var ids []string
		for _, o := range s.choices(scope) {
			ids = append(ids, o.ID)
		}
		require.Equal(t, want, ids, scope)
	}
}
