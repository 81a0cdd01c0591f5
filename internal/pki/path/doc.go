// Package path checks certification paths (RFC 5280, 6): it builds them from
// what is trusted, looks revocation up, and verifies signed documents together
// with their signer's path.
package path
