// Package temporal runs a whole Temporal server, version 1.32, inside the process of the local stack, with its Web UI if wanted:
// on PostgreSQL (persistence and SQL visibility) for the stack, on SQLite in memory for tests.
//
// It also has what a test needs to let days pass on a real server (see SkipTime).
package temporal
