package bash

import (
	"hash"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type function struct {
	new func() hash.Hash
	sum func(data []byte) []byte
}

func functions() map[string]function {
	return map[string]function{
		"bash256": {New256, func(b []byte) []byte { s := Sum256(b); return s[:] }},
		"bash384": {New384, func(b []byte) []byte { s := Sum384(b); return s[:] }},
		"bash512": {New512, func(b []byte) []byte { s := Sum512(b); return s[:] }},
	}
}

func TestSTB77_HashInPieces(t *testing.T) {
	for name, f := range functions() {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			pieces := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 300)).Draw(t, "pieces")
			h := f.new()
			var all []byte
			for _, piece := range pieces {
				n, err := h.Write(piece)
				require.NoError(t, err)
				require.Equal(t, len(piece), n)
				all = append(all, piece...)
				h.Sum(nil) // must not disturb what follows
			}
			require.Equal(t, append([]byte("prefix"), f.sum(all)...), h.Sum([]byte("prefix")))
			h.Reset()
			require.Equal(t, f.sum(nil), h.Sum(nil))
		}))
	}
}

// The padding separates messages that differ in trailing zeros, also around
// the rate.
func TestSTB77_TrailingZerosCount(t *testing.T) {
	for name, f := range functions() {
		seen := map[string]bool{}
		for n := range 300 {
			seen[string(f.sum(make([]byte, n)))] = true
		}
		require.Len(t, seen, 300, name)
	}
}

func TestSTB77_SumsAllocateNothing(t *testing.T) {
	data := make([]byte, 300)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		Sum256(data)
		Sum384(data)
		Sum512(data)
	}))
}

// FuzzHash compares one write with two.
func FuzzHash(f *testing.F) {
	for _, v := range loadVectors(f).Hash {
		f.Add([]byte(v.Msg), uint(64))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		at := int(cut % uint(len(data)+1))
		for _, function := range functions() {
			h := function.new()
			_, _ = h.Write(data[:at])
			_, _ = h.Write(data[at:])
			require.Equal(t, function.sum(data), h.Sum(nil))
		}
	})
}
