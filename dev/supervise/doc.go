// Package supervise starts the child processes of the local stack (the product's own binary and PostgreSQL), waits until they
// are ready, and stops them in good order.
//
// The product runs as real processes and not as goroutines, so that a test which kills a worker kills what production would lose.
// A child never outlives its parent: on Linux the kernel signals it when the parent dies, however that happened.
package supervise
