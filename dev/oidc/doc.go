// Package oidc is the local stack's stand-in for the portal's OpenID Connect issuer: discovery document, key set, and tokens for
// sample persons, without any sign-in. The tokens are real (RS256, verified through the key set), so that the product's own
// verification is what runs.
package oidc
