package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// listed is an order as the list of its applicant's orders shows it.
func (b *bundle) listed(token string, id order.ID) contract.Order {
	b.t.Helper()
	var list contract.OrderList
	b.get("/v1/orders?state=all", token).is(http.StatusOK, &list)
	for _, o := range list.Orders {
		if o.ID == id {
			return o
		}
	}
	b.t.Fatal("the order is not in the list")
	return contract.Order{}
}

// TestI7_NothingIsStaleAfterTheEnd follows an order through payment, issue and
// first sign-in: next step, version and list say the same.
func TestI7_NothingIsStaleAfterTheEnd(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Activations = postgres.NewCertificateStore(b.pool)
	b.serve(d)
	s, number, amount := b.bill()
	unpaid := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, order.ActorPayer, unpaid.Next.WaitsFor)
	b.notify(payment(number, amount)).is(http.StatusOK)
	paid := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Equal(t, order.ActorSystem, paid.Next.WaitsFor, "paid, whether the workflow knows it or not")
	require.NotEqual(t, unpaid.Next.Text, paid.Next.Text)
	require.Equal(t, paid.Next, b.listed(asIndividual, s.ID).Next)

	b.issue(s, theirs(t).tokens[asIndividual].Certificate)
	issued := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Greater(t, issued.Version, paid.Version)
	require.Equal(t, issued.Next, b.listed(asIndividual, s.ID).Next)
	b.post("/v1/activations", asIndividual, "").is(http.StatusOK)
	activated := b.get(s.path(), asIndividual).order(http.StatusOK)
	inList := b.listed(asIndividual, s.ID)
	require.Greater(t, activated.Version, issued.Version)
	require.NotEqual(t, issued.Next.Text, activated.Next.Text)
	require.Equal(t, activated.Next, inList.Next)
	require.Equal(t, activated.Certificate, inList.Certificate)
}

func TestS10_NothingIsStaleAfterAWithdrawal(t *testing.T) {
	b := setup(t)
	s, _, _ := b.bill()
	before := b.get(s.path(), asIndividual).order(http.StatusOK)
	v := b.post(s.path("withdrawal"), asIndividual, "").order(http.StatusOK)
	require.Greater(t, v.Version, before.Version)
	require.Zero(t, v.PayBy)
	require.Zero(t, v.Next.Until)
	require.Equal(t, order.ActorNobody, v.Next.WaitsFor)
	require.Equal(t, v.Next, b.listed(asIndividual, s.ID).Next)
}

func TestP8_NothingIsStaleAfterALapse(t *testing.T) {
	b := setup(t)
	c := b.confirmation(1)
	var signed contract.Confirmation
	b.sign(c).is(http.StatusOK, &signed)
	id := signed.Orders[0].ID
	path := "/v1/orders/" + id.String()
	before := b.get(path, asEmployee).order(http.StatusOK)
	_, err := b.confirmations.Close(t.Context(), c.ID, signed.PayBy.Add(time.Second))
	require.NoError(t, err)
	after := b.get(path, asEmployee).order(http.StatusOK)
	require.Greater(t, after.Version, before.Version)
	require.NotEqual(t, before.Next.Text, after.Next.Text)
	require.Equal(t, after.Next, b.listed(asEmployee, id).Next)
}
