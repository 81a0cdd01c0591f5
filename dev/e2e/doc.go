// Package e2e has no code of its own: its tests tell the whole story over HTTP
// on the real embedded server with PostgreSQL, skip days, kill processes, send
// what is repeated, late or wrong, and read the raw history.
package e2e
