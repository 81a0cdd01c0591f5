// Package cms reads, verifies and makes signed data (CMS, RFC 5652; PKCS#7), and
// reads the files in which requests and certificates come: bare or in signed
// data, DER, PEM or base64.
package cms
