package renewal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
)

func TestSTB78_StatementsAreReadOneWay(t *testing.T) {
	for info, want := range map[string]renewal.Statement{
		"":               {},
		"erip234123":     {Payment: 234123},
		"NOAIS000234123": {Payment: 234123},
		"ROAIS000234123": {Payment: 234123},
		" terms=1/1  email=a@example.by phone=+375291234567 ": {Terms: "1/1", Email: "a@example.by", Phone: "+375291234567"},
		"phone=1 erip1":             {Phone: "1", Payment: 1},
		"terms=a=b/c":               {Terms: "a=b/c"},
		"email=\u00a0erip7 terms=x": {},
	} {
		got, err := renewal.ParseStatement(info)
		if want == (renewal.Statement{}) && info != "" {
			require.ErrorIs(t, err, renewal.ErrStatement, info)
			continue
		}
		require.NoError(t, err, info)
		require.Equal(t, want, got)
	}
	for _, info := range []string{
		"SN112358", "erip", "erip0", "erip1234567890", "NOAIS00000001", "NOAIS000000001x", "erip1 erip1", "erip1 NOAIS000000001", "terms=",
		"terms=1/1 terms=1/1", "email=a email=b", "phone=", "=", "=x", "Terms=1/1", "years=3", "terms", "№ 7", strings.Repeat("x", 1<<16),
	} {
		_, err := renewal.ParseStatement(info)
		require.ErrorIs(t, err, renewal.ErrStatement, "%.40s", info)
	}
}

func TestSTB78_StatementsComeBack(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Zа-я0-9@.+=/%-]{0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		want := renewal.Statement{
			Terms: word.Draw(t, "terms"), Email: word.Draw(t, "email"), Phone: word.Draw(t, "phone"),
			Payment: order.PaymentNumber(rapid.Int64Range(0, int64(order.MaxPaymentNumber)).Draw(t, "payment")),
		}
		got, err := renewal.ParseStatement(want.Info())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestS1_AcceptanceNamesBothVersionsAndNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "agreement"), rapid.String().Draw(t, "contract")
		c, d := rapid.String().Draw(t, "other agreement"), rapid.String().Draw(t, "other contract")
		text := renewal.Acceptance(a, b)
		require.Equal(t, a == c && b == d, text == renewal.Acceptance(c, d))
		got, err := renewal.ParseStatement("terms=" + text)
		require.NoError(t, err)
		require.Equal(t, text, got.Terms, "whatever is in a version, it is one word")
	})
	require.Equal(t, "agreement-3/contract-7", renewal.Acceptance("agreement-3", "contract-7"))
}

func FuzzStatement(f *testing.F) {
	for _, info := range []string{"erip234123 terms=1/1", "email=a phone=b", "=", "terms=\x00"} {
		f.Add(info)
	}
	f.Fuzz(func(t *testing.T, info string) {
		st, err := renewal.ParseStatement(info)
		if err != nil {
			require.ErrorIs(t, err, renewal.ErrStatement)
			return
		}
		again, err := renewal.ParseStatement(st.Info())
		require.NoError(t, err)
		require.Equal(t, st, again)
	})
}
