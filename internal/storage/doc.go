// Package storage gives an issued certificate to whoever knows the login and
// the password made for it, and to nobody who guesses (I4, I5).
//
// Passwords are random (80 bits), kept as an argon2id hash and, until they are
// delivered, encrypted under a master key. Attempts are counted per login and
// per address in a store that all API processes share; an unknown login and a
// wrong password get the same answer after the same work.
package storage
