// Package bash implements the hash functions bash256, bash384 and bash512 of
// STB 34.101.77. Words are little-endian. The functions use no tables and no
// branches on data, so their time depends on the message length only.
package bash

import (
	"encoding/asn1"
	"encoding/binary"
	"hash"
)

// Lengths of the hash values in octets.
const (
	Size256 = 32
	Size384 = 48
	Size512 = 64
)

// Object identifiers of the hash functions. They must not be modified.
var (
	OID256 = asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 77, 11}
	OID384 = asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 77, 12}
	OID512 = asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 77, 13}
)

// padding is the octet that ends every message.
const padding = 0x40

// digest is a running hash of a sponge whose rate octets are replaced, not
// xored, by the message.
type digest struct {
	s    state
	buf  [stateOctets]byte
	n    int // octets waiting in buf
	size int
}

var _ hash.Hash = (*digest)(nil)

// New256 returns a bash256 of nothing yet.
func New256() hash.Hash { return newDigest(Size256) }

// New384 returns a bash384 of nothing yet.
func New384() hash.Hash { return newDigest(Size384) }

// New512 returns a bash512 of nothing yet.
func New512() hash.Hash { return newDigest(Size512) }

// Sum256 returns the bash256 of data.
func Sum256(data []byte) (out [Size256]byte) {
	sum(out[:], data)
	return out
}

// Sum384 returns the bash384 of data.
func Sum384(data []byte) (out [Size384]byte) {
	sum(out[:], data)
	return out
}

// Sum512 returns the bash512 of data.
func Sum512(data []byte) (out [Size512]byte) {
	sum(out[:], data)
	return out
}

func sum(out, data []byte) {
	d := digest{size: len(out)}
	d.Reset()
	_, _ = d.Write(data)
	d.finish(out)
}

func newDigest(size int) *digest {
	d := &digest{size: size}
	d.Reset()
	return d
}

func (d *digest) Size() int { return d.size }

// BlockSize is the rate: what the capacity of twice the size leaves.
func (d *digest) BlockSize() int { return stateOctets - 2*d.size }

func (d *digest) Reset() {
	*d = digest{size: d.size}
	d.s[len(d.s)-1] = uint64(d.size)
}

func (d *digest) Write(p []byte) (int, error) {
	written, rate := len(p), d.BlockSize()
	for len(p) > 0 {
		took := copy(d.buf[d.n:rate], p)
		d.n += took
		p = p[took:]
		if d.n == rate {
			d.absorb()
			d.n = 0
		}
	}
	return written, nil
}

func (d *digest) Sum(b []byte) []byte {
	var out [Size512]byte
	last := *d
	last.finish(out[:d.size])
	return append(b, out[:d.size]...)
}

func (d *digest) finish(out []byte) {
	clear(d.buf[d.n:])
	d.buf[d.n] = padding
	d.absorb()
	for i := 0; i < len(out); i += 8 {
		binary.LittleEndian.PutUint64(out[i:], d.s[i/8])
	}
}

func (d *digest) absorb() {
	for i := range d.BlockSize() / 8 {
		d.s[i] = binary.LittleEndian.Uint64(d.buf[8*i:])
	}
	d.s.permute()
}
