package manager

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/keys"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

var errListDiffers = errors.New("the list is not the one that the confirmation names")

// signature shows the list to read and takes its signature (M5, M6).
func (h handlers) signature(v *web.Visit, c contract.Confirmation) error {
	return h.showSignature(v, c, http.StatusOK, "", nil)
}

// reason is one check that a signature did not pass.
type reason struct{ Title, Why string }

func (h handlers) showSignature(v *web.Visit, c contract.Confirmation, httpStatus int, wrong string, reasons []reason) error {
	octets, err := listOf(v, c)
	if err != nil {
		return err
	}
	// What is shown is read from what is signed, not from what the API says beside it.
	said, err := list.Parse(octets)
	if err != nil {
		return err
	}
	file := v.FileUpload(govuk.FileUpload{
		ID: "file", Name: "file", Label: v.T("manager.sign.file"), Hint: v.T("manager.sign.file.hint"), Accept: ".p7s,.sig,.p7m,.pem,.der", Error: wrong,
	})
	p := page(v, c, "signature", v.T("manager.sign.title"), struct {
		List     []list.Line
		Orders   []listed
		Document string
		SHA256   string
		Until    string
		PDF, XML string
		File     govuk.FileUpload
		Send     govuk.Button
		Reasons  []reason
		Here     bool
		Task     keys.Task
		Fields   keys.SignFields
	}{
		List: said.Lines(), Orders: ordersOf(said), Document: string(octets), SHA256: c.ListSha256, Until: until(v, c), PDF: pathOf(c.ID, "list.pdf"),
		XML: pathOf(c.ID, "list.xml"), File: file, Send: govuk.Button{Text: v.T("manager.sign.send"), Once: true}, Reasons: reasons,
		Here: h.Keys.Module != "", Task: h.task(v, c), Fields: keys.NewSignFields(v),
	})
	p.WebAssembly = h.Keys.Module != ""
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#file"}}}
	}
	return v.Render(httpStatus, p)
}

func (h handlers) task(v *web.Visit, c contract.Confirmation) keys.Task {
	t := keys.NewTask(v, h.Keys, "sign")
	t.Document = pathOf(c.ID, "list.xml")
	return t
}

// listed is one order of the list that is shown: what people read, and what
// machines compare.
type listed struct {
	Number         int64
	Lines, Digests []list.Line
}

func ordersOf(l list.List) []listed {
	out := make([]listed, 0, len(l.Entries))
	for _, e := range l.Entries {
		o := listed{Number: e.Number}
		for _, line := range e.Lines() {
			if line.Digest {
				o.Digests = append(o.Digests, line)
			} else {
				o.Lines = append(o.Lines, line)
			}
		}
		out = append(out, o)
	}
	return out
}

// listOf reads the exact octets to sign, and holds them to the hash that the
// confirmation names.
func listOf(v *web.Visit, c contract.Confirmation) ([]byte, error) {
	octets, err := v.API.ListBytes(v.Request.Context(), c.ID)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(octets)
	if c.ListSha256 != "" && !strings.EqualFold(hex.EncodeToString(sum[:]), c.ListSha256) {
		return nil, errListDiffers
	}
	return octets, nil
}

// sign sends a signature on. One that is not good says why, and nothing is approved.
func (h handlers) sign(v *web.Visit, c contract.Confirmation) error {
	switch {
	case v.Form.File.TooLarge:
		return h.showSignature(v, c, http.StatusUnprocessableEntity, v.T("manager.sign.file.too-large"), nil)
	case len(v.Form.File.Content) == 0:
		return h.showSignature(v, c, http.StatusUnprocessableEntity, v.T("manager.sign.file.missing"), nil)
	}
	_, err := v.API.SignList(v.Request.Context(), c.ID, v.Form.File.Content)
	var p *client.Problem
	switch {
	case err == nil:
		return v.Redirect(pathOf(c.ID, ""))
	case client.Is(err, "wrong-stage"):
		// The other tab was faster.
		return v.Redirect(pathOf(c.ID, ""))
	case client.Is(err, "signature-rejected") && errors.As(err, &p):
		return h.showSignature(v, c, http.StatusUnprocessableEntity, v.T("manager.sign.rejected"), reasonsOf(v, p.Checks))
	case client.Is(err, "malformed", "body-too-large"):
		return h.showSignature(v, c, http.StatusUnprocessableEntity, v.T("manager.sign.file.unreadable"), nil)
	default:
		return err
	}
}

func reasonsOf(v *web.Visit, checks []contract.Check) []reason {
	var out []reason
	for _, c := range checks {
		if c.Verdict != order.VerdictFailed {
			continue
		}
		r := reason{Title: cmp.Or(c.Title, c.Code), Why: c.Cause}
		for _, prefix := range []string{"manager.sign.cause.", "checks.cause."} {
			if v.Texts.Has(prefix + c.Cause) {
				r.Why = v.T(prefix + c.Cause)
				break
			}
		}
		out = append(out, r)
	}
	return out
}

// listXML gives the exact octets to sign, to be signed by another program.
func listXML(v *web.Visit) error {
	return download(v, list.MediaType, "xml", func(c contract.Confirmation) ([]byte, error) { return listOf(v, c) })
}

// listPDF gives the list to read and to keep.
func listPDF(v *web.Visit) error {
	return download(v, "application/pdf", "pdf", func(c contract.Confirmation) ([]byte, error) {
		return v.API.ListPDF(v.Request.Context(), c.ID)
	})
}

func download(v *web.Visit, kind, extension string, read func(c contract.Confirmation) ([]byte, error)) error {
	return of(func(v *web.Visit, c contract.Confirmation) error {
		content, err := read(c)
		if err != nil {
			return err
		}
		return v.Attach(kind, "perechen-"+strconv.FormatInt(c.ListNumber, 10)+"."+extension, content)
	})(v)
}
