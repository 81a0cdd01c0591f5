// Package fault says why a document, a key, a signature or a certification
// path is refused: everything refused in the rooms of package pki is refused
// with an *Error, whose Code is stable and whose text holds nothing of what the
// document says about a person.
package fault
