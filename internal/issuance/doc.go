// Package issuance turns a paid order into its certificate: what the database
// says was checked and paid is issued by the authority, and the certificate,
// its credentials and the end of the order come into being together.
package issuance
