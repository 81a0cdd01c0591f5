package manager

import (
	"embed"
	"io/fs"

	"github.com/remote-issuance/remote-issuance/portal/keys"
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

// Options say what is offered.
type Options struct {
	// Keys are the files that sign in the page; the zero value offers no such thing.
	Keys keys.Addresses
}

// handlers answer the requests of the journey.
type handlers struct{ Options }

// Where the pages are.
const (
	ordersPath = "/organisation"
	listsPath  = "/organisation/lists"
)

// Route adds the pages of the journey.
func Route(r *web.Router, o Options) {
	h := handlers{o}
	r.SignedIn("GET /organisation", asManager(showOrders))
	r.SignedIn("POST /organisation", asManager(choose))
	r.SignedIn("GET /organisation/account", account)
	r.SignedIn("GET /organisation/orders/{id}", asManager(details))
	r.SignedIn("GET /organisation/orders/{id}/rejection", asManager(askRejection))
	r.SignedIn("POST /organisation/orders/{id}/rejection", asManager(reject))
	r.SignedIn("GET /organisation/lists", asManager(showLists))
	r.SignedIn("GET /organisation/lists/{id}", asManager(of(overview)))
	r.SignedIn("GET /organisation/lists/{id}/signature", asManager(at(stepSignature, h.signature)))
	r.SignedIn("POST /organisation/lists/{id}/signature", asManager(at(stepSignature, h.sign)))
	r.SignedIn("GET /organisation/lists/{id}/list.xml", asManager(listXML))
	r.SignedIn("GET /organisation/lists/{id}/list.pdf", asManager(listPDF))
	r.SignedIn("GET /organisation/lists/{id}/payment", asManager(at(stepPayment, payList)))
	r.SignedIn("POST /organisation/lists/{id}/payment", asManager(at(stepPayment, choosePayment)))
	r.SignedIn("GET /organisation/lists/{id}/invoice.pdf", asManager(invoice))
	r.SignedIn("GET /organisation/lists/{id}/progress", asManager(at(stepProgress, progress)))
	r.SignedIn("GET /organisation/lists/{id}/cards/{order}", asManager(of(evidence)))
	r.SignedIn("GET /organisation/lists/{id}/ended", asManager(at(stepEnded, ended)))
	r.Public("GET /payment-status", whereIsMyMoney)
}

// asManager asks people who came as themselves to come as their organisation;
// whether somebody is its head, the API decides.
func asManager(h web.Handler) web.Handler {
	return func(v *web.Visit) error {
		if !v.Session.Has("manager") {
			return account(v)
		}
		return h(v)
	}
}
