// Package postgres runs a private PostgreSQL cluster for the local stack out of the machine's own binaries: initialised once in
// the data directory, listening on the loopback address only, with a random password, stopped with its parent.
//
// PostgreSQL refuses to run as root; a root parent starts it as the user postgres.
package postgres
