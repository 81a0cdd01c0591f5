// Package ca issues certificates and revocation lists.
//
// Issuing is crash-safe: the exact to-be-signed bytes are stored under the
// order's id before anything is signed, and a retry after a crash at any point
// finishes the same certificate (I1). What an issuer puts into a certificate is
// its profile: configuration beside its certificate and key (I2, I3).
//
// An issuer's key is an encrypted file or lives in a PKCS#11 token (build tag
// pkcs11). Several issuers can stand side by side; the family of the subject's
// key picks one.
package ca
