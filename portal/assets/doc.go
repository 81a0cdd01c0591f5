// Package assets holds the files that pages are shown with: govuk-frontend
// (MIT, without its crest and typeface) and the portal's own style and script.
// Each is served under an address that holds a hash of its content, compressed
// once, to be kept by browsers for ever.
package assets
