// Package caller calls the public HTTP API the way a portal, a manager's
// browser or a payment gateway does: with a bearer token and nothing else.
package caller
