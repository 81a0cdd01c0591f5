// Package bign implements the digital signature and the key transport of STB
// 34.101.45 on its three standard curves: key generation, deterministic signing
// with one-time keys from belt-genk, verification, and key tokens. Keys,
// signatures and tokens are octet strings of little-endian numbers, exactly as
// SubjectPublicKeyInfo, X.509 and CMS carry them.
//
// # Timing
//
// Signing, key generation and key transport run in constant time on all three
// curves: no branch and no memory address depends on the private key or on a
// one-time key. Multiples of points come from a fixed sequence of additions with
// table entries that are selected by reading the whole table; numbers have a
// fixed count of limbs; the block cipher and the hash inside belt-genk are the
// guarded ones of package belt. The hash of the one-time point uses the fast
// belt-hash, because a signature reveals that point anyway.
//
// What remains is what Go cannot promise. A compiler could turn masks into
// branches; that of Go 1.26 does not on amd64. The multiplications of math/bits
// take constant time on amd64 and arm64, not on every platform. Keys are not
// erased from memory. As signatures are deterministic, an attacker who can
// disturb the computation itself learns from two results for one digest.
//
// One-time keys are drawn again when they are not below the curve's order,
// which happens about once in 2^127 signatures and tells nothing about the key
// that is used in the end.
//
// Verification handles public values only and takes variable time.
package bign
