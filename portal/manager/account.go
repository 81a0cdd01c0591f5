package manager

import (
	"net/http"
	"net/url"

	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// account leads to the choice of the organisation's account, which is made where
// people sign in: the token then speaks for the organisation (M1).
func account(v *web.Visit) error {
	to := ordersPath
	if v.Request.Method == http.MethodGet && v.Request.URL.Path != "/organisation/account" {
		to = v.Request.URL.RequestURI()
	}
	status := http.StatusOK
	if !v.Session.Has("manager") {
		status = http.StatusForbidden
	}
	return v.Render(status, web.Page{Name: "manager/account", Title: v.T("manager.account.title"), Back: "/orders", Body: struct {
		Choose govuk.Button
		Stay   bool
	}{govuk.Button{Text: v.T("manager.account.choose"), Href: "/sign-in?to=" + url.QueryEscape(to)}, v.Session.Has("manager")}})
}
