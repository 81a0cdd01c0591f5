package belt

import (
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type modeVector struct{ K, I, X, Y octets }

type modeVectors struct {
	WideEncrypt, Wrap, CFB, CTR, HMAC []modeVector
	PBKDF2                            []struct {
		Password   string
		Iterations int
		Salt, Key  octets
	}
}

func loadModes(t testing.TB) (v modeVectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/modes.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func TestSTB31_WideBlock(t *testing.T) {
	v := loadModes(t)
	require.Len(t, v.WideEncrypt, 4)
	for _, tc := range v.WideEncrypt {
		c := NewGuardedCipher((*[KeyOctets]byte)(tc.K))
		r := bytes.Clone(tc.X)
		c.encryptWide(r)
		require.Equal(t, []byte(tc.Y), r)
		c.decryptWide(r)
		require.Equal(t, []byte(tc.X), r)
	}
}

func TestSTB31_KeyWrap(t *testing.T) {
	v := loadModes(t)
	require.Len(t, v.Wrap, 3)
	for _, tc := range v.Wrap {
		key, header := (*[KeyOctets]byte)(tc.K), (*[BlockOctets]byte)(tc.I)
		y, err := WrapKey(key, header, tc.X)
		require.NoError(t, err)
		require.Equal(t, []byte(tc.Y), y)
		x, err := UnwrapKey(key, header, tc.Y)
		require.NoError(t, err)
		require.Equal(t, []byte(tc.X), x)
	}
}

func TestSTB31_Streams(t *testing.T) {
	v := loadModes(t)
	require.Len(t, v.CFB, 2)
	require.Len(t, v.CTR, 2)
	for _, tc := range v.CFB {
		c, iv := NewGuardedCipher((*[KeyOctets]byte)(tc.K)), (*[BlockOctets]byte)(tc.I)
		out := bytes.Clone(tc.X)
		c.EncryptCFB(out, out, iv)
		require.Equal(t, []byte(tc.Y), out)
		c.DecryptCFB(out, out, iv)
		require.Equal(t, []byte(tc.X), out)
	}
	for _, tc := range v.CTR {
		c, iv := NewGuardedCipher((*[KeyOctets]byte)(tc.K)), (*[BlockOctets]byte)(tc.I)
		out := make([]byte, len(tc.X))
		c.CTR(out, tc.X, iv)
		require.Equal(t, []byte(tc.Y), out)
		c.CTR(out, out, iv)
		require.Equal(t, []byte(tc.X), out)
	}
}

func TestSTB47_HMAC(t *testing.T) {
	v := loadModes(t)
	require.Len(t, v.HMAC, 3)
	for _, tc := range v.HMAC {
		got := HMAC(tc.K, tc.X)
		require.Equal(t, []byte(tc.Y), got[:])
	}
}

func TestSTB45_PasswordDerivation(t *testing.T) {
	v := loadModes(t)
	require.Len(t, v.PBKDF2, 3)
	for _, tc := range v.PBKDF2 {
		got := PBKDF2([]byte(tc.Password), tc.Salt, tc.Iterations)
		require.Equal(t, []byte(tc.Key), got[:])
	}
}

func drawKey(t *rapid.T) *[KeyOctets]byte {
	return (*[KeyOctets]byte)(rapid.SliceOfN(rapid.Byte(), KeyOctets, KeyOctets).Draw(t, "key"))
}

func drawBlock(t *rapid.T) *[BlockOctets]byte {
	return (*[BlockOctets]byte)(rapid.SliceOfN(rapid.Byte(), BlockOctets, BlockOctets).Draw(t, "block"))
}

func TestSTB31_AnyAlteredWrapIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, header := drawKey(t), drawBlock(t)
		x := rapid.SliceOfN(rapid.Byte(), minKeyOctets, 200).Draw(t, "x")
		kept := bytes.Clone(x)
		y, err := WrapKey(key, header, x)
		require.NoError(t, err)
		require.Equal(t, kept, x)
		got, err := UnwrapKey(key, header, y)
		require.NoError(t, err)
		require.Equal(t, x, got)

		damaged := bytes.Clone(y)
		damaged[rapid.IntRange(0, len(y)-1).Draw(t, "octet")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, err = UnwrapKey(key, header, damaged)
		require.ErrorIs(t, err, ErrIntegrity)
		_, err = UnwrapKey(key, header, y[:len(y)-1])
		require.ErrorIs(t, err, ErrIntegrity)
		_, err = UnwrapKey(key, header, append(y[:len(y):len(y)], 0))
		require.ErrorIs(t, err, ErrIntegrity)
		header[0] ^= 1
		_, err = UnwrapKey(key, header, y)
		require.ErrorIs(t, err, ErrIntegrity)
	})
}

func TestSTB31_LengthsThatCannotBeWrapped(t *testing.T) {
	key, header := new([KeyOctets]byte), new([BlockOctets]byte)
	for _, n := range []int{0, 15, MaxWrapped - 15, MaxWrapped} {
		_, err := WrapKey(key, header, make([]byte, n))
		require.ErrorIs(t, err, ErrKeyLength, "%d octets", n)
	}
	for _, n := range []int{0, 16, 31, MaxWrapped + 1, 1 << 24} {
		_, err := UnwrapKey(key, header, make([]byte, n))
		require.ErrorIs(t, err, ErrIntegrity, "%d octets", n)
	}
	y, err := WrapKey(key, header, make([]byte, MaxWrapped-BlockOctets))
	require.NoError(t, err)
	_, err = UnwrapKey(key, header, y)
	require.NoError(t, err)
}

func TestSTB47_HMACIsThatOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "key")
		data := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "data")
		h := hmac.New(New, key)
		h.Write(data)
		got := HMAC(key, data)
		require.Equal(t, h.Sum(nil), got[:])
	})
}

func TestSTB31_CounterCarries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, iv := NewGuardedCipher(drawKey(t)), drawBlock(t)
		// The vector is the decryption of a counter that is about to overflow.
		fast := NewCipher((*[KeyOctets]byte)(keyOctets(&c)))
		var counter [BlockOctets]byte
		for i := range rapid.IntRange(8, BlockOctets).Draw(t, "octets of ones") {
			counter[i] = 0xFF
		}
		fast.Decrypt(iv, &counter)
		got := make([]byte, BlockOctets)
		c.CTR(got, got, iv)
		for i := range counter {
			if counter[i]++; counter[i] != 0 {
				break
			}
		}
		fast.Encrypt(&counter, &counter)
		require.Equal(t, counter[:], got)
	})
}

// keyOctets writes the schedule back as the key it was read from.
func keyOctets(c *GuardedCipher) []byte {
	out := make([]byte, KeyOctets)
	lo, hi := block(c.key[:4]), block(c.key[4:])
	lo.store(out[:BlockOctets])
	hi.store(out[BlockOctets:])
	return out
}
