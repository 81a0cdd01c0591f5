package oidc

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// maxBody bounds the body of a token request, in bytes.
const maxBody = 4 << 10

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET /jwks", s.keySet)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /authorize", s.choose)
	mux.HandleFunc("POST /authorize", s.chosen)
	mux.HandleFunc("GET /files/{name}", s.file)
	mux.HandleFunc("GET /{$}", s.index)
	return mux
}

func (s *Server) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": s.opts.Issuer, "jwks_uri": s.opts.Issuer + "/jwks", "token_endpoint": s.opts.Issuer + "/token",
		"authorization_endpoint": s.opts.Issuer + "/authorize", "response_types_supported": []string{"code"},
		"code_challenge_methods_supported": []string{"S256"}, "token_endpoint_auth_methods_supported": []string{"none"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{string(jose.RS256)},
		"scopes_supported": []Scope{Applicant, Manager, Operator, Gateway},
	})
}

func (s *Server) keySet(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.key.Public()}})
}

// token exchanges a code, or answers {"person": ID}, as JSON or as a form, with a token; the answer has the shape of RFC 6749 §5.1 and §5.2.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	var req struct {
		Person string `json:"person"`
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if r.PostFormValue("grant_type") == "authorization_code" {
			s.tokens(w, r.PostForm)
			return
		}
		req.Person = r.PostFormValue("person")
	} else if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		return
	}
	token, err := s.Token(req.Person)
	switch {
	case errors.Is(err, ErrUnknownPerson):
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": err.Error()})
	case err != nil:
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
	default:
		w.Header().Set("Cache-Control", "no-store")
		answer(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer"})
	}
}

type row struct {
	ID, Title, Scopes, UNP, Token string
}

func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	var rows []row
	for _, p := range s.list() {
		token, err := s.Issue(p.Claims)
		if err != nil {
			http.Error(w, "no token can be made", http.StatusInternalServerError)
			return
		}
		rows = append(rows, row{ID: p.ID, Title: p.Title, Scopes: p.Claims.private().Scope, UNP: p.Claims.UNP, Token: token})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = s.page.Execute(w, struct {
		Issuer string
		Rows   []row
	}{s.opts.Issuer, rows})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
