// Package evidence is the page where everybody who has a card for evidence finds
// out whether it is good: the service verifies its octets, looks nothing up and
// keeps nothing.
package evidence
