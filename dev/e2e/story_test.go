package e2e_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/demo"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// The whole story of 6.0.01 and 6.0.02: two employees, one with a new position and a request by OpenSSL, and the director too.
func TestStory_EmployeesOrderAndTheManagerConfirms(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	ctx := t.Context()
	vera, oleg := w.employee(), w.ecdsaEmployee()

	// Opening twice resumes (A6); the same idempotency key repeats the answer.
	key := caller.Header{Name: "Idempotency-Key", Value: "open-" + vera.ID}
	first, err := vera.Open(ctx, "6.0.01", key)
	require.NoError(t, err)
	require.False(t, first.Resumed)
	repeated, err := vera.Open(ctx, "6.0.01", key)
	require.NoError(t, err)
	require.Equal(t, first.ID, repeated.ID)
	resumed, err := vera.Open(ctx, "6.0.01")
	require.NoError(t, err)
	require.True(t, resumed.Resumed)
	require.Equal(t, first.ID, resumed.ID)

	_, err = vera.AcceptTerms(ctx, first.ID)
	require.NoError(t, err)
	changed := w.upload(vera, 2, func(s *order.Subject) { s.Position = "Главный бухгалтер" })
	_, checks, err := vera.Submit(ctx, first.ID, changed)
	require.NoError(t, err)
	require.True(t, hasCheck(checks, "subject", "position", "changed"), "%v", checks)
	orders := []contract.Order{w.await(vera, first.ID, "awaiting-approval")}
	require.Equal(t, order.ActorManager, orders[0].Next.WaitsFor)
	require.WithinDuration(t, orders[0].UploadedAt.Add(5*24*time.Hour), orders[0].Next.Until, time.Second, "D1")

	made, err := demo.OpenSSLRequest(ctx, t.TempDir(), oleg.Holder, time.Now(), 1)
	require.NoError(t, err)
	orders = append(orders, w.waiting(oleg, caller.Upload{File: made, Email: oleg.Subject.Email, Phone: oleg.Phone}))
	orders = append(orders, w.waiting(w.director, w.upload(w.director, 1)))

	list, err := w.director.Organisation(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, 3, list.Total)
	row, ok := caller.Listed(list, first.ID)
	require.True(t, ok)
	require.Equal(t, "Главный бухгалтер", row.NewPosition, "S4")
	require.Equal(t, "Бухгалтер", row.Position)

	c, err := w.director.MakeList(ctx, []order.ID{orders[0].ID, orders[1].ID, orders[2].ID})
	require.NoError(t, err)
	w.pdf(caller.OfConfirmation(c.ID) + "/list?format=pdf")
	c = w.signed(c)
	require.Equal(t, "179.60", c.Total, "P7: 79.80 for two years and twice 49.90 for one")
	payment, err := w.director.Payment(ctx, caller.OfConfirmation(c.ID))
	require.NoError(t, err)
	require.ElementsMatch(t, []contract.PaymentMethod{"assist", "erip", "client-bank"}, payment.Methods, "P1")
	_, err = w.director.ChooseMethod(ctx, caller.OfConfirmation(c.ID), "client-bank")
	require.NoError(t, err)
	w.pdf(caller.OfConfirmation(c.ID) + "/invoice")

	w.paid(w.director, caller.OfConfirmation(c.ID))
	for i, p := range []*party{vera, oleg, w.director} {
		o := w.issued(p, orders[i].ID)
		w.delivered(p, o)
		require.Equal(t, persons10(), order.DateOf(o.Certificate.NotBefore), "I2: 6.0.01 starts on the requested day")
	}
	_, err = w.director.AwaitConfirmation(ctx, c.ID, "finished")
	require.NoError(t, err)
	var confirmations struct{ Confirmations []contract.Confirmation }
	require.NoError(t, w.director.Get(ctx, "/v1/confirmations", &confirmations))
	require.Len(t, confirmations.Confirmations, 1)
}

