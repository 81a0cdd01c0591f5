// Package erip is a service provider of ERIP, the system «Расчёт»: it answers
// the ServiceProvider_Request messages with which ERIP asks about a payment
// number and reports payments and reversals, and reads the registers of
// transferred payments that are the safety net for lost messages.
//
// The protocol runs over HTTPS, but the package does not: Provider.Handle maps
// the bytes of a request to the bytes of its answer.
package erip
