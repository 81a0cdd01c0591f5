package web

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/portal/assets"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
)

// Options are what a site is put together from.
type Options struct {
	Log       *slog.Logger
	API       *client.Client
	Assets    *assets.Store
	Catalogue *catalogue.Catalogue
	// Pages are the templates of journeys by journey: applicant → applicant/*.html.
	Pages  map[string]fs.FS
	Issuer Issuer
	// Keys seal cookies.
	Keys *seal.Keyring
	// Secure says that browsers come over TLS.
	Secure bool
	// ShowKeys lets translators see the keys of texts.
	ShowKeys bool
	// Notice stands on top of every page; empty for none.
	Notice string
	// SignedIn is told of each sign-in; nil for nobody.
	SignedIn func(ctx context.Context, api *client.Client, s *Session)
	// Now is the clock; nil means clock.Now.
	Now func() time.Time
}

// Site serves pages.
type Site struct {
	log       *slog.Logger
	api       *client.Client
	assets    *assets.Store
	catalogue *catalogue.Catalogue
	pages     *pages
	issuer    *issuer
	jar       jar
	origins   *http.CrossOriginProtection
	showKeys  bool
	notice    string
	publicURL string
	signedIn  func(ctx context.Context, api *client.Client, s *Session)
	now       func() time.Time
}

// New puts a site together. It fails only when its own files are broken.
func New(o Options) (*Site, error) {
	parsed, err := parsePages(o.Pages)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = clock.Now
	}
	if o.SignedIn == nil {
		o.SignedIn = func(context.Context, *client.Client, *Session) {}
	}
	return &Site{
		log: o.Log, api: o.API, assets: o.Assets, catalogue: o.Catalogue, pages: parsed, issuer: &issuer{Issuer: o.Issuer},
		jar: jar{keys: o.Keys, secure: o.Secure}, origins: http.NewCrossOriginProtection(), showKeys: o.ShowKeys, notice: o.Notice,
		publicURL: o.Issuer.PublicURL, signedIn: o.SignedIn, now: o.Now,
	}, nil
}

// Handler does one thing for one request: it renders, redirects, or fails with
// an error that becomes a page.
type Handler func(v *Visit) error

// Router takes the routes of journeys: patterns of http.ServeMux.
type Router struct {
	site *Site
	mux  *http.ServeMux
}

// Routes begins a table of routes with those that every site has.
func (s *Site) Routes() *Router {
	r := &Router{site: s, mux: http.NewServeMux()}
	r.mux.Handle("GET "+assets.Prefix, s.assets)
	r.mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.assets.Address("favicon.svg"), http.StatusFound)
	})
	r.Public("GET "+signInPath, s.signInStart)
	r.Public("GET "+CallbackPath, s.signInEnd)
	r.Public("POST /sign-out", s.signOut)
	r.Public("GET /signed-out", func(v *Visit) error {
		return v.Render(http.StatusOK, Page{Name: "common/signed-out", Title: v.T("common.signed-out.title")})
	})
	r.Public("GET /language/{language}", s.chooseLanguage)
	r.Public("/", func(*Visit) error { return ErrNotFound })
	return r
}

// Public routes a pattern for everybody.
func (r *Router) Public(pattern string, h Handler) {
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) { r.site.serve(w, q, upload{most: MaxFile}, h) })
}

// PublicUpload routes a pattern for everybody whose forms bring a file larger
// than MaxFile, of at most so many octets. Only a few are held at once; others
// wait a little and are asked to come later.
func (r *Router) PublicUpload(pattern string, most int64, h Handler) {
	turns := make(chan struct{}, uploadsAtOnce)
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) { r.site.serve(w, q, upload{most, turns}, h) })
}

// SignedIn routes a pattern for people who are signed in; others sign in and
// come back to it.
func (r *Router) SignedIn(pattern string, h Handler) {
	r.Public(pattern, func(v *Visit) error {
		if v.Session == nil {
			return v.signInAgain()
		}
		return h(v)
	})
}

// ServeHTTP finds the route.
func (r *Router) ServeHTTP(w http.ResponseWriter, q *http.Request) { r.mux.ServeHTTP(w, q) }

func (s *Site) serve(w http.ResponseWriter, r *http.Request, u upload, h Handler) {
	v := s.visit(w, r)
	secure(w.Header(), s.jar.secure)
	defer func() {
		if p := recover(); p != nil {
			if errors.Is(asError(p), http.ErrAbortHandler) {
				panic(p)
			}
			s.log.ErrorContext(r.Context(), "page panicked", "route", r.Pattern, "panic", p)
			s.fail(v, errPanic)
		}
	}()
	done, err := u.turn(r.Context())
	if err != nil {
		s.fail(v, err)
		return
	}
	defer done()
	if err := s.admit(v, u.most); err != nil {
		s.fail(v, err)
		return
	}
	if err := h(v); err != nil {
		s.fail(v, err)
	}
}

func asError(p any) error {
	err, _ := p.(error)
	return err
}

// admit reads a form, whose file has at most so many octets, and refuses one
// that comes from elsewhere.
func (s *Site) admit(v *Visit, maxFile int64) error {
	if v.Request.Method != http.MethodPost {
		return nil
	}
	if err := s.origins.Check(v.Request); err != nil {
		return ErrForged
	}
	form, err := readForm(v.Writer, v.Request, maxFile)
	if err != nil {
		return err
	}
	v.Form = form
	if v.Session != nil && !v.Session.Made(form.Values.Get(tokenField)) {
		return ErrForged
	}
	return nil
}

func (s *Site) visit(w http.ResponseWriter, r *http.Request) *Visit {
	v := &Visit{Writer: w, Request: r, site: s, Session: s.jar.session(r, s.now())}
	chosen := ""
	if c, err := r.Cookie(s.jar.name(languageCookie)); err == nil {
		chosen = c.Value
	}
	v.Texts = s.catalogue.Pick(chosen, r.Header.Get("Accept-Language"))
	if _, err := r.Cookie(s.jar.name(keysCookie)); err == nil && s.showKeys {
		v.Texts.ShowKeys = true
	}
	token := ""
	if v.Session != nil {
		token = v.Session.Token
	}
	v.API = s.api.From(origin(r)).As(token, v.Texts.Language)
	return v
}
