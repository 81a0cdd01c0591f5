// Package portaltest serves the portal on top of an API and an issuer that are
// made up, for tests, for designers and for translators: orders in every state
// there is, all of the contract's shapes.
package portaltest
