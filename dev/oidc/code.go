package oidc

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// codeLives is how long a code can be taken (RFC 6749 §4.1.2).
	codeLives = time.Minute
	// maxCodes bounds the codes that wait.
	maxCodes = 1000
)

// grant is a sign-in between the choice of a person and the exchange of the code.
type grant struct {
	client, redirect, nonce, challenge, person string
	ends                                       time.Time
}

// Register lets a client sign people in: its redirect address is the one they
// are sent back to. It has no secret; PKCE proves that it began the sign-in.
func (s *Server) Register(clientID, redirectURI string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients == nil {
		s.clients = map[string]string{}
	}
	s.clients[clientID] = redirectURI
}

func (s *Server) registered(clientID, redirectURI string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.clients[clientID]
	return ok && known == redirectURI
}

// choose is the page on which to choose who signs in. What is wrong with the
// client is told here; nobody is sent to an address that is not registered.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case !s.registered(query.Get("client_id"), query.Get("redirect_uri")):
		http.Error(w, "the client or its redirect_uri is not registered here", http.StatusBadRequest)
	case query.Get("response_type") != "code" || query.Get("code_challenge_method") != "S256" || query.Get("code_challenge") == "":
		back(w, r, query, url.Values{"error": {"invalid_request"}})
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_ = s.choice.Execute(w, struct {
			Action, Folder, Password string
			Persons                  []option
		}{"/authorize?" + query.Encode(), s.opts.Files, s.opts.Password, s.choices(strings.Fields(query.Get("scope")))})
	}
}

// option is a person who can sign in, with the names of their files.
type option struct {
	Person
	Files []string
}

// choices are the people of the page for the scopes that are asked for: operators
// where theirs is, nobody else. Other callers that are no people sign in nowhere.
func (s *Server) choices(asked []string) []option {
	operators := slices.Contains(asked, string(Operator))
	var out []option
	for _, p := range s.list() {
		if operators != slices.Contains(p.Claims.Scopes, Operator) || !operators && p.Claims.PersonalNumber == "" {
			continue
		}
		o := option{Person: p}
		for _, name := range []string{p.ID + ".cer", p.ID + ".p8"} {
			if s.opts.Files == "" {
				break
			}
			if _, err := os.Stat(filepath.Join(s.opts.Files, name)); err == nil {
				o.Files = append(o.Files, name)
			}
		}
		out = append(out, o)
	}
	return out
}

// file gives a file of a person to whom the folder is out of reach.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	for _, o := range s.choices(nil) {
		for _, name := range o.Files {
			if name == r.PathValue("name") {
				w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
				w.Header().Set("Content-Type", "application/octet-stream")
				http.ServeFile(w, r, filepath.Join(s.opts.Files, name))
				return
			}
		}
	}
	http.NotFound(w, r)
}

// chosen makes a code for the chosen person and sends the browser back with it.
func (s *Server) chosen(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	query := r.URL.Query()
	if !s.registered(query.Get("client_id"), query.Get("redirect_uri")) {
		http.Error(w, "the client or its redirect_uri is not registered here", http.StatusBadRequest)
		return
	}
	person := r.PostFormValue("person")
	if _, ok := s.person(person); !ok {
		back(w, r, query, url.Values{"error": {"access_denied"}})
		return
	}
	code := rand.Text()
	now := s.opts.Now()
	s.mu.Lock()
	for known, g := range s.codes {
		if now.After(g.ends) {
			delete(s.codes, known)
		}
	}
	full := len(s.codes) >= maxCodes
	if !full {
		s.codes[code] = grant{
			client: query.Get("client_id"), redirect: query.Get("redirect_uri"), nonce: query.Get("nonce"),
			challenge: query.Get("code_challenge"), person: person, ends: now.Add(codeLives),
		}
	}
	s.mu.Unlock()
	if full {
		back(w, r, query, url.Values{"error": {"temporarily_unavailable"}})
		return
	}
	back(w, r, query, url.Values{"code": {code}})
}

// back sends the browser to the client with an answer and the state.
func back(w http.ResponseWriter, r *http.Request, query, answer url.Values) {
	if state := query.Get("state"); state != "" {
		answer.Set("state", state)
	}
	http.Redirect(w, r, query.Get("redirect_uri")+"?"+answer.Encode(), http.StatusSeeOther)
}

var errGrant = errors.New("the code is unknown, used, too old or of another client")

// redeem takes a code, once, from the client that began the sign-in (RFC 7636).
func (s *Server) redeem(form url.Values) (grant, error) {
	s.mu.Lock()
	g, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	s.mu.Unlock()
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if !ok || s.opts.Now().After(g.ends) || g.client != form.Get("client_id") || g.redirect != form.Get("redirect_uri") ||
		subtle.ConstantTimeCompare([]byte(challenge), []byte(g.challenge)) != 1 {
		return grant{}, errGrant
	}
	return g, nil
}

// tokens answers the exchange of a code with an access token for the product and an identity token for the client.
func (s *Server) tokens(w http.ResponseWriter, form url.Values) {
	g, err := s.redeem(form)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": err.Error()})
		return
	}
	p, _ := s.person(g.person)
	access, err := s.Issue(p.Claims)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	id, err := jwt.Signed(s.signer).Claims(p.Claims.registered(s.opts.Issuer, g.client, s.opts.Now(), s.opts.Lifetime)).
		Claims(map[string]any{"nonce": g.nonce, "name": p.Claims.Name}).Serialize()
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	lives := s.opts.Lifetime
	if p.Claims.Lifetime != 0 {
		lives = p.Claims.Lifetime
	}
	w.Header().Set("Cache-Control", "no-store")
	answer(w, http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "id_token": id, "expires_in": int(lives / time.Second),
		"scope": "openid profile " + p.Claims.private().Scope,
	})
}

func (s *Server) person(id string) (Person, bool) {
	for _, p := range s.list() {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}
