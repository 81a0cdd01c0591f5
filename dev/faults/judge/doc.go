// Package judge says whether a service that was treated badly has kept what it promises: each order came to an end that what was done to
// it allows, one certificate came of each that was paid and approved and none of any other, each kopeck that was paid is in the ledger
// and is used once or kept with a reason, and nothing is left undone. It reads nothing itself: it compares what was done with what is
// there.
package judge
