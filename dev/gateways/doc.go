// Package gateways plays the three outside parties that money comes through: the card gateway ASSIST with its pay page, a terminal of
// ERIP, and a bank that makes statements. They speak the real wire formats to the real adapters, from a browser page, over a JSON API
// for scripts, or from Go.
//
// Faults come with each payment: repeated messages, delays, wrong sums, bad signatures, lost answers, messages that are never sent.
package gateways
