// Package client speaks the transport of STB 34.101.78 (draft of version 2, 10) to
// the service for a program of the applicant: it does the work that the header
// Nonce wants, asks again when it is told to, and believes no response that the
// CA's agent has not signed.
package client