// 6.0.00: nobody confirms, the applicant pays, the certificate starts at once (I2).
func TestStory_PrivatePersonsPayForThemselves(t *testing.T) {
	for kind, years := range map[order.Kind]int{order.KindIndividual: 3, order.KindSoleProprietor: 2} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t, all.ordinary(t))
			p := w.private(kind)
			o := w.waiting(p, w.upload(p, years))
			require.Equal(t, kind, o.Kind)
			of := caller.OfOrder(o.ID)
			payment, err := p.Payment(t.Context(), of)
			require.NoError(t, err)
			require.ElementsMatch(t, []contract.PaymentMethod{"assist", "erip"}, payment.Methods, "P1: no payment order for 6.0.00")
			_, err = p.ChooseMethod(t.Context(), of, "client-bank")
			require.Equal(t, "payment-method-not-allowed", problem(t, err).Slug())
			w.paid(p, of)
			o = w.issued(p, o.ID)
			require.WithinDuration(t, time.Now(), o.Certificate.NotBefore, time.Minute)
			w.delivered(p, o)
			w.activated(p, o)
		})
	}
}

func (w *world) await(p *party, orderID order.ID, stage order.Stage) contract.Order {
	w.t.Helper()
	o, err := p.Await(w.t.Context(), orderID, stage)
	require.NoError(w.t, err)
	return o
}

// persons10 is the tenth day from today in Minsk (S5).
func persons10() order.Date { return order.DateOf(time.Now()).AddDays(10) }

func hasCheck(checks []contract.Check, code, field string, verdict order.Verdict) bool {
	for _, c := range checks {
		if c.Code == code && c.Field == field && c.Verdict == verdict {
			return true
		}
	}
	return false
}

func (w *world) pdf(path string) {
	w.t.Helper()
	r, err := w.director.Do(w.t.Context(), http.MethodGet, path, "", nil)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, r.Status, path)
	require.True(w.t, bytes.HasPrefix(r.Body, []byte("%PDF-")), path)
}

// ecdsaEmployee is an employee whose keys OpenSSL can make.
func (w *world) ecdsaEmployee() *party {
	w.t.Helper()
	p := w.person(order.KindEmployee)
	p.Family, p.Profile = authority.ECDSA, w.stack.Holder("oleg").Profile
	return w.settle(p)
}

// delivered takes the credentials from letter and SMS to the storage and verifies what comes out (I4, I5).
func (w *world) delivered(p *party, o contract.Order) {
	w.t.Helper()
	ctx := w.t.Context()
	login, password, err := demo.AwaitCredentials(ctx, w.stack.Inbox(), p.Subject.Email, p.Phone, o.Number)
	require.NoError(w.t, err)
	shown, err := p.Credentials(ctx, o.ID)
	require.NoError(w.t, err)
	require.Equal(w.t, login, shown.Login)
	der, err := p.Fetch(ctx, login, password, "cer")
	require.NoError(w.t, err)
	bundle, err := p.Fetch(ctx, login, password, "p7b")
	require.NoError(w.t, err)
	require.True(w.t, bytes.Contains(bundle, der))
	_, err = p.Fetch(ctx, login, "0000-0000-0000-0000", "cer")
	require.Error(w.t, err)

	certificate, err := pki.ParseCertificate(der)
	require.NoError(w.t, err)
	require.Equal(w.t, p.Subject.PersonalNumber, certificate.Subject().PersonalNumber)
	trust, err := path.LoadTrust(w.stack.Authorities().TrustDir())
	require.NoError(w.t, err)
	_, err = path.NewValidator(trust, path.Options{Revocation: path.RevocationAll}).Validate(certificate, certificate.NotBefore.Add(time.Hour))
	require.NoError(w.t, err)
}

// activated signs in with the new certificate, which the portal reports (I7).
func (w *world) activated(p *party, o contract.Order) {
	w.t.Helper()
	ctx := w.t.Context()
	login, password, err := demo.AwaitCredentials(ctx, w.stack.Inbox(), p.Subject.Email, p.Phone, o.Number)
	require.NoError(w.t, err)
	der, err := p.Fetch(ctx, login, password, "cer")
	require.NoError(w.t, err)
	claims := p.SignIn().Claims
	claims.Certificate, claims.Scopes = der, []oidc.Scope{oidc.Applicant}
	token, err := w.stack.Issuer().Issue(claims)
	require.NoError(w.t, err)
	renewed := caller.Caller{Base: p.Base, Token: token, HTTP: w.http}
	var activated contract.Order
	require.NoError(w.t, renewed.Post(ctx, "/v1/activations", nil, &activated))
	require.Equal(w.t, o.ID, activated.ID)
	require.False(w.t, activated.Certificate.ActivatedAt.IsZero())
}
