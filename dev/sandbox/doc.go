// Package sandbox is the one address under which a stack for trying things out does what the world does by itself: it lets days pass,
// lets registers be silent or differ, and payers pay twice, late or a wrong sum. It also plays the programs of persons: their request
// files, their signatures, their inboxes. docs/sandbox.md has the doors.
//
// Days pass for everybody at once: the Temporal server, PostgreSQL, the product's processes and the other sandboxes go by one clock.
package sandbox
