// Package stack composes the local stack: a private PostgreSQL cluster, an
// embedded Temporal server with its Web UI, the sandboxes of every outside
// party, sample persons with certificates, and the product's API and worker as
// child processes.
//
// All state is in one data directory; what was there before a stop, or a kill,
// is there after the next start.
package stack
