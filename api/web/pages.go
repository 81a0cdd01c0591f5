package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

//go:embed page
var pageFiles embed.FS

// ProblemsPath is where the pages of problems are, below the API's own address.
const ProblemsPath = "/problems"

// Foreign is a problem of another package that answers beside the API, such as the certificate storage.
type Foreign struct {
	Status int
	// Titles are what it says, by language.
	Titles map[string]string
}

// Pages shows for each type of problem what it means and what to do (RFC 9457 section 3.1.1 wants the type to open).
type Pages struct {
	catalogue *Catalogue
	template  *template.Template
	style     template.CSS
	policy    string
	base      string
	foreign   map[Slug]Foreign
}

// NewPages makes the pages of problems whose types begin with the base (see TypeOf). It fails only when its own files are broken.
func NewPages(base string, foreign map[Slug]Foreign) (*Pages, error) {
	catalogue, err := LoadCatalogue()
	if err != nil {
		return nil, err
	}
	t, err := template.ParseFS(pageFiles, "page/problem.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("pages of problems: %w", err)
	}
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return nil, fmt.Errorf("pages of problems: %w", err)
	}
	sum := sha256.Sum256(style)
	return &Pages{catalogue: catalogue, template: t, style: template.CSS(style), base: base, foreign: foreign, //nolint:gosec // our own file
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}, nil
}

// Route adds the pages to a router.
func (p *Pages) Route(r gin.IRoutes) {
	r.GET(ProblemsPath, p.index)
	r.GET(ProblemsPath+"/:slug", p.page)
}

// pageView is what the template shows: one problem, or the list of all without a slug.
type pageView struct {
	T                     *Texts
	Style                 template.CSS
	Links                 []languageLink
	Slug                  Slug
	Title, Detail, Advice string
	Type, Index           string
	Status                int
	List                  []listed
}

type languageLink struct {
	Language, Name string
	Current        bool
}

type listed struct {
	Slug           Slug
	Title, Address string
}

func (p *Pages) page(c *gin.Context) {
	slug, t := Slug(c.Param("slug")), p.texts(c)
	title, detail, status := p.texting(slug, t)
	code := http.StatusOK
	if status == 0 {
		// A page, as whoever opens the address of a problem is a person.
		slug, code = ProblemNotFound, http.StatusNotFound
		title, detail, status = p.texting(slug, t)
	}
	p.write(c, code, pageView{T: t, Slug: slug, Title: title, Detail: detail, Status: status, Type: TypeOf(p.base, slug),
		Advice: t.Pages[advice(status)], Index: "../problems?lang=" + t.Language})
}

func (p *Pages) index(c *gin.Context) {
	t := p.texts(c)
	view := pageView{T: t, Title: t.Pages["title"]}
	for _, slug := range p.slugs() {
		title, _, _ := p.texting(slug, t)
		view.List = append(view.List, listed{slug, title, strings.TrimPrefix(ProblemsPath, "/") + "/" + string(slug) + "?lang=" + t.Language})
	}
	p.write(c, http.StatusOK, view)
}

// slugs are all problems that have a page, in order.
func (p *Pages) slugs() []Slug {
	return slices.Sorted(maps.Keys(func() map[Slug]bool {
		all := map[Slug]bool{}
		for slug := range statuses {
			all[slug] = true
		}
		for slug := range p.foreign {
			all[slug] = true
		}
		return all
	}()))
}

// texting is what a problem says in a language, with its status; 0 for a problem that is not there.
func (p *Pages) texting(slug Slug, t *Texts) (title, detail string, status int) {
	if f, ok := p.foreign[slug]; ok {
		return f.Titles[t.Language], "", f.Status
	}
	return t.Problems[slug][0], t.Problems[slug][1], slug.Status()
}

// advice names the text that tells a program whether to send its request again.
func advice(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "sign-in"
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= http.StatusInternalServerError:
		return "again"
	case status == http.StatusConflict || status == http.StatusGone:
		return "read"
	default:
		return "correct"
	}
}

// texts are those of the language in the address, or else of the browser's.
func (p *Pages) texts(c *gin.Context) *Texts {
	for i := range p.catalogue.texts {
		if p.catalogue.texts[i].Language == c.Query("lang") {
			return &p.catalogue.texts[i]
		}
	}
	return p.catalogue.Pick(c.GetHeader("Accept-Language"))
}

func (p *Pages) write(c *gin.Context, status int, view pageView) {
	view.Style = p.style
	for _, t := range p.catalogue.texts {
		view.Links = append(view.Links, languageLink{t.Language, t.Pages["name"], t.Language == view.T.Language})
	}
	var b bytes.Buffer
	if err := p.template.Execute(&b, view); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Header("Content-Security-Policy", p.policy)
	c.Header("Content-Language", view.T.Language)
	c.Header("Vary", "Accept-Language")
	c.Header("Cache-Control", "public, max-age=3600")
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}
