// Package pgtest gives tests an empty, migrated database on a real PostgreSQL.
//
// With TEST_DATABASE_URL set it uses that server, whose role must be allowed to
// create databases. Otherwise the first test of a process starts a private
// cluster from the PostgreSQL binaries of the machine; a watcher stops and
// removes it when the test process ends, however it ends.
package pgtest
