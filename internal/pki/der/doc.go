// Package der reads and writes the Distinguished Encoding Rules (X.690) for the
// documents of package pki: strict elements, character strings, times, object
// identifiers; and rewrites indefinite lengths, which some programs leave in
// the outer layers of signed data.
package der
