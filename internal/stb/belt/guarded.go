package belt

import (
	"encoding/binary"
	"math/bits"
)

// sboxWords is the substitution as 32 words of eight octets.
var sboxWords = packedSbox()

func packedSbox() (t [32]uint64) {
	for i := range t {
		t[i] = binary.LittleEndian.Uint64(sbox[8*i:])
	}
	return t
}

// substitute is H of one octet. It reads the whole table in the same order
// whatever the octet is and selects by masks.
func substitute(octet uint32) uint32 {
	m0 := -uint64(octet >> 3 & 1)
	m1 := -uint64(octet >> 4 & 1)
	m2 := -uint64(octet >> 5 & 1)
	m3 := -uint64(octet >> 6 & 1)
	m4 := -uint64(octet >> 7 & 1)
	var level [8]uint64
	for i := range level {
		t := (*[4]uint64)(sboxWords[4*i:])
		a := t[0] ^ m0&(t[0]^t[1])
		b := t[2] ^ m0&(t[2]^t[3])
		level[i] = a ^ m1&(a^b)
	}
	for i := range 4 {
		level[i] = level[2*i] ^ m2&(level[2*i]^level[2*i+1])
	}
	a := level[0] ^ m3&(level[0]^level[1])
	b := level[2] ^ m3&(level[2]^level[3])
	word := a ^ m4&(a^b)
	return uint32(word>>(octet&7*8)) & 0xFF
}

func substituteWord(u uint32) uint32 {
	return substitute(u&0xFF) | substitute(u>>8&0xFF)<<8 |
		substitute(u>>16&0xFF)<<16 | substitute(u>>24)<<24
}

// encryptGuarded does what encrypt does without secret-dependent look-ups.
func (k *schedule) encryptGuarded(x *block) {
	g := func(u uint32, r int) uint32 { return bits.RotateLeft32(substituteWord(u), r) }
	a, b, c, d := x[0], x[1], x[2], x[3]
	for i := uint32(1); i <= 8; i++ {
		o := 7 * (i - 1)
		b ^= g(a+k[o&7], 5)
		c ^= g(d+k[(o+1)&7], 21)
		a -= g(b+k[(o+2)&7], 13)
		e := g(b+c+k[(o+3)&7], 21) ^ i
		b += e
		c -= e
		d += g(c+k[(o+4)&7], 13)
		b ^= g(a+k[(o+5)&7], 21)
		c ^= g(d+k[(o+6)&7], 5)
		a, b, c, d = b, d, a, c
	}
	x[0], x[1], x[2], x[3] = b, d, a, c
}

// GuardedCipher is belt-block under a secret key, in time and memory accesses
// independent of key and data. It is safe for concurrent use.
type GuardedCipher struct{ key schedule }

// NewGuardedCipher returns the cipher under key.
func NewGuardedCipher(key *[KeyOctets]byte) GuardedCipher {
	return GuardedCipher{key: loadKey(key)}
}

// Encrypt writes the encryption of src to dst; they may be the same block.
func (c *GuardedCipher) Encrypt(dst, src *[BlockOctets]byte) {
	b := loadBlock(src[:])
	c.key.encryptGuarded(&b)
	b.store(dst[:])
}

// GuardedSum256 returns the belt-hash of secret data, in time and memory
// accesses that depend on its length only.
func GuardedSum256(data []byte) [Size]byte {
	var d Digest
	d.Reset()
	d.guarded = true
	_, _ = d.Write(data)
	return d.Sum256()
}
