// Package pki parses, verifies and builds what a public key infrastructure
// exchanges: certification requests (PKCS#10, RFC 2986), certificates and CRLs
// (RFC 5280), attribute certificates (STB 34.101.67, RFC 5755) and signed data
// (CMS, RFC 5652), and checks certification paths.
//
// One registry of algorithms keyed by object identifier serves the Belarusian
// algorithms (STB 34.101.45 with STB 34.101.31 or STB 34.101.77), ECDSA and RSA
// alike; crypto/x509 knows only the latter two. Parsing is strict DER, except
// for the outer layers of signed data, where indefinite lengths are tolerated.
//
// Everything refused is refused with an *Error, whose Code is stable and whose
// text holds nothing of what the document says about a person.
package pki
