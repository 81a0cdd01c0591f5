package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// CallbackPath is where the issuer sends people back to; it is registered there.
	CallbackPath = "/sign-in/callback"
	signInPath   = "/sign-in"
	signInLives  = 15 * time.Minute
	signInCookie = "portal-sign-in-"
	stateSize    = 12
)

// Issuer is who signs people in.
type Issuer struct {
	// URL is the issuer of OpenID Connect Discovery.
	URL string
	// ClientID and ClientSecret are those of the portal; the secret may be empty.
	ClientID, ClientSecret string
	// PublicURL is the address of the portal as browsers see it.
	PublicURL string
	// HTTP makes the requests to the issuer.
	HTTP *http.Client
}

// issuer finds the issuer's endpoints when they are first needed, so that the
// portal starts without it.
type issuer struct {
	Issuer
	mu       sync.Mutex
	provider *oidc.Provider
}

var (
	errIssuer = errors.New("the issuer does not answer")
	errSignIn = errors.New("the sign-in is not one that was begun here")
)

func (i *issuer) found(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider == nil {
		// The provider keeps the context for later requests for keys.
		provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), i.HTTP), i.URL)
		if err != nil {
			return nil, oauth2.Config{}, fmt.Errorf("%w: %w", errIssuer, err)
		}
		i.provider = provider
	}
	endpoint := i.provider.Endpoint()
	// Trying out which one the issuer wants would spend the code.
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if i.ClientSecret != "" {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return i.provider, oauth2.Config{
		ClientID: i.ClientID, ClientSecret: i.ClientSecret, Endpoint: endpoint,
		RedirectURL: i.PublicURL + CallbackPath, Scopes: []string{oidc.ScopeOpenID, "profile"},
	}, nil
}

// attempt is what is remembered between leaving for the issuer and coming back.
type attempt struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	To       string `json:"t"`
}

// signInStart sends the person to the issuer. Each attempt has a cookie of its
// own: two tabs do not disturb each other.
func (s *Site) signInStart(v *Visit) error {
	_, config, err := s.issuer.found(v.Request.Context())
	if err != nil {
		return err
	}
	a := attempt{State: rand.Text()[:stateSize], Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: LocalPath(v.Request.URL.Query().Get("to"))}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	s.forgetAttempts(v)
	if err := s.jar.put(v.Writer, v.Request, signInCookie+a.State, raw, signInLives); err != nil {
		return err
	}
	config.Scopes = append(config.Scopes, scopesFor(a.To)...)
	http.Redirect(v.Writer, v.Request, config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier),
		oauth2.SetAuthURLParam("ui_locales", v.Texts.Language)), http.StatusSeeOther)
	return nil
}

// OperatorPath is the page of operators.
const OperatorPath = "/operator"

// scopesFor are asked for on the way to a page: nobody has an operator's rights
// on a page of citizens.
func scopesFor(to string) []string {
	if to == OperatorPath || strings.HasPrefix(to, OperatorPath+"?") || strings.HasPrefix(to, OperatorPath+"/") {
		return []string{"operator"}
	}
	return []string{"applicant", "manager"}
}

// maxAttempts is how many sign-ins of one browser can wait at a time: as many
// cookies travel with each request.
const maxAttempts = 5

// forgetAttempts drops the sign-ins that were begun and not ended, when they are many.
func (s *Site) forgetAttempts(v *Visit) {
	var waiting []string
	for _, c := range v.Request.Cookies() {
		if state, ok := strings.CutPrefix(c.Name, s.jar.name(signInCookie)); ok {
			waiting = append(waiting, signInCookie+state)
		}
	}
	if len(waiting) < maxAttempts {
		return
	}
	for _, name := range waiting {
		s.jar.drop(v.Writer, v.Request, name, 0)
	}
}

// signInEnd takes the answer of the issuer and begins the session.
func (s *Site) signInEnd(v *Visit) error {
	query := v.Request.URL.Query()
	a, err := s.attempt(v, query.Get("state"))
	if err != nil {
		return err
	}
	if reason := query.Get("error"); reason != "" {
		s.log.InfoContext(v.Request.Context(), "sign-in given up at the issuer")
		return v.Redirect("/")
	}
	session, err := s.exchange(v.Request.Context(), a, query.Get("code"))
	if err != nil {
		return err
	}
	if err := s.jar.putSession(v.Writer, v.Request, session, s.now()); err != nil {
		return err
	}
	s.signedIn(v.Request.Context(), s.api.As(session.Token, v.Texts.Language), session)
	http.Redirect(v.Writer, v.Request, a.To, http.StatusSeeOther)
	return nil
}

func (s *Site) attempt(v *Visit, state string) (attempt, error) {
	var a attempt
	if len(state) != stateSize {
		return a, errSignIn
	}
	raw, ok := s.jar.get(v.Request, signInCookie+state)
	s.jar.drop(v.Writer, v.Request, signInCookie+state, 0)
	if !ok || json.Unmarshal(raw, &a) != nil || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 {
		return a, errSignIn
	}
	return a, nil
}

// exchange takes the code to the issuer and checks who came back.
func (s *Site) exchange(ctx context.Context, a attempt, code string) (*Session, error) {
	provider, config, err := s.issuer.found(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, s.issuer.HTTP)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) {
			return nil, fmt.Errorf("%w: the issuer refused the code: %s", errSignIn, refused.ErrorCode)
		}
		return nil, fmt.Errorf("%w: %w", errIssuer, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.issuer.ClientID, Now: s.now}).Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: identity token not accepted", errSignIn)
	}
	var claims struct {
		Name string `json:"name"`
	}
	if err := id.Claims(&claims); err != nil {
		return nil, fmt.Errorf("%w: identity token not readable", errSignIn)
	}
	scope, _ := token.Extra("scope").(string)
	expires := token.Expiry
	if expires.IsZero() {
		expires = id.Expiry
	}
	return NewSession(token.AccessToken, claims.Name, strings.Fields(scope), expires), nil
}

// signOut ends the session here, and at the issuer where that can be done.
func (s *Site) signOut(v *Visit) error {
	s.jar.drop(v.Writer, v.Request, sessionCookie, 0)
	return v.Redirect("/signed-out")
}

// LocalPath is the path of this portal that a text names; the start of the
// orders for every text that could lead elsewhere.
func LocalPath(text string) string {
	const start = "/orders"
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(text, "\\\r\n\t\x00") || strings.HasPrefix(u.Path, signInPath) {
		return start
	}
	u.Fragment = ""
	return u.String()
}
