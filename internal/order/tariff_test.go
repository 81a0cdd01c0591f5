package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func employeePrice(years int, from string, amount order.Kopecks) order.Price {
	return order.Price{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: years, From: from, Amount: amount}
}

func TestP7_ThePriceIsTheOneInForceOnTheDay(t *testing.T) {
	tariff, err := order.NewTariff([]order.Price{
		employeePrice(1, "2026-07-01", 4500), employeePrice(1, "2026-01-01", 4320), employeePrice(2, "2026-01-01", 6480),
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2026-01-01", Amount: 2880},
		employeePrice(1, "2027-01-01", 4700),
	})
	require.NoError(t, err)
	for _, c := range []struct {
		when  string
		years int
		want  order.Kopecks
	}{
		{"2026-01-01 00:00:00", 1, 4320},
		{"2026-06-30 23:59:59", 1, 4320},
		{"2026-07-01 00:00:00", 1, 4500},
		{"2026-12-31 23:59:59", 1, 4500},
		{"2027-01-01 00:00:00", 1, 4700},
		{"2030-01-01 00:00:00", 2, 6480},
	} {
		got, err := tariff.Price(order.ServiceEmployee, order.KindEmployee, c.years, at(t, c.when))
		require.NoError(t, err, c.when)
		require.Equal(t, c.want, got, c.when)
	}
	got, err := tariff.Price(order.ServiceIndividual, order.KindIndividual, 1, at(t, "2026-02-01 00:00:00"))
	require.NoError(t, err)
	require.Equal(t, order.Kopecks(2880), got)
}

func TestP7_WhatTheTariffDoesNotNameHasNoPrice(t *testing.T) {
	tariff, err := order.NewTariff([]order.Price{employeePrice(1, "2026-01-01", 4320)})
	require.NoError(t, err)
	when := at(t, "2026-02-01 00:00:00")
	for _, c := range []struct {
		name    string
		service order.Service
		kind    order.Kind
		years   int
		when    time.Time
	}{
		{"before the first price", order.ServiceEmployee, order.KindEmployee, 1, at(t, "2025-12-31 23:59:59")},
		{"another term", order.ServiceEmployee, order.KindEmployee, 2, when},
		{"another kind", order.ServiceEmployee, order.KindIndividual, 1, when},
		{"another service", order.ServiceIndividual, order.KindEmployee, 1, when},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := tariff.Price(c.service, c.kind, c.years, c.when)
			require.ErrorIs(t, err, order.ErrNoPrice)
		})
	}
	_, err = order.Tariff{}.Price(order.ServiceEmployee, order.KindEmployee, 1, when)
	require.ErrorIs(t, err, order.ErrNoPrice)
}

func TestP7_ALineThatCannotBeRightIsRefusedByItsNumber(t *testing.T) {
	good := employeePrice(1, "2026-01-01", 4320)
	for name, spoil := range map[string]func(*order.Price){
		"day of no calendar":     func(p *order.Price) { p.From = "2026-02-30" },
		"day written otherwise":  func(p *order.Price) { p.From = "01.02.2026" },
		"free":                   func(p *order.Price) { p.Amount = 0 },
		"negative":               func(p *order.Price) { p.Amount = -1 },
		"no years":               func(p *order.Price) { p.Years = 0 },
		"too many years":         func(p *order.Price) { p.Years = 3 },
		"unknown kind":           func(p *order.Price) { p.Kind = "employer" },
		"unknown service":        func(p *order.Price) { p.Service = "6.0.03" },
		"kind of other service":  func(p *order.Price) { p.Kind = order.KindIndividual },
		"service is not ordered": func(p *order.Price) { p.Service = order.ServiceManager },
		"twice the same":         func(p *order.Price) { p.Amount++ },
	} {
		t.Run(name, func(t *testing.T) {
			second := good
			spoil(&second)
			_, err := order.NewTariff([]order.Price{good, second})
			require.ErrorContains(t, err, "line 2")
		})
	}
}
