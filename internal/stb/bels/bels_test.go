package bels

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// octets is a field of the standard's tables, written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	*o = raw
	return err
}

type vectors struct {
	Secret, Random octets
	Splits         []struct {
		Octets int
		Shares []octets
	}
	Joins []struct {
		Numbers []int
		Octets  int
		Secret  octets
	}
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/bels.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func TestSTB60_SharesAreThoseOfTheStandard(t *testing.T) {
	v := loadVectors(t)
	require.Len(t, v.Splits, 3)
	require.Len(t, v.Joins, 30)
	shares := map[int][]Share{}
	for _, tc := range v.Splits {
		secret := v.Secret[:tc.Octets]
		got, err := Split(secret, 5, 3, bytes.NewReader(v.Random))
		require.NoError(t, err)
		require.Len(t, got, len(tc.Shares))
		for i, want := range tc.Shares {
			require.Equal(t, Share{Number: i + 1, Value: want}, got[i])
		}
		joined, err := Join(got[4], got[0], got[2])
		require.NoError(t, err)
		require.Equal(t, []byte(secret), joined)
		shares[tc.Octets] = got
	}
	for _, tc := range v.Joins {
		s := shares[tc.Octets]
		got, err := Join(s[tc.Numbers[0]-1], s[tc.Numbers[1]-1])
		require.NoError(t, err)
		require.Equal(t, []byte(tc.Secret), got, "%v of %d octets", tc.Numbers, tc.Octets)
	}
}

// TestSTB60_PublicKeysAreIrreducible is Rabin's test: x^(2^l) = x, and for every
// prime factor p of l the polynomial x^(2^(l/p)) - x has no factor in common.
func TestSTB60_PublicKeysAreIrreducible(t *testing.T) {
	for size, keys := range moduli {
		seen := map[uint32]bool{}
		for _, m := range keys {
			require.False(t, seen[m])
			seen[m] = true
			x := make(polynomial, size/limbOctets)
			x[0] = 2
			unit := make(polynomial, len(x))
			unit[0] = 1
			level := 64 * len(x)
			power := x
			for i := 1; i <= level; i++ {
				power = power.times(power, m)
				if i == level/2 || 3*i == level {
					difference := append(polynomial(nil), power...)
					difference[0] ^= x[0]
					require.Equal(t, unit, difference.inverse(m).times(difference, m), "%#x", m)
				}
			}
			require.Equal(t, x, power, "%#x", m)
		}
	}
}

func drawSplit(t *rapid.T) (secret []byte, shares []Share, threshold int) {
	secret = rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret")
	secret = secret[:rapid.SampledFrom([]int{16, 24, 32}).Draw(t, "octets")]
	count := rapid.IntRange(2, MaxShares).Draw(t, "count")
	threshold = rapid.IntRange(2, count).Draw(t, "threshold")
	shares, err := Split(secret, count, threshold, nil)
	require.NoError(t, err)
	return secret, rapid.Permutation(shares).Draw(t, "order"), threshold
}

func TestSTB60_EnoughSharesJoinAndFewerDoNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret, shares, threshold := drawSplit(t)
		got, err := Join(shares[:rapid.IntRange(threshold, len(shares)).Draw(t, "used")]...)
		require.NoError(t, err)
		require.Equal(t, secret, got)
		got, err = Join(shares[:threshold-1]...)
		require.NoError(t, err)
		require.NotEqual(t, secret, got)
		shares[0].Value[rapid.IntRange(0, len(secret)-1).Draw(t, "octet")] ^= 1
		got, err = Join(shares[:threshold]...)
		require.NoError(t, err)
		require.NotEqual(t, secret, got)
	})
}

func TestSTB60_SharesComeBackFromTextAndOctets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, shares, _ := drawSplit(t)
		for _, s := range shares {
			text, err := s.Text()
			require.NoError(t, err)
			require.Len(t, text, 2*len(s.Value)+2)
			got, err := ParseText(strings.ToLower(text))
			require.NoError(t, err)
			require.Equal(t, s, got)
		}
	})
	for _, text := range []string{"", "0", "01", "00" + strings.Repeat("AB", 16), "11" + strings.Repeat("AB", 16), "01" + strings.Repeat("AB", 17), "01" + strings.Repeat("ГЫ", 16)} {
		_, err := ParseText(text)
		require.ErrorIs(t, err, ErrShare, text)
	}
}

func TestSTB60_WhatCannotBeSplitOrJoined(t *testing.T) {
	for _, n := range []int{0, 8, 15, 17, 33, 1 << 16} {
		_, err := Split(make([]byte, n), 3, 2, nil)
		require.ErrorIs(t, err, ErrSecret)
	}
	for _, numbers := range [][2]int{{3, 1}, {3, 0}, {3, -1}, {2, 3}, {17, 2}, {0, 0}} {
		_, err := Split(make([]byte, 16), numbers[0], numbers[1], nil)
		require.ErrorIs(t, err, ErrThreshold)
	}
	_, err := Split(make([]byte, 16), 3, 2, iotest.ErrReader(bytes.ErrTooLarge))
	require.ErrorIs(t, err, bytes.ErrTooLarge)

	a, b := Share{1, make([]byte, 16)}, Share{2, make([]byte, 24)}
	for _, shares := range [][]Share{nil, {a, a}, {a, b}, make([]Share, 17)} {
		_, err := Join(shares...)
		require.ErrorIs(t, err, ErrShares)
	}
	for _, s := range []Share{{}, {0, a.Value}, {17, a.Value}, {257, a.Value}, {-1, a.Value}, {1, make([]byte, 17)}} {
		_, err := Join(s)
		require.ErrorIs(t, err, ErrShare)
	}
}
