package keys

import (
	"embed"
	"io/fs"

	"github.com/remote-issuance/remote-issuance/internal/order"
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
	Addresses Addresses
	// MakeRequests offers keys made in the page: the regulations want carriers.
	MakeRequests bool
	// Policy has the rule for the first day (S5).
	Policy order.Policy
}

// handlers answer the requests of the journey.
type handlers struct{ Options }

// Route adds the pages of the journey.
func Route(r *web.Router, o Options) {
	h := handlers{o}
	r.Public("GET /diagnosis", h.askCertificate)
	r.Public("POST /diagnosis", h.diagnose)
	if o.MakeRequests {
		r.SignedIn("GET /orders/{id}/new-key", h.newKey)
	}
}

// NewKeyPath is the page that makes the request of an order, where it is offered.
func NewKeyPath(id order.ID) string { return "/orders/" + id.String() + "/new-key" }
