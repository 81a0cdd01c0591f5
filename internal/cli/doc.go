// Package cli is the command line of the one binary of this service: the
// long-running processes api and worker, migrate, and the tools of operators.
package cli
