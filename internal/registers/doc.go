// Package registers asks the state registers about a person, an organisation,
// its taxpayer record, its head and its contract (S7, A4, A5, M1), and compares
// the answers with the subject of a request.
//
// Two registers are public and answer in their own formats: the EGR web API
// (https://egr.gov.by/api/v2/egr) and the taxpayer register GRP. The other three,
// population, heads of organisations and subscribers, are reached by agreement
// only. The public EGR has no method that tells the head of an organisation, so
// the shape of those three answers is the one this package defines for the
// agreement-based channel; an adapter of another shape takes its place behind the
// same records.
//
// Every client answers with a record, with ErrNotFound (the register says that
// there is no such thing: definite, never retried) or with ErrUnavailable (it did
// not say anything usable: to be retried while the order waits). Errors carry
// neither URLs nor values: both hold personal numbers.
package registers
