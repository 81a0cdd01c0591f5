package payload

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPack_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "raw")
		packed, err := pack(raw)
		require.NoError(t, err)
		require.LessOrEqual(t, len(packed), len(raw)+1)
		back, err := unpack(packed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(raw, back))
	})
}

func TestPack_RepetitionShrinks(t *testing.T) {
	packed, err := pack(bytes.Repeat([]byte(`{"requestId":"x"},`), 100))
	require.NoError(t, err)
	require.Less(t, len(packed), 200)
}

func TestUnpack_RefusesWhatIsNotPacked(t *testing.T) {
	bomb, err := pack(make([]byte, maxUnpacked+1))
	require.NoError(t, err)
	for name, plain := range map[string][]byte{
		"nothing": nil, "unknown packing": {7, 1}, "cut": {packedDeflate, 0x01}, "bomb": bomb,
	} {
		_, err := unpack(plain)
		require.Error(t, err, name)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{packedAsIs, 1, 2})
	f.Add([]byte{packedDeflate, 3, 0})
	f.Fuzz(func(_ *testing.T, plain []byte) { _, _ = unpack(plain) })
}
