// Package authority makes the sandbox certification authorities of the local
// stack: for each family of algorithms a root and an issuing CA, laid out as the
// product wants them, with revocation lists that never go stale.
//
// Everything is made once in a data directory; keys lie open, nothing here is
// for use outside the local stack and tests.
package authority
