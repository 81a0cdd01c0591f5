// Package admission decides who may order: rules A1 to A3 over the certificate
// that somebody has signed in with.
package admission
