// Package belt implements the parts of STB 34.101.31 which signatures, key
// transport and key containers need: the block cipher belt-block with a 256-bit
// key, the hash function belt-hash, key wrap belt-kwp and the streams belt-cfb
// and belt-ctr; and on top of belt-hash the HMAC of STB 34.101.47 and the
// derivation of keys from passwords of STB 34.101.45, appendix E. Numbers are
// little-endian throughout, as in the standard.
//
// # Timing
//
// [Cipher] and [Digest] look up precomputed tables, as every fast software
// belt does, so the cache lines they touch depend on key and data. They are
// for public data: messages, certificates, signature verification. Data that
// must stay secret belongs into [GuardedCipher] and [GuardedSum256], which
// compute the substitution instead of looking it up and branch on nothing;
// they are about seven times slower. [WrapKey], [UnwrapKey], [HMAC] and [PBKDF2]
// are built on these.
package belt
