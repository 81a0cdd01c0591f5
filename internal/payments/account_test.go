package payments

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestP9_AccountsAndBanksAreReadAsPeopleWriteThem(t *testing.T) {
	const account = IBAN("BY86AKBB10100000002966000000")
	for _, text := range []string{
		"BY86AKBB10100000002966000000", "BY86 AKBB 1010 0000 0029 6600 0000", " by86akbb10100000002966000000\n",
		"BY86\u00a0АКВВ10100000002966000000", "BY86\u200bAKBB10100000002966000000",
	} {
		got, err := ParseIBAN(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, account, got)
	}
	for text, want := range map[string]error{
		"": ErrIBAN, "BY86AKBB1010000000296600000": ErrIBAN, "BY86AKBB101000000029660000000": ErrIBAN, "LV86AKBB10100000002966000000": ErrIBAN,
		"BY86AK1B10100000002966000000": ErrIBANDigits, "BY87AKBB10100000002966000000": ErrIBANDigits, "BY86AKBB1A100000002966000000": ErrIBAN,
		"BY86AKBB10100000002966-00000": ErrIBAN, "BY86AKBB10100000002966\x00000000": ErrIBAN,
	} {
		_, err := ParseIBAN(text)
		require.ErrorIs(t, err, want, "%q", text)
	}
	for text, want := range map[string]BIC{"AKBBBY2X": "AKBBBY2X", " akbbby2x ": "AKBBBY2X", "АКВВBY2X": "AKBBBY2X", "AKBBBY2X500": "AKBBBY2X500"} {
		got, err := ParseBIC(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "AKBBBY2", "AKBBBY2X5", "AKBBLV2X", "AKB1BY2X", "AKBBBY2X5000"} {
		_, err := ParseBIC(text)
		require.ErrorIs(t, err, ErrBIC, "%q", text)
	}
}

func TestAnyWrongDigitOfAnIBANIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte("BY86AKBB10100000002966000000")
		i := rapid.IntRange(2, len(text)-1).Draw(t, "place")
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if text[i] == digit || i >= 4 && i < 8 {
			t.Skip("nothing has changed, or a letter has")
		}
		text[i] = digit
		_, err := ParseIBAN(string(text))
		require.ErrorIs(t, err, ErrIBANDigits)
	})
}

func TestAccountsAreOurs(t *testing.T) {
	own := NewAccounts("BY86 AKBB 1010 0000 0029 6600 0000", "", "3012000000011")
	require.True(t, own.Own("by86akbb10100000002966000000"))
	require.True(t, own.Own(" 3012 000000011"))
	require.False(t, own.Own("BY87AKBB10100000002966000000"))
	require.False(t, own.Own(""), "an account that is not told is nobody's")
	require.True(t, NewAccounts("").Own("BY87AKBB10100000002966000000"), "nobody has said which is ours")
}
