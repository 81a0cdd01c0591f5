package belt

import (
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
)

// EncryptCFB is belt-cfb of STB 34.101.31 with the synchronisation vector iv:
// it writes the encryption of src to dst, which has the same length and may be
// the same slice. Nothing protects the integrity of the result.
func (c *GuardedCipher) EncryptCFB(dst, src []byte, iv *[BlockOctets]byte) {
	previous := *iv
	for len(src) > 0 {
		c.Encrypt(&previous, &previous)
		n := subtle.XORBytes(dst, src, previous[:])
		copy(previous[:], dst[:n])
		dst, src = dst[n:], src[n:]
	}
}

// DecryptCFB is the inverse of [GuardedCipher.EncryptCFB]; dst and src may be
// the same slice.
func (c *GuardedCipher) DecryptCFB(dst, src []byte, iv *[BlockOctets]byte) {
	previous := *iv
	for len(src) > 0 {
		var gamma [BlockOctets]byte
		c.Encrypt(&gamma, &previous)
		copy(previous[:], src)
		n := subtle.XORBytes(dst, src, gamma[:])
		dst, src = dst[n:], src[n:]
	}
}

// CTR is belt-ctr of STB 34.101.31, which is its own inverse: it writes the
// encryption of src to dst, which has the same length and may be the same
// slice. A vector iv must not be used twice with one key; nothing protects the
// integrity of the result.
func (c *GuardedCipher) CTR(dst, src []byte, iv *[BlockOctets]byte) {
	var counter, gamma [BlockOctets]byte
	c.Encrypt(&counter, iv)
	lo, hi := binary.LittleEndian.Uint64(counter[:8]), binary.LittleEndian.Uint64(counter[8:])
	for len(src) > 0 {
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
		binary.LittleEndian.PutUint64(counter[:8], lo)
		binary.LittleEndian.PutUint64(counter[8:], hi)
		c.Encrypt(&gamma, &counter)
		n := subtle.XORBytes(dst, src, gamma[:])
		dst, src = dst[n:], src[n:]
	}
}
