// Package client calls the public API of the service for the portal, with the
// token of the person who is signed in. It knows nothing but the contract.
package client
