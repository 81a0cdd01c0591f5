package belt

import (
	"encoding/binary"
	"math/bits"
)

// BlockOctets is the length of a cipher block in octets.
const BlockOctets = 16

// KeyOctets is the length of a cipher key in octets.
const KeyOctets = 32

// The transforms G5, G13 and G21 substitute the four octets of a word and
// rotate the result. Rotations by 5, 13, 21 and 29 differ by whole octets, so
// the same four tables serve all three.
var (
	rot5  = rotatedSbox(5)
	rot13 = rotatedSbox(13)
	rot21 = rotatedSbox(21)
	rot29 = rotatedSbox(29)
)

func rotatedSbox(r int) (t [256]uint32) {
	for i, v := range sbox {
		t[i] = bits.RotateLeft32(uint32(v), r)
	}
	return t
}

func g5(u uint32) uint32 {
	return rot5[byte(u)] ^ rot13[byte(u>>8)] ^ rot21[byte(u>>16)] ^ rot29[byte(u>>24)]
}

func g13(u uint32) uint32 {
	return rot13[byte(u)] ^ rot21[byte(u>>8)] ^ rot29[byte(u>>16)] ^ rot5[byte(u>>24)]
}

func g21(u uint32) uint32 {
	return rot21[byte(u)] ^ rot29[byte(u>>8)] ^ rot5[byte(u>>16)] ^ rot13[byte(u>>24)]
}

// block is a cipher block as four little-endian words.
type block [4]uint32

func loadBlock(src []byte) (b block) {
	for i := range b {
		b[i] = binary.LittleEndian.Uint32(src[4*i:])
	}
	return b
}

func (b *block) store(dst []byte) {
	for i, w := range b {
		binary.LittleEndian.PutUint32(dst[4*i:], w)
	}
}

func (b *block) xor(x *block) {
	for i, w := range x {
		b[i] ^= w
	}
}

// schedule is a cipher key as eight little-endian words; belt-block uses them
// in turn, 56 times.
type schedule [8]uint32

func join(hi, lo *block) schedule {
	return schedule{hi[0], hi[1], hi[2], hi[3], lo[0], lo[1], lo[2], lo[3]}
}

func loadKey(key *[KeyOctets]byte) (k schedule) {
	for i := range k {
		k[i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	return k
}

// encrypt applies belt-block to b in place.
func (k *schedule) encrypt(x *block) {
	a, b, c, d := x[0], x[1], x[2], x[3]
	for i := uint32(1); i <= 8; i++ {
		o := 7 * (i - 1)
		b ^= g5(a + k[o&7])
		c ^= g21(d + k[(o+1)&7])
		a -= g13(b + k[(o+2)&7])
		e := g21(b+c+k[(o+3)&7]) ^ i
		b += e
		c -= e
		d += g13(c + k[(o+4)&7])
		b ^= g21(a + k[(o+5)&7])
		c ^= g5(d + k[(o+6)&7])
		a, b, c, d = b, d, a, c
	}
	x[0], x[1], x[2], x[3] = b, d, a, c
}

// decrypt inverts encrypt.
func (k *schedule) decrypt(x *block) {
	a, b, c, d := x[0], x[1], x[2], x[3]
	for i := uint32(8); i >= 1; i-- {
		o := 7 * (i - 1)
		b ^= g5(a + k[(o+6)&7])
		c ^= g21(d + k[(o+5)&7])
		a -= g13(b + k[(o+4)&7])
		e := g21(b+c+k[(o+3)&7]) ^ i
		b += e
		c -= e
		d += g13(c + k[(o+2)&7])
		b ^= g21(a + k[(o+1)&7])
		c ^= g5(d + k[o&7])
		a, b, c, d = c, a, d, b
	}
	x[0], x[1], x[2], x[3] = c, a, d, b
}

// Cipher is belt-block under one 256-bit key. It is safe for concurrent use.
// See the package documentation for when to prefer [GuardedCipher].
type Cipher struct{ key schedule }

// NewCipher returns the cipher under key.
func NewCipher(key *[KeyOctets]byte) Cipher { return Cipher{key: loadKey(key)} }

// Encrypt writes the encryption of src to dst; they may be the same block.
func (c *Cipher) Encrypt(dst, src *[BlockOctets]byte) {
	b := loadBlock(src[:])
	c.key.encrypt(&b)
	b.store(dst[:])
}

// Decrypt writes the decryption of src to dst; they may be the same block.
func (c *Cipher) Decrypt(dst, src *[BlockOctets]byte) {
	b := loadBlock(src[:])
	c.key.decrypt(&b)
	b.store(dst[:])
}
