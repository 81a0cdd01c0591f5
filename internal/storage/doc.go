// Package storage gives an issued certificate to whoever knows the login and
// the password made for it, and to nobody who guesses (I4, I5).
//
// Passwords are random (80 bits), kept as a keyed hash (docs/decisions/0052) and,
// until they are delivered, encrypted under a master key. Wrong ones are counted
// per address in a store that all API processes share (docs/decisions/0053); an
// unknown login and a wrong password get the same answer after the same work.
package storage
