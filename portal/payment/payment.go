// Package payment is what the pages of applicants and of managers show alike about a payment: the question for a method, the form
// for the card page, and the way to the bill in ERIP.
package payment

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// methodField is the name of the question, and the id of its first answer.
const methodField = "method"

// Methods asks by which of the payment's methods (P1) it shall be paid. The texts are those of the key, of key.METHOD and of
// key.METHOD.hint; wrong says what was wrong with an answer.
func Methods(v *web.Visit, p contract.Payment, key, wrong string) govuk.Choice {
	choice := govuk.Choice{Name: methodField, Legend: v.T(key), Error: wrong, ErrorWord: v.T("common.error-prefix")}
	for i, m := range p.Methods {
		id := methodField
		if i > 0 {
			id += "-" + strconv.Itoa(i+1)
		}
		text := key + "." + string(m)
		choice.Options = append(choice.Options, govuk.Option{
			ID: id, Value: string(m), Text: v.T(text), Hint: v.T(text + ".hint"), Checked: m == p.Method,
		})
	}
	return choice
}

// Ask renders the page that asks for a method, with what was wrong with an answer.
func Ask(v *web.Visit, page web.Page, wrong string) error {
	if wrong == "" {
		return v.Render(http.StatusOK, page)
	}
	page.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#" + methodField}}}
	return v.Render(http.StatusUnprocessableEntity, page)
}

// Chosen is the method that a form names; false when it is none of the payment's.
func Chosen(v *web.Visit, p contract.Payment) (contract.PaymentMethod, bool) {
	method := contract.PaymentMethod(v.Form.Get(methodField))
	return method, slices.Contains(p.Methods, method)
}

// Card is the form that the payer's browser posts to the card page.
type Card struct {
	Address string
	Fields  []Field
	Pay     govuk.Button
}

// Field is one hidden field of the form.
type Field struct{ Name, Value string }

// CardOf is the form of a payment by card, its fields by name; the template "pay-card" shows it.
func CardOf(v *web.Visit, p contract.AssistPayment) Card {
	c := Card{Address: p.URL, Pay: govuk.Button{Text: v.T("common.pay.card.go"), Once: true}}
	for name, value := range p.Fields {
		c.Fields = append(c.Fields, Field{name, value})
	}
	slices.SortFunc(c.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return c
}

// ERIP leads a payer to the bill: the path through the tree of ERIP, and the QR code as a picture.
type ERIP struct {
	Path []string
	QR   template.URL
}

// ERIPOf is what leads to the bill of a payment through ERIP (P2).
func ERIPOf(p contract.ERIPPayment) ERIP { return ERIP{Path: p.Path, QR: picture(p.QRSVG)} }

// picture makes the drawing an image of its own, in which no script runs.
func picture(svg string) template.URL {
	if svg == "" {
		return ""
	}
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)))
}
