package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP7_TheTariffOffersWhatHoldsAndWhatIsAnnounced(t *testing.T) {
	price := func(service order.Service, kind order.Kind, years int, from string, amount order.Kopecks) order.Price {
		return order.Price{Service: service, Kind: kind, Years: years, From: from, Amount: amount}
	}
	past := price(order.ServiceEmployee, order.KindEmployee, 1, "2024-01-01", 4000)
	now := price(order.ServiceEmployee, order.KindEmployee, 1, "2025-01-01", 4320)
	next := price(order.ServiceEmployee, order.KindEmployee, 1, "2027-01-01", 5000)
	person := price(order.ServiceIndividual, order.KindIndividual, 3, "2025-01-01", 9000)
	sole := price(order.ServiceIndividual, order.KindSoleProprietor, 1, "2025-01-01", 7000)
	tariff, err := order.NewTariff([]order.Price{next, sole, past, person, now})
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	require.Equal(t, []order.Price{person, sole, now, next}, tariff.Offered(at))
	require.Equal(t, []order.Price{person, sole, next}, tariff.Offered(at.AddDate(1, 0, 0)))
	require.Empty(t, order.Tariff{}.Offered(at))
	for _, p := range tariff.Offered(at) {
		if amount, err := tariff.Price(p.Service, p.Kind, p.Years, at); p != next {
			require.NoError(t, err)
			require.Equal(t, p.Amount, amount)
		}
	}
}
