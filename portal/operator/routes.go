package operator

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

//go:embed all:pages
var pages embed.FS

// Pages are the templates of the journey.
func Pages() fs.FS {
	// The folder is embedded: it is there.
	sub, _ := fs.Sub(pages, "pages")
	return sub
}

// Route adds the pages of the journey.
func Route(r *web.Router) {
	r.SignedIn("GET "+web.OperatorPath, asOperator(showStatus))
}

// asOperator asks people who came as themselves to sign in as operators;
// whether somebody is one, the API decides.
func asOperator(h web.Handler) web.Handler {
	return func(v *web.Visit) error {
		if v.Session.Has("operator") {
			return h(v)
		}
		return v.Render(http.StatusForbidden, web.Page{Name: "operator/account", Title: v.T("operator.account.title"), Body: govuk.Button{
			Text: v.T("operator.account.button"), Href: "/sign-in?to=" + url.QueryEscape(v.Request.URL.RequestURI()),
		}})
	}
}
