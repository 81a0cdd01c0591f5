// Package persons has the sample persons of the local stack, all of them
// invented: two organisations with their heads, employees, an individual and a
// sole proprietor, each with a key, a certificate of the sandbox CA and an entry
// in the registers.
package persons
