// Package events says what has changed, for programs: thin events of orders,
// confirmations and payments, without personal data. Whoever reads one asks the
// API for what it stands for.
package events
