package bash

import (
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// octets is a field of the standard's tables, written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	*o = raw
	return err
}

type vectors struct {
	F struct {
		S, Result octets
		After1    octets `json:"after_1"`
		After2    octets `json:"after_2"`
		After3    octets `json:"after_3"`
	} `json:"bash_f"`
	Hash []struct {
		Level  int `json:"l"`
		Length int `json:"msg_len"`
		Msg    octets
		Hash   octets
	}
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/bash.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func loadState(raw []byte) (s state) {
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return s
}

func TestSTB77_PermutationStates(t *testing.T) {
	f := loadVectors(t).F
	s, constant := loadState(f.S), uint64(firstConstant)
	for i, want := range []octets{f.After1, f.After2, f.After3} {
		s.round(constant)
		require.Equal(t, loadState(want), s, "round %d", i+1)
		constant = constant>>1 ^ feedback&-(constant&1)
	}
	s = loadState(f.S)
	s.permute()
	require.Equal(t, loadState(f.Result), s)
}

func TestSTB77_RotationAmounts(t *testing.T) {
	for j := 1; j < len(columnAmounts); j++ {
		a := columnAmounts[j-1]
		want := amounts{7 * a.m1 % 64, 7 * a.n1 % 64, 7 * a.m2 % 64, 7 * a.n2 % 64}
		require.Equal(t, want, columnAmounts[j])
	}
}

func TestSTB77_Hash(t *testing.T) {
	v := loadVectors(t)
	require.Len(t, v.Hash, 11)
	for _, tc := range v.Hash {
		require.Len(t, tc.Msg, tc.Length)
		h := map[int]func() hash.Hash{128: New256, 192: New384, 256: New512}[tc.Level]()
		_, err := h.Write(tc.Msg)
		require.NoError(t, err)
		require.Equal(t, []byte(tc.Hash), h.Sum(nil), "l=%d, %d octets", tc.Level, tc.Length)
	}
}

func TestSTB77_Sizes(t *testing.T) {
	for _, tc := range []struct {
		h          hash.Hash
		size, rate int
	}{{New256(), 32, 128}, {New384(), 48, 96}, {New512(), 64, 64}} {
		require.Equal(t, tc.size, tc.h.Size())
		require.Equal(t, tc.rate, tc.h.BlockSize())
	}
}

func TestSTB77_ObjectIdentifiers(t *testing.T) {
	raw, err := os.ReadFile("testdata/oids.json")
	require.NoError(t, err)
	var oids map[string]struct{ OID, DER string }
	require.NoError(t, json.Unmarshal(raw, &oids))
	for name, oid := range map[string]asn1.ObjectIdentifier{"bash256": OID256, "bash384": OID384, "bash512": OID512} {
		require.Equal(t, oids[name].OID, oid.String())
		der, err := asn1.Marshal(oid)
		require.NoError(t, err)
		require.Equal(t, oids[name].DER, strings.ToUpper(hex.EncodeToString(der)))
	}
}
