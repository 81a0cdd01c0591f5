// Package request makes the first check of an order: whether the request file
// is one, is signed with the key it names (S3), says the same as the current
// certificate (S4), and asks for the start (S5) and the term (S6) of the rules.
//
// Check is a pure function of its input. What needs the database, such as
// whether the key is in another certificate or order, is left to the caller,
// for whom Result.KeyID is there.
package request
