package browser_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// TestP5_AnIndividualPaysByCard is told that the bank declined, pays all the
// same, and gets the certificate.
func TestP5_AnIndividualPaysByCard(t *testing.T) {
	t.Parallel()
	s := whole(t)
	h, _, err := s.Enrol(persons.Invent(s.Holder(persons.Individual).Person, serial.Add(1)))
	require.NoError(t, err)
	s.Issuer().PutPerson(h.SignIn())
	require.NoError(t, h.WriteFiles(s.FilesDir()))
	p := sit(t, s, h)
	p.press("applicant.start.button")
	p.choosesThemselves()
	p.at("/orders")
	p.begins("applicant.service.6.0.00.title")
	p.makesRequest("")
	p.press("applicant.saved.go.payment")
	p.at("/orders/.*/payment")

	p.goesToTheCardPage()
	p.onTheCardPage("Declined")
	p.at("/orders/.*/payment")
	p.reads("applicant.notice.card-failed")
	p.goesToTheCardPage()
	p.onTheCardPage("Approved")
	p.at("/orders/.*/certificate")
	certificate := p.fetches()
	require.Equal(t, order.DateOf(s.Now()), order.DateOf(certificate.NotBefore))
	holds(t, s, certificate)
	p.clean()
}

func (p *person) goesToTheCardPage() {
	p.t.Helper()
	p.press("applicant.payment.method.assist")
	p.press("applicant.continue")
	p.reads("common.pay.card.title")
	p.press("common.pay.card.go")
}
