package web

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
)

const (
	languageCookie = "language"
	keysCookie     = "keys"
	// showKeysName stands in the place of a language in the address that turns keys on and off.
	showKeysName  = "keys"
	languageLives = 365 * 24 * time.Hour
)

// Visit is one request of a person.
type Visit struct {
	Writer  http.ResponseWriter
	Request *http.Request
	Texts   catalogue.Texts
	// Session is nil when nobody is signed in.
	Session *Session
	// API calls the service as the person.
	API *client.Client
	// Form is what was sent, for POST.
	Form Form

	site *Site
}

// T is a text in the person's language.
func (v *Visit) T(key string, values ...any) string { return v.Texts.T(key, values...) }

// FileUpload is a file field with its words in the person's language: those of
// the browser are in a language of its own.
func (v *Visit) FileUpload(f govuk.FileUpload) govuk.FileUpload {
	f.ErrorWord, f.ChooseText, f.InstructionText = v.T("common.error-prefix"), v.T("common.file.choose"), v.T("common.file.drop")
	f.NoFileText, f.EnteredText, f.LeftText = v.T("common.file.none"), v.T("common.file.entered"), v.T("common.file.left")
	return f
}

// Now is the time.
func (v *Visit) Now() time.Time { return v.site.now() }

// ID is the identifier in the path; ErrNotFound for anything else.
func (v *Visit) ID() (order.ID, error) {
	id, err := order.ParseID(v.Request.PathValue("id"))
	if err != nil {
		return order.ID{}, ErrNotFound
	}
	return id, nil
}

// origin are the addresses that a request came by, in the form of
// X-Forwarded-For: what proxies said, and the other end of the connection.
func origin(r *http.Request) string {
	nearest, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		nearest = r.RemoteAddr
	}
	return strings.Join(append(slices.Clone(r.Header.Values("X-Forwarded-For")), nearest), ", ")
}

// PublicURL is the address of a path of the portal as others reach it.
func (v *Visit) PublicURL(path string) string { return v.site.publicURL + path }

// Attach answers with a file to be kept under a name of letters, digits, dots
// and hyphens.
func (v *Visit) Attach(kind, name string, content []byte) error {
	h := v.Writer.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = v.Writer.Write(content)
	return nil
}

// Redirect answers with another page of the portal.
func (v *Visit) Redirect(path string) error {
	if v.Request.Header.Get(liveHeader) != "" {
		return v.goTo(path)
	}
	http.Redirect(v.Writer, v.Request, path, http.StatusSeeOther)
	return nil
}

// RedirectNoting answers with another page, which begins with a notice (the key of a text).
func (v *Visit) RedirectNoting(path, notice string) error {
	v.site.jar.putFlash(v.Writer, v.Request, Flash{Notice: notice})
	return v.Redirect(path)
}

// Kept is what the person had typed into the form of this page before the
// session was lost; to be asked for before anything is written.
func (v *Visit) Kept() Form {
	f := v.site.jar.peekFlash(v.Request)
	if f.Path != v.Request.URL.Path {
		return Form{}
	}
	return Form{Values: f.Form}
}

// signInAgain sends the person to the issuer and back to this page, with what
// was typed.
func (v *Visit) signInAgain() error {
	path := v.Request.URL.Path
	v.site.jar.drop(v.Writer, v.Request, sessionCookie, 0)
	if v.Request.Method == http.MethodPost {
		form := v.Form.Values
		form.Del(tokenField)
		v.site.jar.putFlash(v.Writer, v.Request, Flash{Notice: "common.notice.session-lost", Path: path, Form: form})
	} else {
		path = v.Request.URL.RequestURI()
	}
	return v.Render(http.StatusUnauthorized, Page{
		Name: "common/sign-in", Title: v.T("common.sign-in.title"), KeepNote: true,
		Body: struct {
			Button govuk.Button
			Lost   bool
		}{govuk.Button{Text: v.T("common.sign-in.button"), Href: "/sign-in?to=" + queryEscape(path)}, v.Request.Method == http.MethodPost},
	})
}

func (s *Site) chooseLanguage(v *Visit) error {
	chosen := v.Request.PathValue("language")
	to := LocalPath(v.Request.URL.Query().Get("to"))
	switch {
	case chosen == showKeysName && s.showKeys:
		c := s.jar.cookie(keysCookie, "1", languageLives)
		if v.Texts.ShowKeys {
			c = s.jar.cookie(keysCookie, "", 0)
		}
		http.SetCookie(v.Writer, c)
	case slices.Contains(catalogue.Languages(), chosen):
		http.SetCookie(v.Writer, s.jar.cookie(languageCookie, chosen, languageLives))
	default:
		return ErrNotFound
	}
	return v.Redirect(to)
}
