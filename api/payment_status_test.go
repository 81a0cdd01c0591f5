package api

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func (b *bundle) status(number string, headers ...string) contract.PaymentStatus {
	b.t.Helper()
	var v contract.PaymentStatus
	b.get("/v1/payments/status/"+number, "", headers...).is(http.StatusOK, &v)
	return v
}

func TestP4_WhoeverHasAPaymentNumberSeesHowItStands(t *testing.T) {
	b := setup(t)
	s, number, amount := b.bill()
	open := b.status(number)
	require.Equal(t, contract.PaymentStatus{
		Number: number, Amount: amount, Currency: "BYN", State: contract.Open, Received: "0.00", Waiting: "0.00", PayBy: open.PayBy,
		Next: contract.Next{WaitsFor: order.ActorPayer, Until: open.PayBy, Text: open.Next.Text},
	}, open)
	require.True(t, open.PayBy.Equal(s.PayBy))

	// However a person types it, and with either prefix.
	for _, typed := range []string{
		strings.ToLower(number), "R" + number[1:], "NОАIS" + number[5:], number[:5] + "%20" + number[5:],
	} {
		require.Equal(t, open, b.status(typed), typed)
	}
	// Money that does not fit is told of, and pays nothing.
	short := payment(number, "1.00")
	b.notify(short).is(http.StatusOK)
	b.notify(short).is(http.StatusOK)
	waiting := b.status(number)
	require.Equal(t, contract.Open, waiting.State)
	require.Equal(t, "1.00", waiting.Waiting)
	require.Equal(t, "0.00", waiting.Received)
	require.NotEqual(t, open.Next.Text, waiting.Next.Text)

	b.notify(payment("R"+number[1:], amount)).is(http.StatusOK)
	paid := b.status(number)
	require.Equal(t, contract.Paid, paid.State)
	require.Equal(t, amount, paid.Received)
	require.Equal(t, "1.00", paid.Waiting)
	require.Zero(t, paid.PayBy)
	require.Equal(t, order.ActorSystem, paid.Next.WaitsFor)

	foreign := payment(number, "5.00")
	foreign["currency"] = "EUR"
	b.notify(foreign).is(http.StatusOK)
	require.Equal(t, "1.00", b.status(number).Waiting, "sums of other currencies do not add up with these")
	b.operatorReturns(short["externalId"].(string))
	require.Equal(t, "0.00", b.status(number).Waiting, "what went back does not wait")
}

// operatorReturns notes that a payment went back to its payer.
func (b *bundle) operatorReturns(externalID string) {
	b.t.Helper()
	var id string
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT id::text FROM payments WHERE external_id = $1", externalID).Scan(&id))
	b.post("/v1/payments/"+id+"/return", asOperator, `{"note":"sent back"}`).is(http.StatusOK)
}

func TestP4_StatusOfAClosedNumber(t *testing.T) {
	b := setup(t)
	s, number, amount := b.bill()
	b.post(s.path("withdrawal"), asIndividual, "").is(http.StatusOK)
	closed := b.status(number)
	require.Equal(t, contract.Closed, closed.State)
	require.Equal(t, order.ActorNobody, closed.Next.WaitsFor)
	b.notify(payment(number, amount)).is(http.StatusOK)
	late := b.status(number)
	require.Equal(t, amount, late.Waiting)
	require.Equal(t, contract.Closed, late.State)
	require.NotEqual(t, closed.Next.Text, late.Next.Text)
}

func TestP4_StatusTellsNothingPersonal(t *testing.T) {
	b := setup(t)
	s, number, _ := b.bill()
	r := b.get("/v1/payments/status/"+number, "").is(http.StatusOK)
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	v, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	subject := v.Request.Subject
	for _, secret := range []string{subject.Surname, subject.GivenName, subject.PersonalNumber, s.Contacts.Email, s.Contacts.Phone, s.ID.String()} {
		require.NotEmpty(t, secret)
		require.NotContains(t, string(r.Body), secret)
	}
	// Each language has every text.
	seen := map[string]bool{}
	for _, language := range []string{"ru", "be", "en"} {
		seen[b.status(number, "Accept-Language", language).Next.Text] = true
	}
	require.Len(t, seen, 3)
}

func TestP4_NumbersThatAreNoneHaveNoStatus(t *testing.T) {
	b := setup(t)
	b.get("/v1/payments/status/NOAIS999999999", "").problem(web.ProblemUnknownNumber)
	for _, wrong := range []string{
		"NOAIS00000000", "NOAIS0000000001", "NOAIS000000000", "NOAIS00000000١", "XOAIS000000001", "1", "%00", "NOAIS%2B00000001",
		strings.Repeat("N", 64), "%ff%fe",
	} {
		require.Equal(t, "number", b.get("/v1/payments/status/"+wrong, "").problem(web.ProblemValidation).Errors[0].Field, wrong)
	}
}

func TestP4_NobodyWalksThroughTheNumbers(t *testing.T) {
	b := setup(t)
	_, number, _ := b.bill()
	d := b.deps
	d.Rates = map[web.Action]web.Rate{web.ActionPaymentStatus: {Burst: 3, Every: time.Minute}}
	from := netip.MustParseAddr("2001:db8::1")
	d.Address = func(*http.Request) netip.Addr { return from }
	b.serve(d)
	path := "/v1/payments/status/"
	b.get(path+number, "").is(http.StatusOK)
	b.get(path+"NOAIS999999999", "").problem(web.ProblemUnknownNumber)
	b.get(path+"nothing", "").problem(web.ProblemValidation)
	b.get(path+number, "").problem(web.ProblemTooMany)
	from = netip.MustParseAddr("2001:db8::ffff")
	b.get(path+number, "").problem(web.ProblemTooMany)
	from = netip.MustParseAddr("2001:db8:0:1::1")
	b.get(path+number, "").is(http.StatusOK)
	from = netip.MustParseAddr("2001:db8::1")
	b.now = b.now.Add(time.Minute)
	b.get(path+number, "").is(http.StatusOK)
}
