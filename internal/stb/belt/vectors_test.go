package belt

import (
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"os"
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

type cipherVector struct{ X, K, Y octets }

type vectors struct {
	Substitution octets         `json:"H_table"`
	Encrypt      []cipherVector `json:"block_encrypt"`
	Decrypt      []cipherVector `json:"block_decrypt"`
	Compress     []struct{ X, S, Y octets }
	Hash         []struct{ Msg, Hash octets }
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/belt.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func TestSTB31_SubstitutionTable(t *testing.T) {
	require.Equal(t, []byte(loadVectors(t).Substitution), sbox[:])
}

func TestSTB31_BlockEncryption(t *testing.T) {
	v := loadVectors(t)
	require.NotEmpty(t, v.Encrypt)
	require.NotEmpty(t, v.Decrypt)
	for _, tc := range append(v.Encrypt, v.Decrypt...) {
		guarded := NewGuardedCipher((*[KeyOctets]byte)(tc.K))
		c := NewCipher((*[KeyOctets]byte)(tc.K))
		var out [BlockOctets]byte
		c.Encrypt(&out, (*[BlockOctets]byte)(tc.X))
		require.Equal(t, []byte(tc.Y), out[:])
		guarded.Encrypt(&out, (*[BlockOctets]byte)(tc.X))
		require.Equal(t, []byte(tc.Y), out[:])
		c.Decrypt(&out, &out)
		require.Equal(t, []byte(tc.X), out[:])
	}
}

func TestSTB31_Compression(t *testing.T) {
	v := loadVectors(t)
	require.NotEmpty(t, v.Compress)
	for _, tc := range v.Compress {
		var x [4]block
		for i := range x {
			x[i] = loadBlock(tc.X[16*i:])
		}
		d := Digest{h1: x[2], h2: x[3]}
		s, y1, y2 := d.compress(&x[0], &x[1])
		var out [48]byte
		s.store(out[:])
		y1.store(out[16:])
		y2.store(out[32:])
		require.Equal(t, []byte(tc.S), out[:16])
		require.Equal(t, []byte(tc.Y), out[16:])
	}
}

func TestSTB31_Hash(t *testing.T) {
	v := loadVectors(t)
	require.NotEmpty(t, v.Hash)
	for _, tc := range v.Hash {
		sum := Sum256(tc.Msg)
		require.Equal(t, []byte(tc.Hash), sum[:])
		sum = GuardedSum256(tc.Msg)
		require.Equal(t, []byte(tc.Hash), sum[:])
	}
}

func TestSTB31_ObjectIdentifier(t *testing.T) {
	raw, err := os.ReadFile("testdata/oids.json")
	require.NoError(t, err)
	var oids map[string]struct{ OID, DER string }
	require.NoError(t, json.Unmarshal(raw, &oids))
	require.Equal(t, oids["belt-hash"].OID, OIDHash.String())
	der, err := asn1.Marshal(OIDHash)
	require.NoError(t, err)
	require.Equal(t, oids["belt-hash"].DER, toHex(der))
}

func toHex(b []byte) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, 2*len(b))
	for _, v := range b {
		out = append(out, digits[v>>4], digits[v&15])
	}
	return string(out)
}
