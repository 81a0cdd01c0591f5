// Package auth tells who calls the API: bearer JWTs of the portal's OpenID
// Connect issuer, which name the person, the certificate signed in with and
// the organisation chosen.
//
// A token says who somebody is, not what they are allowed to see: that a
// manager is the head of the organisation (M1) and that a certificate is in
// force (A1) is decided elsewhere.
package auth
