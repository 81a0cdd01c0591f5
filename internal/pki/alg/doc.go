// Package alg knows algorithms and keys. One registry keyed by object
// identifier serves the Belarusian algorithms (STB 34.101.45 with STB 34.101.31
// or STB 34.101.77), ECDSA and RSA alike; crypto/x509 knows only the latter two.
package alg
