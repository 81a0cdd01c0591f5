// Package pki parses and builds the documents of a public key infrastructure:
// certification requests (PKCS#10, RFC 2986), certificates and CRLs (RFC 5280)
// and attribute certificates (STB 34.101.67, RFC 5755). Parsing is strict DER.
//
// Its rooms depend on each other in one direction: fault, der, alg, pki, cms, path.
// In fault stands why something is refused, in der the encoding, in alg the
// algorithms and keys, in cms signed data, in path certification paths.
package pki
