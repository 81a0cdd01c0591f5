package applicant

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

//go:embed pages
var pages embed.FS

// Pages are the templates of the journey.
func Pages() fs.FS {
	// The folder is embedded: it is there.
	sub, _ := fs.Sub(pages, "pages")
	return sub
}

// Route adds the pages of the journey.
func Route(r *web.Router) {
	r.SignedIn("GET /orders", cabinet)
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

func cabinet(v *web.Visit) error {
	return v.Render(http.StatusOK, web.Page{Name: "applicant/cabinet", Title: v.T("common.navigation.orders")})
}
