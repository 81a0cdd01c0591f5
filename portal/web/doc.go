// Package web is what all journeys of the portal stand on: who is signed in
// (OpenID Connect, a sealed cookie), forms that cannot be forged, pages in
// three languages under a strict content security policy, and one place where
// errors become pages.
package web
