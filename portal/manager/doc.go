// Package manager is the journey of the head of an organisation: which orders
// wait for a decision, the list to read and to sign, the payment, and how far
// the certificates are. Which page a list is at follows from the list alone.
package manager
