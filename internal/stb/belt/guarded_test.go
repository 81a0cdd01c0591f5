package belt

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSTB31_GuardedSubstitutionOfEveryOctet(t *testing.T) {
	for x := range uint32(256) {
		for lane := range 4 {
			shift := 8 * lane
			rest := uint32(sbox[0]) * 0x01010101 &^ (0xFF << shift)
			require.Equal(t, rest|uint32(sbox[x])<<shift, substituteGuarded(x<<shift), "%#x in lane %d", x, lane)
		}
	}
}

func TestSTB31_GuardedEqualsFast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		require.Equal(t, Sum256(data), GuardedSum256(data))

		key := (*[KeyOctets]byte)(rapid.SliceOfN(rapid.Byte(), KeyOctets, KeyOctets).Draw(t, "key"))
		src := (*[BlockOctets]byte)(rapid.SliceOfN(rapid.Byte(), BlockOctets, BlockOctets).Draw(t, "block"))
		fast, guarded := NewCipher(key), NewGuardedCipher(key)
		var a, b [BlockOctets]byte
		fast.Encrypt(&a, src)
		guarded.Encrypt(&b, src)
		require.Equal(t, a, b)
		fast.Decrypt(&a, &a)
		require.Equal(t, *src, a)
	})
}
