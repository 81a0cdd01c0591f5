package belt

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSTB31_HashInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 100)).Draw(t, "pieces")
		h := New()
		var all []byte
		for _, piece := range pieces {
			n, err := h.Write(piece)
			require.NoError(t, err)
			require.Equal(t, len(piece), n)
			all = append(all, piece...)
			h.Sum(nil) // must not disturb what follows
		}
		want := Sum256(all)
		require.Equal(t, append([]byte("prefix"), want[:]...), h.Sum([]byte("prefix")))
		h.Reset()
		empty := Sum256(nil)
		require.Equal(t, empty[:], h.Sum(nil))
		require.Equal(t, []int{32, 32}, []int{h.Size(), h.BlockSize()})
	})
}

// Length alone separates messages that differ in trailing zeros.
func TestSTB31_TrailingZerosCount(t *testing.T) {
	seen := map[[Size]byte]bool{}
	for n := range 3 * BlockSize {
		seen[Sum256(make([]byte, n))] = true
	}
	require.Len(t, seen, 3*BlockSize)
}

func TestSTB31_LengthOfLongMessages(t *testing.T) {
	require.Equal(t, block{8}, lengthBlock(1))
	require.Equal(t, block{0, 0, 1}, lengthBlock(1<<61))
	require.Equal(t, block{0xFFFFFFF8, 0xFFFFFFFF, 7}, lengthBlock(^uint64(0)))
}

func TestSTB31_HashAllocatesNothing(t *testing.T) {
	data := make([]byte, 100)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		Sum256(data)
		GuardedSum256(data)
	}))
}

// FuzzHash compares the fast and the guarded way, and one write with two.
func FuzzHash(f *testing.F) {
	for _, v := range loadVectors(f).Hash {
		f.Add([]byte(v.Msg), uint(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		want := Sum256(data)
		require.Equal(t, want, GuardedSum256(data))
		at := int(cut % uint(len(data)+1))
		h := New()
		_, _ = h.Write(data[:at])
		_, _ = h.Write(data[at:])
		require.Equal(t, want[:], h.Sum(nil))
	})
}
