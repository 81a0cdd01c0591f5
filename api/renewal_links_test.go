package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// reminded is the link in the letter of the only certificate that ends soon.
func (b *bundle) reminded() string {
	b.t.Helper()
	var ends time.Time
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT not_after FROM signed_in_certificates").Scan(&ends))
	n, err := postgres.NewReminders(b.pool).Remind(b.t.Context(), ends.AddDate(0, 0, -7))
	require.NoError(b.t, err)
	require.Equal(b.t, 1, n)
	var path, owner string
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(),
		"SELECT data ->> 'renewPath', data ->> 'owner' FROM notices WHERE kind = 'certificate-ends'").Scan(&path, &owner))
	require.Contains(b.t, owner, testca.SampleIndividual().Surname)
	return strings.TrimPrefix(path, "/renew/")
}

func TestR1_WhoSignsInWithACertificateFromElsewhereIsReminded(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Activations = postgres.NewCertificateStore(b.pool)
	b.serve(d)
	for range 2 {
		b.post("/v1/activations", asIndividual, "").problem(web.ProblemNotFound)
	}
	b.post("/v1/activations", "Bearer expired", "").problem(web.ProblemNotInForce)
	b.post("/v1/activations", "Bearer idcard", "")
	link := b.reminded()

	// The link opens one order, for the person it was sent to.
	b.post("/v1/renewals/"+link, asStranger, "").problem(web.ProblemNotFound)
	b.post("/v1/renewals/"+link+"x", asIndividual, "").problem(web.ProblemNotFound)
	v := b.post("/v1/renewals/"+link, asIndividual, "").order(http.StatusOK)
	require.Equal(t, order.ServiceIndividual, v.Service)
	require.Equal(t, order.StageTerms, v.Stage)
	require.Equal(t, testca.SampleIndividual().Email, v.Contacts.Email, "prefilled")
	require.Equal(t, v.Contacts, b.get("/v1/orders/"+v.ID.String(), asIndividual).order(http.StatusOK).Contacts)
	b.post("/v1/renewals/"+link, asIndividual, "").problem(web.ProblemNotFound)
}

func TestR1_ALinkEndsWithItsCertificate(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Activations = postgres.NewCertificateStore(b.pool)
	b.serve(d)
	b.post("/v1/activations", asIndividual, "").problem(web.ProblemNotFound)
	link := b.reminded()
	_, err := b.pool.Exec(t.Context(), "UPDATE renewal_links SET expires_at = $1", b.now)
	require.NoError(t, err)
	b.post("/v1/renewals/"+link, asIndividual, "").problem(web.ProblemNotFound)
}
