// Package portal is the reference portal: server-rendered pages for applicants
// and managers, which reach the service through its public HTTP API only, so
// that a portal of somebody else could take its place.
package portal
