// Package site is everything around the composition: a copy of the checkout in
// which an operator works, and the parties outside (issuer of tokens,
// registers, mail, short messages, ERIP, applicants) behind TLS of a root of
// their own.
package site
