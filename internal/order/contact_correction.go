package order

import (
	"strings"
	"time"
)

// CorrectContacts replaces the contacts of an issued order, to which new
// credentials of its certificate are sent (I4). The same contacts are sent new
// ones too: a message may have been lost on its way. The evidence names what
// changed, never to what.
func CorrectContacts(contacts Contacts, at time.Time) Decision {
	return func(r Record) (Transition, error) {
		if r.End != EndIssued {
			return Transition{}, ErrStage
		}
		was := Contacts{}
		if r.Contacts != nil {
			was = *r.Contacts
		}
		var changed []string
		if was.Email != contacts.Email {
			changed = append(changed, "email")
		}
		if was.Phone != contacts.Phone {
			changed = append(changed, "phone")
		}
		r.Contacts = &contacts
		t := Transition{Record: r, Notices: []Notice{{Kind: NoticeCredentialsAgain}}}
		if changed != nil {
			t.Events = append(t.Events, Event{
				Action: "contacts-changed", By: ByApplicant, At: at, Evidence: map[string]string{"changed": strings.Join(changed, ",")},
			})
		}
		t.Events = append(t.Events, Event{Action: "credentials-renewed", By: ByApplicant, At: at})
		return t, nil
	}
}
