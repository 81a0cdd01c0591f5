package portal

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/applicant"
	"github.com/remote-issuance/remote-issuance/portal/assets"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/evidence"
	"github.com/remote-issuance/remote-issuance/portal/keys"
	"github.com/remote-issuance/remote-issuance/portal/manager"
	"github.com/remote-issuance/remote-issuance/portal/operator"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// store compresses megabytes: once for all portals of a process.
var store = sync.OnceValues(func() (*assets.Store, error) { return assets.Load(keys.Assets()) })

// New is the portal with all its routes. It fails only when its own files are broken.
func New(c config.Site, log *slog.Logger, h *http.Client) (http.Handler, error) {
	texts, err := catalogue.Load()
	if err != nil {
		return nil, err
	}
	files, err := store()
	if err != nil {
		return nil, err
	}
	site, err := web.New(web.Options{
		Log: log, API: client.New(c.Pages.APIURL.String(), h), Assets: files, Catalogue: texts,
		Pages: map[string]fs.FS{"applicant": applicant.Pages(), "manager": manager.Pages(), "keys": keys.Pages(), "operator": operator.Pages(), "evidence": evidence.Pages()},
		Issuer: web.Issuer{
			URL: c.OIDC.Issuer.String(), ClientID: c.Pages.ClientID, ClientSecret: c.Pages.ClientSecret.Reveal(),
			PublicURL: c.Portal.URL.String(), HTTP: h,
		},
		Keys: c.Pages.SessionKeys.Keyring(), Secure: c.Portal.URL.Secure(), ShowKeys: c.Pages.ShowKeys, Notice: c.Pages.Notice,
		SignedIn: func(ctx context.Context, api *client.Client, s *web.Session) { applicant.Activate(ctx, api, s, log) },
	})
	if err != nil {
		return nil, err
	}
	routes := site.Routes()
	a := keys.AddressesOf(files.Address)
	var own applicant.Options
	if c.Pages.KeysInPage {
		own.NewKeyPath = keys.NewKeyPath
	}
	applicant.Route(routes, own)
	keys.Route(routes, keys.Options{Addresses: a, MakeRequests: c.Pages.KeysInPage, Policy: order.DefaultPolicy()})
	manager.Route(routes, manager.Options{Keys: a})
	operator.Route(routes)
	evidence.Route(routes)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("/", routes)
	return mux, nil
}
