package belt

import "math/bits"

// encryptGuarded does what encrypt does without secret-dependent look-ups.
func (k *schedule) encryptGuarded(x *block) {
	g := func(u uint32, r int) uint32 { return bits.RotateLeft32(substituteGuarded(u), r) }
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
