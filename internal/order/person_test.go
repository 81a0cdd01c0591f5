package order_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestUNPsWhoseLastDigitChecksTheOthers(t *testing.T) {
	for typed, want := range map[string]order.UNP{
		"191700161": "191700161", "200988541": "200988541", "MA1953684": "MA1953684",
		" 191700161 ": "191700161", "ma1953684": "MA1953684",
		"МА1953684": "MA1953684", // Cyrillic letters
		"ма1953684": "MA1953684",
	} {
		got, err := order.ParseUNP(typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, got)
	}
}

func TestUNPsThatAreNone(t *testing.T) {
	for name, typed := range map[string]string{
		"empty": "", "short": "19170016", "long": "1917001610", "wrong check digit": "191700162", "letters at the end": "1917001AB",
		"first letter not of a region": "ZA1953684", "second letter not counted": "MZ1953684", "digit and letter": "1A1953684",
		"letter and digit": "M11953684", "letters of two octets": "ЖЖЖЖ1", "only zeroes": "000000000",
		// 8 × 29 leaves 1, so that only the region is wrong.
		"region nobody has": "800000001",
		// 29 + 3 leaves 10, for which no digit stands.
		"remainder of ten": "100000010", "remainder of ten, told as X": "10000001X",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := order.ParseUNP(typed)
			require.ErrorIs(t, err, order.ErrUNP)
		})
	}
}

func TestUNPPropertyAWrongDigitIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := fmt.Sprintf("%d%07d", rapid.IntRange(1, 7).Draw(t, "region"), rapid.IntRange(0, 9_999_999).Draw(t, "rest"))
		var good []string
		for digit := range 10 {
			if n, err := order.ParseUNP(body + fmt.Sprint(digit)); err == nil {
				good = append(good, string(n))
			}
		}
		if len(good) > 1 {
			t.Fatalf("%v are all taken for good", good)
		}
		if len(good) == 0 {
			return
		}
		at, by := rapid.IntRange(0, 7).Draw(t, "place"), rapid.IntRange(1, 9).Draw(t, "by")
		spoiled := []byte(good[0])
		spoiled[at] = '0' + (spoiled[at]-'0'+byte(by))%10
		if _, err := order.ParseUNP(string(spoiled)); err == nil {
			t.Fatalf("%s and %s are both taken for good", good[0], spoiled)
		}
	})
}

func TestPersonalNumbersHaveTheirShape(t *testing.T) {
	for _, typed := range []string{"3010190A001PB9", " 3010190a001pb9 ", "3010190А001РВ9"} {
		n, err := order.ParsePersonalNumber(typed)
		require.NoError(t, err, typed)
		require.Equal(t, order.PersonalNumber("3010190A001PB9"), n)
	}
	for _, typed := range []string{
		"", "3010190A001PB", "3010190A001PB99", "A010190A001PB9", "30101901001PB9", "3010190A0A1PB9", "3010190A001P19", "3010190A00111B9",
		"3010190A001PBX", "3010190Ж001PB", "3010190A001PБ",
	} {
		_, err := order.ParsePersonalNumber(typed)
		require.ErrorIs(t, err, order.ErrPersonalNumber, "%q", typed)
	}
}

func TestPersonalNumbersCheckTheirDigit(t *testing.T) {
	for n, ok := range map[order.PersonalNumber]bool{
		"0000000A000PB2": true, "0000000A000PB3": false, "3010190A001PB9": true, "4010190A002PB9": true, "4010190A002PB8": false, "": false, "9": false,
	} {
		require.Equal(t, ok, n.CheckDigitOK(), n)
	}
}

func TestLatinReplacesEveryTwin(t *testing.T) {
	require.Equal(t, "ABEKMHOPCTXIS", order.Latin(" авекмнорстхіѕ\t"))
	require.Equal(t, "ЖЮ1", order.Latin("жю1"))
}

func FuzzParseUNP(f *testing.F) {
	for _, seed := range []string{"191700161", "MA1953684", "МА1953684", "", "ЖЖЖЖ1", "800000001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		n, err := order.ParseUNP(typed)
		if err != nil {
			require.ErrorIs(t, err, order.ErrUNP)
			return
		}
		again, err := order.ParseUNP(string(n))
		require.NoError(t, err)
		require.Equal(t, n, again)
		require.Len(t, string(n), 9)
	})
}

func FuzzParsePersonalNumber(f *testing.F) {
	for _, seed := range []string{"3010190A001PB9", "3010190А001РВ9", "", strings.Repeat("Ж", 7)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		n, err := order.ParsePersonalNumber(typed)
		if err != nil {
			require.ErrorIs(t, err, order.ErrPersonalNumber)
			require.False(t, n.CheckDigitOK())
			return
		}
		require.Regexp(t, `^[0-9]{7}[A-Z][0-9]{3}[A-Z]{2}[0-9]$`, string(n))
		good := 0
		for digit := range 10 {
			if order.PersonalNumber(fmt.Sprintf("%s%d", n[:13], digit)).CheckDigitOK() {
				good++
			}
		}
		require.Equal(t, 1, good)
	})
}
