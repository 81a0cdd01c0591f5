// Package draft takes an order through its applicant's own steps: opening it
// (A1–A6), accepting the terms (S1), and uploading a request file that passes
// the first check (S2–S6). Until then the order is a draft, a row of the
// database; what passes is an order, whose workflow is started.
//
// Everything is answered at once and nothing needs Temporal.
package draft
