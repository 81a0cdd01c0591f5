package storage

import (
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Paths of the storage in the API process.
const (
	// PagePath shows the form (GET).
	PagePath = "/storage"
	// CertificatePath gives the certificate (POST): a form's fields or a JSON
	// object login, password and format (cer or p7b).
	CertificatePath = "/storage/certificate"
)

// maxBody is more than two short texts and a format need.
const maxBody = 4096

// problem is why nothing was handed out.
type problem string

const (
	problemNone        problem = ""
	problemDenied      problem = "denied"
	problemLimited     problem = "limited"
	problemExpired     problem = "expired"
	problemInvalid     problem = "invalid"
	problemUnavailable problem = "unavailable"
)

// slug names the problem among all that the service answers with.
func (p problem) slug() string { return "storage-" + string(p) }

// problems are those that are answered with.
func problems() []problem {
	return []problem{problemDenied, problemLimited, problemExpired, problemInvalid, problemUnavailable}
}

// Problem is one that the storage answers with: its status, and what it says by language.
type Problem struct {
	Status int
	Titles map[string]string
}

// Problems are all that the storage answers with, by slug, for those who show pages about them.
func Problems() (map[string]Problem, error) {
	p, err := newPage()
	if err != nil {
		return nil, err
	}
	out := map[string]Problem{}
	for _, what := range problems() {
		titles := map[string]string{}
		for lang, t := range p.texts {
			titles[string(lang)] = t.Problems[what]
		}
		out[what.slug()] = Problem{Status: what.status(), Titles: titles}
	}
	return out, nil
}

// status is the HTTP status of a problem. Denied is 403 and not 401: the page
// has no authentication scheme a browser could ask for.
func (p problem) status() int {
	switch p {
	case problemDenied:
		return http.StatusForbidden
	case problemLimited:
		return http.StatusTooManyRequests
	case problemExpired:
		return http.StatusGone
	case problemInvalid:
		return http.StatusBadRequest
	case problemUnavailable:
		return http.StatusServiceUnavailable
	case problemNone:
		return http.StatusOK
	default:
		return http.StatusInternalServerError
	}
}

// Handler serves the storage's page and its API.
type Handler struct {
	service *Service
	page    *page
	address func(*http.Request) netip.Addr
	// problems is the address below which the types of problems are.
	problems string
	log      *slog.Logger
	mux      *http.ServeMux
}

// NewHandler serves PagePath and CertificatePath. address tells whom to count
// the attempt of a request to: behind a proxy only the wiring knows which
// header is to be believed; nil takes the connection's other end. problems is the
// address below which the types of its problems open as pages.
func NewHandler(service *Service, address func(*http.Request) netip.Addr, problems string, log *slog.Logger) (*Handler, error) {
	if service == nil || log == nil {
		return nil, errors.New("storage handler: want a service and a logger")
	}
	p, err := newPage()
	if err != nil {
		return nil, err
	}
	if address == nil {
		address = remoteAddress
	}
	h := &Handler{service: service, page: p, address: address, problems: strings.TrimRight(problems, "/"), log: log, mux: http.NewServeMux()}
	h.mux.HandleFunc("GET "+PagePath, h.form)
	h.mux.HandleFunc("POST "+CertificatePath, h.certificate)
	return h, nil
}

// ServeHTTP answers with headers that keep the answer out of caches and frames.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	h.mux.ServeHTTP(w, r)
}

func (h *Handler) form(w http.ResponseWriter, r *http.Request) {
	lang := chooseLanguage(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	h.written(r, h.page.render(w, http.StatusOK, lang, problemNone))
}

// ask is what was sent.
type ask struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Format   string `json:"format"`
	Lang     string `json:"-"`
	json     bool
}

func (h *Handler) certificate(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a, err := parseAsk(r)
	if err != nil {
		h.refuse(w, r, a, problemInvalid)
		return
	}
	bundle, err := h.service.Open(r.Context(), a.Login, a.Password, h.address(r))
	if err != nil {
		h.refuse(w, r, a, h.classify(w, r, err))
		return
	}
	body, kind, name := bundle.ChainP7B, "application/x-pkcs7-certificates", "certificate.p7b"
	if a.Format == "cer" {
		body, kind, name = bundle.CertificateDER, "application/pkix-cert", "certificate.cer"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, err = w.Write(body)
	h.written(r, err)
}

func parseAsk(r *http.Request) (ask, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	a := ask{json: media == "application/json"}
	switch {
	case err != nil:
		return a, err
	case a.json:
		err = json.NewDecoder(r.Body).Decode(&a)
	case media == "application/x-www-form-urlencoded":
		err = r.ParseForm()
		a.Login, a.Password = r.PostForm.Get("login"), r.PostForm.Get("password")
		a.Format, a.Lang = r.PostForm.Get("format"), r.PostForm.Get("lang")
	default:
		err = errors.New("unexpected media type")
	}
	if err == nil && a.Format != "cer" && a.Format != "p7b" {
		err = errors.New("unexpected format")
	}
	return a, err
}

func (h *Handler) classify(w http.ResponseWriter, r *http.Request, err error) problem {
	var limited *LimitedError
	switch {
	case errors.Is(err, ErrDenied):
		return problemDenied
	case errors.Is(err, ErrExpired):
		return problemExpired
	case errors.As(err, &limited):
		wait := max(time.Second, limited.Until.Sub(h.service.now()))
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		return problemLimited
	case errors.Is(err, ErrBusy):
		w.Header().Set("Retry-After", "5")
		return problemUnavailable
	default:
		// A caller that has gone away is no failure of ours.
		if r.Context().Err() == nil {
			h.log.ErrorContext(r.Context(), "certificate storage cannot answer", "error", err)
		}
		return problemUnavailable
	}
}

// refuse answers a person with the page and a program with problem+json (RFC 9457).
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, a ask, what problem) {
	lang := chooseLanguage(a.Lang, r.Header.Get("Accept-Language"))
	if !a.json {
		h.written(r, h.page.render(w, what.status(), lang, what))
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Language", string(lang))
	w.WriteHeader(what.status())
	h.written(r, json.NewEncoder(w).Encode(map[string]any{
		"type": h.problems + "/" + what.slug(), "status": what.status(),
		"title": h.page.texts[lang].Problems[what],
	}))
}

func (h *Handler) written(r *http.Request, err error) {
	if err != nil {
		h.log.WarnContext(r.Context(), "certificate storage answer not written", "error", err)
	}
}

func remoteAddress(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr()
}
