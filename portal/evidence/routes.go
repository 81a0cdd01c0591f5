package evidence

import (
	"embed"
	"io/fs"
	"net/http"

	"github.com/remote-issuance/remote-issuance/portal/client"
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

const (
	path = "/card"
	// maxCard is the largest card that the API verifies, in octets.
	maxCard = 8 << 20
	// maxCode is the longest code that the API takes, in octets.
	maxCode = 200
)

// Route adds the pages of the journey.
func Route(r *web.Router) {
	r.Public("GET "+path, func(v *web.Visit) error { return ask(v, http.StatusOK, mistakes{}) })
	r.PublicUpload("POST "+path, maxCard, verify)
}

// mistakes are what is wrong with the fields; empty for nothing.
type mistakes struct{ file, code string }

func ask(v *web.Visit, status int, wrong mistakes) error {
	code := v.Form.Get("code")
	if wrong.code != "" {
		code = ""
	}
	p := web.Page{Name: "evidence/ask", Title: v.T("evidence.title"), Back: "/", Body: struct {
		File     govuk.FileUpload
		Code     govuk.Input
		Go       govuk.Button
		MaxFile  int
		TooLarge string
	}{
		v.FileUpload(govuk.FileUpload{ID: "file", Name: "file", Label: v.T("evidence.file"), Hint: v.T("evidence.file.hint"), Accept: ".pdf", Error: wrong.file}),
		govuk.Input{
			ID: "code", Name: "code", Label: v.T("evidence.code"), Hint: v.T("evidence.code.hint"), Value: code, Error: wrong.code,
			ErrorWord: v.T("common.error-prefix"), Autocomplete: "off",
		},
		govuk.Button{Text: v.T("evidence.go"), Once: true}, maxCard, v.T("evidence.file.too-large"),
	}}
	for _, w := range []govuk.Link{{Text: wrong.file, Href: "#file"}, {Text: wrong.code, Href: "#code"}} {
		if w.Text != "" {
			p.Errors.Title = v.T("common.error-summary")
			p.Errors.Items = append(p.Errors.Items, w)
		}
	}
	return v.Render(status, p)
}

// verify tells what the service finds in the file.
func verify(v *web.Visit) error {
	var wrong mistakes
	code := v.Form.Get("code")
	switch {
	case len(v.Form.File.Content) == 0:
		wrong.file = v.T("evidence.file.missing")
	case v.Form.File.TooLarge:
		wrong.file = v.T("evidence.file.too-large")
	}
	if len(code) > maxCode || len(v.Form.Values["code"]) > 1 {
		wrong.code = v.T("evidence.code.wrong")
	}
	if wrong != (mistakes{}) {
		return ask(v, http.StatusUnprocessableEntity, wrong)
	}
	found, err := v.API.VerifyCard(v.Request.Context(), v.Form.File.Content, code)
	switch {
	case client.Is(err, "card-unreadable"):
		return ask(v, http.StatusUnprocessableEntity, mistakes{file: v.T("problems.card-unreadable.text")})
	case client.Is(err, "validation", "malformed"):
		return ask(v, http.StatusUnprocessableEntity, mistakes{code: v.T("evidence.code.wrong")})
	case err != nil:
		return err
	}
	return show(v, found, code != "")
}
