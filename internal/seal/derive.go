package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// derivedSize is the length of derived keys in octets, of their roots too.
const derivedSize = 32

// derivation separates derived keys from what the master keys encrypt.
const derivation = "remote-issuance derived keys"

// rootOf is what all keys derived from a master key rest on (HKDF-Extract, RFC
// 5869); the master key cannot be had from it.
func rootOf(key [KeySize]byte) ([]byte, error) {
	return hkdf.Extract(sha256.New, key[:], []byte(derivation))
}

// Derive gives the 32 octets that the named master key has for a purpose
// (HKDF-SHA-256): always the same ones, and nothing about the key or other
// purposes. Error: ErrUnknownKey.
func (r *Keyring) Derive(id, purpose string) ([]byte, error) {
	root, ok := r.roots[id]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownKey, id)
	}
	return hkdf.Expand(sha256.New, root, purpose, derivedSize)
}
