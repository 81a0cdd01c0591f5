package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP2_PaymentNumberOfERIPAndClientBankHaveTheSameDigits(t *testing.T) {
	n, err := order.NewPaymentNumber(92239)
	require.NoError(t, err)
	require.Equal(t, "NOAIS000092239", n.ERIP())
	require.Equal(t, "ROAIS000092239", n.ClientBank())
	require.Equal(t, "NOAIS999999999", order.MaxPaymentNumber.ERIP())
}

func TestP3_NumbersOutsideNineDigitsAreRefused(t *testing.T) {
	for _, n := range []int64{0, -1, int64(order.MaxPaymentNumber) + 1} {
		_, err := order.NewPaymentNumber(n)
		require.ErrorIs(t, err, order.ErrPaymentNumber)
	}
	for _, text := range []string{
		"", "NOAIS", "NOAIS00009223", "NOAIS0000922390", "POAIS000092239", "noais000092239", "NOAIS00009223x", "NOAIS+00092239",
		"NOAIS-00092239", "NOAIS000_92239", "NOAIS000000000", " OAIS000092239", "НOAIS00092239", "NOAIS 00092239",
	} {
		_, err := order.ParsePaymentNumber(text)
		require.ErrorIs(t, err, order.ErrPaymentNumber, "%q", text)
	}
}

func TestP3_PropertyPaymentNumbersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := order.NewPaymentNumber(rapid.Int64Range(1, int64(order.MaxPaymentNumber)).Draw(t, "number"))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{n.ERIP(), n.ClientBank()} {
			if back, err := order.ParsePaymentNumber(text); err != nil || back != n {
				t.Fatalf("%s became %d: %v", text, back, err)
			}
		}
	})
}

func FuzzParsePaymentNumber(f *testing.F) {
	for _, seed := range []string{"NOAIS000092239", "ROAIS999999999", "NOAIS000000000", "NOAIS+00092239", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := order.ParsePaymentNumber(text)
		if err != nil {
			require.ErrorIs(t, err, order.ErrPaymentNumber)
			return
		}
		require.Contains(t, []string{n.ERIP(), n.ClientBank()}, text)
	})
}
