package applicant

import (
	"errors"
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// contacts asks for the right contacts of an issued order (I4).
func contacts(v *web.Visit, o contract.Order) error {
	return showContacts(v, o, http.StatusOK, o.Contacts, nil)
}

func showContacts(v *web.Visit, o contract.Order, status int, in contract.Contacts, wrong map[string]string) error {
	word := v.T("common.error-prefix")
	p := page(v, o, "contacts", v.T("applicant.contacts.title"), struct {
		Email, Phone govuk.Input
		Send         govuk.Button
	}{
		govuk.Input{
			ID: "email", Name: "email", Label: v.T("applicant.request.email"), Error: wrong["email"], ErrorWord: word, Type: "email",
			Autocomplete: "email", Value: in.Email,
		},
		govuk.Input{
			ID: "phone", Name: "phone", Label: v.T("applicant.request.phone"), Error: wrong["phone"], ErrorWord: word, Type: "tel",
			Autocomplete: "tel", Width: 20, Value: in.Phone,
		},
		govuk.Button{Text: v.T("applicant.contacts.send"), Once: true},
	})
	p.Back = pathOf(o.ID, stepCertificate)
	if wrong != nil {
		p.Errors = summary(v, wrong, nil)
	}
	return v.Render(status, p)
}

// correctContacts takes other contacts and has new credentials sent there.
func correctContacts(v *web.Visit, o contract.Order) error {
	in := contract.Contacts{Email: v.Form.Get("email"), Phone: v.Form.Get("phone")}
	wrong := map[string]string{}
	_, err := order.NewContacts(in.Email, in.Phone)
	for field, bad := range map[string]error{"email": order.ErrEmail, "phone": order.ErrPhone} {
		if errors.Is(err, bad) {
			wrong[field] = v.T("applicant.request." + field + ".wrong")
		}
	}
	if len(wrong) > 0 {
		return showContacts(v, o, http.StatusUnprocessableEntity, in, wrong)
	}
	_, err = v.API.CorrectContacts(v.Request.Context(), o.ID, in)
	var p *client.Problem
	switch {
	case client.Is(err, "validation") && errors.As(err, &p):
		return showContacts(v, o, http.StatusUnprocessableEntity, in, fieldErrors(v, p))
	case client.Is(err, "credentials-missing"):
		return v.RedirectNoting(pathOf(o.ID, stepCertificate), "applicant.notice.no-credentials")
	case err != nil:
		return err
	}
	return v.RedirectNoting(pathOf(o.ID, stepCertificate), "applicant.notice.credentials-again")
}
