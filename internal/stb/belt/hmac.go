package belt

import (
	"crypto/subtle"
	"encoding/binary"
)

// hmacKey is hmac-hbelt of STB 34.101.47 after the padded key was hashed, which
// saves half of the work where one key serves for many messages. Keys and
// messages are taken for secret.
type hmacKey struct{ inner, outer Digest }

func newHMACKey(key []byte) (k hmacKey) {
	if len(key) > BlockSize {
		sum := GuardedSum256(key)
		key = sum[:]
	}
	k.inner.start(key, 0x36)
	k.outer.start(key, 0x5C)
	return k
}

// start resets d and takes in the key, filled up with zeros and masked.
func (d *Digest) start(key []byte, mask byte) {
	var pad [BlockSize]byte
	copy(pad[:], key)
	for i := range pad {
		pad[i] ^= mask
	}
	d.Reset()
	d.guarded = true
	_, _ = d.Write(pad[:])
}

func (k *hmacKey) sum(parts ...[]byte) [Size]byte {
	inner, outer := k.inner, k.outer
	for _, p := range parts {
		_, _ = inner.Write(p)
	}
	h := inner.Sum256()
	_, _ = outer.Write(h[:])
	return outer.Sum256()
}

// HMAC is hmac-hbelt of STB 34.101.47: the message authentication code of data
// under a key of any length, in time and memory accesses that depend on the
// lengths only.
func HMAC(key, data []byte) [Size]byte {
	k := newHMACKey(key)
	return k.sum(data)
}

// PBKDF2 derives a key from a password by that many iterations of hmac-hbelt
// (STB 34.101.45, appendix E, of one block of RFC 8018). The standard recommends
// no fewer than 10000 iterations and a salt of no fewer than 8 random octets. Its
// time depends on the lengths and iterations only; see BenchmarkPBKDF2.
func PBKDF2(password, salt []byte, iterations int) [KeyOctets]byte {
	k := newHMACKey(password)
	t := k.sum(salt, binary.BigEndian.AppendUint32(nil, 1))
	key := t
	for range iterations - 1 {
		t = k.sum(t[:])
		subtle.XORBytes(key[:], key[:], t[:])
	}
	return key
}
