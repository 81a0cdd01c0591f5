// Package audit is the append-only log of who decided what, when and on which
// evidence. Every entry carries the hash of the one before it, and signed
// checkpoints fix the hash of an entry at a moment.
//
// The chain shows any change, removal, insertion or reordering made by someone
// who does not recompute every later hash; the checkpoints show it also when
// all later hashes were recomputed, and show entries cut off at the end. What
// happened after the last checkpoint is protected by the chain only, so
// checkpoints belong outside the database as well.
//
// Entries hold identifiers and digests, never names, addresses or numbers of
// people: the log outlives the erasure of an order's data.
//
// The package does no input or output. A repository that appends inside its
// caller's transaction locks the head of the log, calls Next and stores what
// it returns.
package audit
