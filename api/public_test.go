package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP7_PricesAreKnownBeforeAnybodyOrders(t *testing.T) {
	b := setup(t)
	var v contract.Tariff
	b.get("/v1/tariff", "").is(http.StatusOK, &v)
	require.Equal(t, contract.Tariff{Currency: "BYN", Prices: []contract.Price{
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, Amount: "86.40", From: "2020-01-01"},
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, Amount: "43.20", From: "2020-01-01"},
	}}, v)
}

func TestA7_HelpSaysWhatIsNotIssuedHere(t *testing.T) {
	b := setup(t)
	for _, language := range []string{"ru", "be", "en"} {
		var v contract.Help
		b.get("/v1/help", "", "Accept-Language", language).is(http.StatusOK, &v)
		require.Contains(t, v.Fszn, "6.1.43")
		require.Contains(t, v.Fszn, "6.2.43")
		require.Equal(t, "https://example.by/instruction", v.Instruction)
		require.Equal(t, "https://example.by/centres", v.RegistrationCentres)
		require.Equal(t, "https://example.by/support", v.Support)
	}
	d := b.deps
	d.Help = Help{}
	b.serve(d)
	var v contract.Help
	b.get("/v1/help", "").is(http.StatusOK, &v)
	require.Empty(t, v.Instruction+v.RegistrationCentres+v.Support)
}

func TestI2_TheOrderSaysWhatTheNewCertificateTakesFromTheOldOne(t *testing.T) {
	b := setup(t)
	for token, ahead := range map[string]int{asIndividual: 0, asEmployee: 10} {
		s := b.at(order.StageRequest, token)
		v := b.get(s.path(), token).order(http.StatusOK)
		require.False(t, v.Overlap.CurrentEnds.IsZero())
		require.Equal(t, order.DateOf(b.now).AddDays(ahead).String(), v.Overlap.Starts)
		last := order.DateOf(v.Overlap.CurrentEnds)
		require.Equal(t, last.AddDays(min(0, 1-ahead)).String(), v.Overlap.OrderFrom)
		lost := 0
		for day := order.DateOf(b.now).AddDays(ahead); !day.Start().After(last.Start()); day = day.AddDays(1) {
			lost++
		}
		require.Equal(t, lost, v.Overlap.DaysLost)
		require.Positive(t, lost)
	}
	ended := b.ended(order.EndWithdrawn, order.ReasonByApplicant, asStranger)
	require.Zero(t, b.get(ended.path(), asStranger).order(http.StatusOK).Overlap, "nothing is lost by what has ended")
}
