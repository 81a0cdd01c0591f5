// Package bign implements the digital signature bign of STB 34.101.45 on its
// three standard curves: key generation, deterministic signing with one-time
// keys from belt-genk, and verification. Keys and signatures are octet strings
// of little-endian numbers, exactly as SubjectPublicKeyInfo, X.509 and CMS
// carry them.
//
// # Timing
//
// Signing and key generation run in constant time: no branch and no memory
// address depends on the private key or on a one-time key. Multiples of the
// base point come from a fixed sequence of additions with table entries that
// are selected by reading the whole table; numbers have a fixed count of limbs;
// the block cipher and the hash inside belt-genk are the guarded ones of
// package belt. What remains is what Go cannot promise: the compiler could turn
// masks into branches, and keys are not erased from memory.
//
// One-time keys are drawn again when they are not below the curve's order,
// which happens about once in 2^127 signatures and tells nothing about the key
// that is used in the end.
//
// Verification handles public values only and takes variable time.
package bign
