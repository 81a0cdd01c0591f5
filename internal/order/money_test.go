package order_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP7_AmountsAreExact(t *testing.T) {
	for text, want := range map[string]order.Kopecks{
		"43.20": 4320, "43,20": 4320, "43.2": 4320, "43,2": 4320, "43": 4300, "0": 0, "0.01": 1, "0.00": 0,
		"00043.20": 4320, "1.10": 110, "92233720368547758.07": math.MaxInt64, "999999999999999.99": 99_999_999_999_999_999,
	} {
		got, err := order.ParseKopecks(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestP7_WhatIsNoAmountIsRefused(t *testing.T) {
	for _, text := range []string{
		"", ".", ",", "43.", ".20", "43.205", "43.2.0", "43,2,0", "43,20.", "-1", "+1", "1e3", "0x10", "1 000", " 43", "43 ",
		"43.2a", "1_000", "４３", "٤٣", "92233720368547758.08", strings.Repeat("9", 40), "NaN", "43.2\x00",
	} {
		_, err := order.ParseKopecks(text)
		require.ErrorIs(t, err, order.ErrAmount, "%q", text)
	}
}

func TestP7_AmountsAreWrittenWithTwoDigits(t *testing.T) {
	for amount, want := range map[order.Kopecks]string{
		0: "0.00", 1: "0.01", 99: "0.99", 100: "1.00", 4320: "43.20", 123_456_789: "1234567.89",
		-1: "-0.01", -4320: "-43.20", math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
		math.MinInt64 + 1: "-92233720368547758.07",
	} {
		require.Equal(t, want, amount.String())
	}
}

func TestP7_PropertyAmountsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := order.Kopecks(rapid.Int64Range(0, math.MaxInt64).Draw(t, "amount"))
		for _, text := range []string{amount.String(), strings.Replace(amount.String(), ".", ",", 1)} {
			back, err := order.ParseKopecks(text)
			if err != nil || back != amount {
				t.Fatalf("%s became %d: %v", text, back, err)
			}
		}
	})
}

func FuzzParseKopecks(f *testing.F) {
	for _, seed := range []string{"43.20", "43,20", "43", "0.1", "", "-1", "1.2.3", "92233720368547758.08"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, err := order.ParseKopecks(text)
		if err != nil {
			require.ErrorIs(t, err, order.ErrAmount)
			require.Zero(t, amount)
			return
		}
		require.GreaterOrEqual(t, amount, order.Kopecks(0))
		back, err := order.ParseKopecks(amount.String())
		require.NoError(t, err)
		require.Equal(t, amount, back)
	})
}

func TestP7_AmountsAsPeopleReadThem(t *testing.T) {
	for amount, want := range map[order.Kopecks]string{
		0: "0,00", 5: "0,05", 4320: "43,20", 99999: "999,99", 100000: "1\u00a0000,00", 123456789: "1\u00a0234\u00a0567,89",
		-100000: "-1\u00a0000,00", -12345: "-123,45",
	} {
		require.Equal(t, want, amount.Grouped())
	}
}
