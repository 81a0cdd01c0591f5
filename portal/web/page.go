package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
)

//go:embed templates
var own embed.FS

// Page is one page to be rendered.
type Page struct {
	// Name is the template, such as applicant/cabinet.
	Name string
	// Title is the text of title and heading.
	Title string
	// Back is where the back link leads; empty for none.
	Back string
	// Errors are shown on top and put "Error:" before the title.
	Errors govuk.ErrorSummary
	// Live is the address that answers when something is newer than Version;
	// empty for a page that stands still.
	Live    string
	Version int64
	// FormTargets are origins besides the portal that forms of the page are sent to.
	FormTargets []string
	// WebAssembly lets the page run the portal's own WebAssembly.
	WebAssembly bool
	// KeepNote leaves a notice for the page after this one.
	KeepNote bool
	// Body is the page's own data.
	Body any
}

// view is what templates see.
type view struct {
	Page
	catalogue.Texts
	Notice                 string
	User                   string
	FormToken              string
	Header                 govuk.GenericHeader
	Languages              govuk.LanguageNavigation
	Navigation             govuk.ServiceNavigation
	Style, Look            string
	Script, Frontend, Icon string
	// SiteNotice is the sentence on top of every page.
	SiteNotice string
	// Translating offers the keys of texts at KeysHref.
	Translating bool
	KeysHref    string
}

// Link is a link with the text of a key.
func (v view) Link(href, key string) govuk.Link { return govuk.Link{Href: href, Text: v.T(key)} }

// Banner is the notice of the page.
func (v view) Banner() govuk.Banner {
	return govuk.Banner{Title: v.T("common.notice.title"), Text: v.Notice}
}

// pages are the parsed templates by name.
type pages struct{ byName map[string]*template.Template }

func parsePages(journeys map[string]fs.FS) (*pages, error) {
	base, err := template.New("").ParseFS(govuk.Templates(), "*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	if base, err = base.ParseFS(own, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	all := &pages{byName: map[string]*template.Template{}}
	common, err := fs.Sub(own, "templates/common")
	if err != nil {
		return nil, err
	}
	for journey, from := range journeys {
		err = errors.Join(err, all.add(base, journey, from))
	}
	return all, errors.Join(err, all.add(base, "common", common))
}

// add parses the pages of a journey. Files that begin with _ are shared by its pages.
func (p *pages) add(base *template.Template, journey string, from fs.FS) error {
	shared, err := fs.Glob(from, "_*.html")
	if err != nil {
		return err
	}
	found, err := fs.Glob(from, "[^_]*.html")
	if err != nil {
		return err
	}
	for _, file := range found {
		t, err := base.Clone()
		if err != nil {
			return err
		}
		if t, err = t.ParseFS(from, append(shared, file)...); err != nil {
			return fmt.Errorf("templates: %s/%w", journey, err)
		}
		p.byName[journey+"/"+strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return nil
}

// Render writes a page.
func (v *Visit) Render(status int, p Page) error {
	t, ok := v.site.pages.byName[p.Name]
	if !ok {
		return fmt.Errorf("there is no page %s", p.Name)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", v.site.view(v, p)); err != nil {
		return fmt.Errorf("page %s: %w", p.Name, err)
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Texts.Language)
	h.Set("Content-Security-Policy", policy(p))
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if !strings.Contains(v.Request.Header.Get("Accept-Encoding"), "gzip") {
		v.Writer.WriteHeader(status)
		_, _ = v.Writer.Write(out.Bytes())
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	v.Writer.WriteHeader(status)
	z := gzip.NewWriter(v.Writer)
	_, _ = z.Write(out.Bytes())
	_ = z.Close()
	return nil
}

func (s *Site) view(v *Visit, p Page) view {
	out := view{
		Page: p, Texts: v.Texts, Style: s.assets.Address("govuk-frontend.min.css"), Look: s.assets.Address("portal.css"),
		Script: s.assets.Address("portal.js"), Frontend: s.assets.Address("govuk-frontend.min.js"), Icon: s.assets.Address("favicon.svg"),
		Header: govuk.GenericHeader{Text: v.T("common.header"), Href: "/"}, SiteNotice: s.notice,
	}
	if !p.KeepNote {
		if flash := s.jar.takeFlash(v.Writer, v.Request); flash.Notice != "" {
			out.Notice = v.T(flash.Notice)
		}
	}
	here := v.Request.URL.RequestURI()
	if v.Request.Method != http.MethodGet {
		here = v.Request.URL.Path
	}
	out.Languages.Label = v.T("common.language")
	for _, name := range catalogue.Languages() {
		out.Languages.Items = append(out.Languages.Items, govuk.Language{
			Text: map[string]string{"ru": "Русский", "be": "Беларуская", "en": "English"}[name], Lang: name,
			Href: "/language/" + name + "?to=" + queryEscape(here), Current: name == v.Texts.Language,
		})
	}
	out.Translating, out.KeysHref = s.showKeys, "/language/"+showKeysName+"?to="+queryEscape(here)
	if v.Session != nil {
		out.User, out.FormToken = v.Session.Name, v.Session.FormToken()
		out.Navigation = v.navigation()
	}
	return out
}

func (v *Visit) navigation() govuk.ServiceNavigation {
	n := govuk.ServiceNavigation{Label: v.T("common.navigation.label"), MenuText: v.T("common.navigation.menu"), ID: "navigation"}
	var entries []struct{ key, href string }
	for _, e := range []struct {
		shown     bool
		key, href string
	}{
		{v.Session.Has("applicant") || !v.Session.Has("operator"), "common.navigation.orders", "/orders"},
		{v.Session.Has("manager"), "common.navigation.organisation", "/organisation"},
		{v.Session.Has("operator"), "common.navigation.operator", OperatorPath},
	} {
		if e.shown {
			entries = append(entries, struct{ key, href string }{e.key, e.href})
		}
	}
	for _, e := range entries {
		n.Items = append(n.Items, govuk.NavigationItem{
			Text: v.T(e.key), Href: e.href, Current: v.Request.URL.Path == e.href, Active: strings.HasPrefix(v.Request.URL.Path, e.href+"/"),
		})
	}
	return n
}

func queryEscape(text string) string { return url.QueryEscape(text) }
