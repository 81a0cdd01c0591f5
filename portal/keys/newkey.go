package keys

import (
	"net/http"
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// newKey makes the request of an order in the page. What is made is sent to the
// page that takes request files, which shows what is wrong with it.
func (h handlers) newKey(v *web.Visit) error {
	id, err := v.ID()
	if err != nil {
		return err
	}
	o, err := v.API.Order(v.Request.Context(), id)
	if err != nil {
		return err
	}
	if o.Stage != order.StageRequest {
		return v.Redirect("/orders/" + id.String())
	}
	task := NewTask(v, h.Addresses, "request")
	if o.Service.NeedsApproval() {
		task.StartAfterDays = h.Policy.StartAfterDays
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "keys/new-key", Title: v.T("keys.new.title"), Back: "/orders/" + id.String() + "/request", WebAssembly: true,
		Body: struct {
			Task                                    Task
			Order                                   string
			Employee                                bool
			Certificate                             govuk.FileUpload
			Fields                                  []field
			Position, Password, Again, Email, Phone govuk.Input
			Years                                   govuk.Choice
			Warning                                 govuk.WarningText
			Send                                    govuk.Button
		}{
			Task: task, Order: id.String(), Employee: o.Service.NeedsApproval(),
			Certificate: certificateField(v, ""), Fields: personFields(v),
			Position: govuk.Input{ID: "position", Label: v.T("keys.new.position"), Hint: v.T("keys.new.position.hint")},
			Password: password(v, "password", "keys.new.password", "keys.new.password.hint"),
			Again:    password(v, "password-again", "keys.new.again", ""),
			Email:    govuk.Input{ID: "email", Name: "email", Label: v.T("keys.new.email"), Type: "email", Autocomplete: "email", Value: o.Contacts.Email},
			Phone:    govuk.Input{ID: "phone", Name: "phone", Label: v.T("keys.new.phone"), Type: "tel", Autocomplete: "tel", Width: 20, Value: o.Contacts.Phone},
			Years:    terms(v, o.Kind), Warning: govuk.WarningText{Text: v.T("keys.new.warning"), Hidden: v.T("keys.warning")},
			Send: govuk.Button{Text: v.T("keys.new.send"), Once: true},
		},
	})
}

// field is one line about the person of a certificate; Parts are its names in the script.
type field struct{ Label, Parts string }

func personFields(v *web.Visit) []field {
	var out []field
	for _, f := range [][2]string{
		{"name", "surname givenNames"}, {"personal-number", "personalNumber"}, {"organisation", "organisation"}, {"unp", "unp"}, {"unit", "unit"},
	} {
		out = append(out, field{v.T("keys.field." + f[0]), f[1]})
	}
	return out
}

func terms(v *web.Visit, k order.Kind) govuk.Choice {
	c := govuk.Choice{Name: "term", Legend: v.T("keys.new.years")}
	for n := 1; n <= k.MaxTerm(); n++ {
		id := "term"
		if n > 1 {
			id += "-" + strconv.Itoa(n)
		}
		c.Options = append(c.Options, govuk.Option{ID: id, Value: strconv.Itoa(n), Text: v.Texts.Years(n)})
	}
	return c
}

func password(v *web.Visit, id, label, hint string) govuk.Input {
	in := govuk.Input{ID: id, Label: v.T(label), Type: "password", Autocomplete: "new-password", Width: 20}
	if hint != "" {
		in.Hint = v.T(hint)
	}
	return in
}

func certificateField(v *web.Visit, name string) govuk.FileUpload {
	return v.FileUpload(govuk.FileUpload{
		ID: "certificate", Name: name, Label: v.T("keys.certificate"), Hint: v.T("keys.certificate.hint"), Accept: ".cer,.crt,.pem,.der",
	})
}

// SignFields are the fields of a page that signs with a container: none has a
// name, so that no browser sends them.
type SignFields struct {
	Container, Certificate govuk.FileUpload
	Password               govuk.Input
}

// NewSignFields are the fields in the person's language.
func NewSignFields(v *web.Visit) SignFields {
	in := password(v, "password", "keys.sign.password", "")
	in.Autocomplete = "off"
	return SignFields{
		Container: v.FileUpload(govuk.FileUpload{
			ID: "container", Label: v.T("keys.sign.container"), Hint: v.T("keys.sign.container.hint"), Accept: ".p8,.key,.pem,.der",
		}),
		Certificate: certificateField(v, ""), Password: in,
	}
}
