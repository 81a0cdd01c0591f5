package storage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// language is one of the three in which the page exists.
type language string

const (
	langRussian    language = "ru"
	langBelarusian language = "be"
	langEnglish    language = "en"
)

func languages() []language { return []language{langRussian, langBelarusian, langEnglish} }

func (l language) name() string {
	switch l {
	case langBelarusian:
		return "Беларуская"
	case langEnglish:
		return "English"
	case langRussian:
		return "Русский"
	default:
		return "Русский"
	}
}

// texts is everything a person reads on the page in one language.
type texts struct {
	Service        string             `json:"service"`
	Title          string             `json:"title"`
	Lead           string             `json:"lead"`
	Languages      string             `json:"languages"`
	Login          string             `json:"login"`
	Password       string             `json:"password"`
	GetChain       string             `json:"getChain"`
	GetCertificate string             `json:"getCertificate"`
	Instructions   string             `json:"instructions"`
	Steps          []string           `json:"steps"`
	Help           string             `json:"help"`
	Problems       map[problem]string `json:"problems"`
}

type page struct {
	template *template.Template
	texts    map[language]texts
	style    template.CSS
	policy   string
}

type link struct {
	Lang    language
	Name    string
	Current bool
}

type pageData struct {
	Lang    language
	T       texts
	Style   template.CSS
	Links   []link
	Action  string
	Problem string
}

func newPage() (*page, error) {
	t, err := template.ParseFS(pageFiles, "page/storage.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("storage page: %w", err)
	}
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return nil, fmt.Errorf("storage page: %w", err)
	}
	p := &page{template: t, texts: make(map[language]texts), style: template.CSS(style)} //nolint:gosec // our own file
	sum := sha256.Sum256(style)
	p.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	for _, lang := range languages() {
		raw, err := pageFiles.ReadFile("page/" + string(lang) + ".json")
		if err != nil {
			return nil, fmt.Errorf("storage page: %w", err)
		}
		var t texts
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("storage page: %s: %w", lang, err)
		}
		p.texts[lang] = t
	}
	return p, nil
}

// render writes the page with an optional problem on top.
func (p *page) render(w http.ResponseWriter, status int, lang language, what problem) error {
	data := pageData{Lang: lang, T: p.texts[lang], Style: p.style, Action: CertificatePath}
	for _, l := range languages() {
		data.Links = append(data.Links, link{Lang: l, Name: l.name(), Current: l == lang})
	}
	if what != problemNone {
		data.Problem = data.T.Problems[what]
	}
	var b bytes.Buffer
	if err := p.template.Execute(&b, data); err != nil {
		return fmt.Errorf("storage page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(lang))
	h.Set("Content-Security-Policy", p.policy)
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// chooseLanguage takes the wish of the form or the address, then the first of
// the browser's languages that exists here, then Russian.
func chooseLanguage(wish, accept string) language {
	for _, l := range languages() {
		if wish == string(l) {
			return l
		}
	}
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(part, ";")
		primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
		for _, l := range languages() {
			if strings.EqualFold(primary, string(l)) {
				return l
			}
		}
	}
	return langRussian
}
