// Package card makes and verifies cards for evidence: one PDF per issued order
// that carries everything by which anybody can tell offline, years later, that
// the certificate was ordered, approved, paid for and issued.
//
// A card holds no statement of its own: every octet of its evidence is covered by
// a digest in the audit log, by a signature, or by the checkpoint that seals
// the log. The verifier brings the roots and the public key of the log.
package card
