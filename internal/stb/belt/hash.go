package belt

import (
	"encoding/asn1"
	"encoding/binary"
	"hash"
)

// Size is the length of a belt-hash value in octets.
const Size = 32

// BlockSize is the number of octets belt-hash takes in at a time.
const BlockSize = 32

// OIDHash is the object identifier of belt-hash. It must not be modified.
var OIDHash = asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 31, 81}

// Digest is a running belt-hash. The zero value is not ready: call Reset
// first. It implements [hash.Hash]; unlike the value of [New] it can live on
// the stack.
type Digest struct {
	h1, h2 block // running value
	s      block // sum of the compressions' first outputs
	buf    [BlockSize]byte
	n      int    // octets waiting in buf
	total  uint64 // octets written

	guarded bool // whether the data is secret
}

var _ hash.Hash = (*Digest)(nil)

// New returns a belt-hash of nothing yet.
func New() hash.Hash {
	d := new(Digest)
	d.Reset()
	return d
}

// Sum256 returns the belt-hash of data.
func Sum256(data []byte) [Size]byte {
	var d Digest
	d.Reset()
	_, _ = d.Write(data)
	return d.Sum256()
}

// Reset makes d the hash of nothing yet.
func (d *Digest) Reset() {
	*d = Digest{h1: loadBlock(sbox[:16]), h2: loadBlock(sbox[16:32])}
}

// Size returns [Size].
func (d *Digest) Size() int { return Size }

// BlockSize returns [BlockSize].
func (d *Digest) BlockSize() int { return BlockSize }

// Write adds p to the hashed octets. It never fails.
func (d *Digest) Write(p []byte) (int, error) {
	written := len(p)
	d.total += uint64(written)
	if d.n > 0 {
		took := copy(d.buf[d.n:], p)
		d.n += took
		p = p[took:]
		if d.n < BlockSize {
			return written, nil
		}
		d.absorb(d.buf[:])
		d.n = 0
	}
	for len(p) >= BlockSize {
		d.absorb(p[:BlockSize])
		p = p[BlockSize:]
	}
	d.n = copy(d.buf[:], p)
	return written, nil
}

// Sum appends the hash of what was written so far to b. It does not change d.
func (d *Digest) Sum(b []byte) []byte {
	sum := d.Sum256()
	return append(b, sum[:]...)
}

// Sum256 returns the hash of what was written so far. It does not change d.
func (d *Digest) Sum256() (out [Size]byte) {
	last := *d
	if last.n > 0 {
		clear(last.buf[last.n:])
		last.absorb(last.buf[:])
	}
	length := lengthBlock(last.total)
	_, y1, y2 := last.compress(&length, &last.s)
	y1.store(out[:16])
	y2.store(out[16:])
	return out
}

func (d *Digest) absorb(p []byte) {
	x1, x2 := loadBlock(p[:16]), loadBlock(p[16:32])
	var t block
	t, d.h1, d.h2 = d.compress(&x1, &x2)
	d.s.xor(&t)
}

// lengthBlock is the length in bits as the 128-bit number that closes the hash.
func lengthBlock(octets uint64) block {
	var raw [BlockOctets]byte
	binary.LittleEndian.PutUint64(raw[:8], octets<<3)
	binary.LittleEndian.PutUint64(raw[8:], octets>>61)
	return loadBlock(raw[:])
}

// compress is belt-compress of x1 || x2 and the running value.
func (d *Digest) compress(x1, x2 *block) (s, y1, y2 block) {
	x3, x4 := &d.h1, &d.h2
	mix := *x3
	mix.xor(x4)
	s = d.encrypt(join(x1, x2), &mix)
	y1 = d.encrypt(join(&s, x4), x1)
	inverse := block{^s[0], ^s[1], ^s[2], ^s[3]}
	y2 = d.encrypt(join(&inverse, x3), x2)
	return s, y1, y2
}

// encrypt returns the encryption of x under key, plus x.
func (d *Digest) encrypt(key schedule, x *block) block {
	y := *x
	if d.guarded {
		key.encryptGuarded(&y)
	} else {
		key.encrypt(&y)
	}
	y.xor(x)
	return y
}
