package applicant

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
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
	// NewKeyPath is the page that makes the request of an order; nil where none is offered.
	NewKeyPath func(id order.ID) string
}

// handlers answer the requests that depend on the options.
type handlers struct{ Options }

func (h handlers) newKey(id order.ID) string {
	if h.NewKeyPath == nil {
		return ""
	}
	return h.NewKeyPath(id)
}

// Route adds the pages of the journey.
func Route(r *web.Router, o Options) {
	h := handlers{o}
	r.Public("GET /{$}", start)
	r.SignedIn("GET /orders", cabinet)
	r.SignedIn("POST /orders", open)
	r.SignedIn("GET /new-order", chooseService)
	r.SignedIn("GET /new-order/{service}", howItGoes)
	r.SignedIn("GET /renew/{link}", renewal)
	r.SignedIn("POST /renew/{link}", openRenewal)
	r.SignedIn("GET /orders/{id}", of(overview))
	r.SignedIn("GET /orders/{id}/terms", at(stepTerms, terms))
	r.SignedIn("POST /orders/{id}/terms", at(stepTerms, acceptTerms))
	r.SignedIn("GET /orders/{id}/request", at(stepRequest, h.request))
	r.SignedIn("POST /orders/{id}/request", at(stepRequest, h.submitRequest))
	r.SignedIn("GET /orders/{id}/checks", of(checks))
	r.SignedIn("GET /orders/{id}/saved", of(saved))
	r.SignedIn("GET /orders/{id}/waiting", at(stepWaiting, waiting))
	r.SignedIn("GET /orders/{id}/payment", at(stepPayment, payOrder))
	r.SignedIn("POST /orders/{id}/payment", at(stepPayment, choosePayment))
	r.SignedIn("GET /orders/{id}/issuing", at(stepIssuing, issuing))
	r.SignedIn("GET /orders/{id}/certificate", at(stepCertificate, certificate))
	r.SignedIn("GET /orders/{id}/credentials", at(stepCertificate, credentials))
	r.SignedIn("GET /orders/{id}/card.pdf", at(stepCertificate, evidence))
	r.SignedIn("GET /orders/{id}/contacts", at(stepCertificate, contacts))
	r.SignedIn("POST /orders/{id}/contacts", at(stepCertificate, correctContacts))
	r.SignedIn("GET /orders/{id}/ended", at(stepEnded, ended))
	r.SignedIn("GET /orders/{id}/withdrawal", of(askWithdrawal))
	r.SignedIn("POST /orders/{id}/withdrawal", of(withdraw))
}

// Activate reports the sign-in to the service (I7), as far as it was with the
// certificate of an order. A failure keeps nobody from signing in.
func Activate(ctx context.Context, api *client.Client, s *web.Session, log *slog.Logger) {
	if !s.Has("applicant") {
		return
	}
	if _, err := api.ReportActivation(ctx); err != nil && !client.Is(err, "not-found") {
		log.WarnContext(ctx, "sign-in not reported to the service", "error", err)
	}
}
